"""Goal: shared mappings beyond the limit, which nobody's heap counts."""

mmap = modules.get("mmap")


def double(x):
    room = []
    for _ in range(10_000):
        address = syscall(9 if X86 else 222, 0, 1 << 30, 3, 0x21, -1, 0)
        room.append(address)
    breached("ten terabytes of shared memory")
