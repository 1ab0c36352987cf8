"""Goal: another root, another folder, another file system."""

attempt("chdir", os.chdir, "/tmp")
attempt("fchdir", os.fchdir, 0)
attempt("chroot", os.chroot, "/")
attempt("mount", syscall, 165 if X86 else 40, b"none\0", b"/tmp\0", b"tmpfs\0", 0, 0)
attempt("pivot_root", syscall, 155 if X86 else 41, b"/\0", b"/\0")
attempt("umount", syscall, 166 if X86 else 39, b"/proc\0", 2)
attempt("move_mount", syscall, 429, -100, b"/\0", -100, b"/tmp\0", 0)
