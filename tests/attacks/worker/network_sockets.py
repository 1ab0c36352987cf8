"""Goal: send what was found to another machine, or talk to a service of this one."""

import itertools

for family, kind in itertools.product((1, 2, 10, 16, 17, 38, 40), (1, 2, 3, 5)):
    attempt(f"socket {family} {kind}", syscall, 41 if X86 else 198, family, kind, 0)
attempt("socketpair", syscall, 53 if X86 else 199, 1, 1, 0, b"\0" * 8)
attempt("connect", syscall, 42 if X86 else 203, 3, b"\1\0/run/x\0", 9)
attempt("bind", syscall, 49 if X86 else 200, 3, b"\1\0\0" + MARK.encode(), 12)
attempt("listen", syscall, 50 if X86 else 201, 3, 1)
attempt("accept", syscall, 43 if X86 else 202, 3, 0, 0)
attempt("setsockopt", syscall, 54 if X86 else 208, 3, 1, 16, b"\1\0\0\0", 4)
attempt("shutdown", syscall, 48 if X86 else 210, 3, 2)
