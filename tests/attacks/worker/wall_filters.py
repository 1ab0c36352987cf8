"""Goal: another filter or rule set on top that lets calls through."""

attempt("seccomp", syscall, 317 if X86 else 277, 1, 0, b"\1\0" + b"\0" * 14)
attempt("seccomp strict", syscall, 317 if X86 else 277, 0, 0, 0)
attempt("landlock_create", syscall, 444, 0, 0, 1)
attempt("landlock_restrict", syscall, 446, 0, 0)
attempt("personality", syscall, 135 if X86 else 92, 0x0040000)
attempt("modify_ldt", syscall, 154, 1, b"\0" * 16, 16) if X86 else None
attempt("iopl", syscall, 172, 3) if X86 else None
attempt("reboot", syscall, 169 if X86 else 142, 0, 0, 0, 0)
attempt("init_module", syscall, 175 if X86 else 105, 0, 0, b"\0")
attempt("kexec", syscall, 246 if X86 else 104, 0, 0, 0, 0)
