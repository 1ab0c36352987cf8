"""Goal: MSG_OOB on a Unix socket, which has let sandboxed code into the kernel before."""

for name, flags in {"MSG_OOB": 1, "MSG_ZEROCOPY": 0x4000000, "MSG_MORE": 0x8000}.items():
    attempt("send " + name, syscall, 44 if X86 else 206, 3, b"x", 1, flags, 0, 0)
    attempt("receive " + name, syscall, 45 if X86 else 207, 3, b"\0", 1, flags | 0x40, 0, 0)
attempt("send to a name", syscall, 44 if X86 else 206, 3, b"x", 1, 0, b"\1\0\0x", 4)
