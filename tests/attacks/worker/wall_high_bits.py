"""Goal: numbers and arguments with bits that a filter of 32 bits does not look at."""

for high in (1 << 32, 1 << 63, -(1 << 32)):
    for name, number in {"openat": 257 if X86 else 56, "kill": 62 if X86 else 129}.items():
        attempt(f"{name} with high bits", syscall, number + high, -100, b"/etc/passwd\0", 0, 0)
attempt("prlimit high pointer", syscall, 302 if X86 else 261, 0, 0, 1 << 32, 0)
attempt("fcntl high command", syscall, 72 if X86 else 25, 3, (1 << 32) | 8, os.getppid())
attempt("tgkill high pid", syscall, 234 if X86 else 131, (1 << 32) | os.getppid(), os.getppid(), 9)
