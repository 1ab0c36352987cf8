"""Goal: a user namespace of its own, in which everything is allowed."""

for name, flag in {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000}.items():
    attempt("unshare " + name, syscall, 272 if X86 else 97, flag)
    attempt("clone " + name, syscall, 56 if X86 else 220, flag | 17, 0, 0, 0, 0)
attempt("setns", syscall, 308 if X86 else 268, 3, 0)
