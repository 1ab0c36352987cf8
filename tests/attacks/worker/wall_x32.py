"""Goal: the system calls of the x32 interface: numbers with another bit."""
# machine: x86_64

CALLS = {"open": 2, "execve": 520, "getpid": 39, "ptrace": 521}


def double(x):
    for name, number in CALLS.items():
        attempt("x32 " + name, syscall, number | 0x40000000, b"/etc/passwd\0", 0, 0)
    breached("still alive after a call of x32")
    raise RuntimeError(report())
