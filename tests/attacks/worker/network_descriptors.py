"""Goal: pass a descriptor to the grader, or ask for one of its."""

attempt("sendmsg", syscall, 46 if X86 else 211, 3, b"\0" * 56, 0)
attempt("recvmsg", syscall, 47 if X86 else 212, 3, b"\0" * 56, 0)
attempt("sendmmsg", syscall, 307 if X86 else 269, 3, b"\0" * 64, 1, 0)
