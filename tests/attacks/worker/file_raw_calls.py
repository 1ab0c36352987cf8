"""Goal: the calls that open files by other names than open."""

path = SECRETS[0].encode() + b"\0"
if X86:
    attempt("open", syscall, 2, path, 0, 0)
    attempt("creat", syscall, 85, b"/tmp/" + MARK.encode(), 0o600)
attempt("openat2", syscall, 437, -100, path, b"\0" * 24, 24)
attempt("openat writing", syscall, 257 if X86 else 56, -100, b"/tmp/" + MARK.encode(), 0o101, 0o600)
attempt("openat", syscall, 257 if X86 else 56, -100, path, 0, 0)
attempt("O_PATH", syscall, 257 if X86 else 56, -100, path, 0o10000000, 0)
attempt("O_TMPFILE", syscall, 257 if X86 else 56, -100, b"/tmp\0", 0o20200002, 0o600)
attempt("name_to_handle_at", syscall, 303 if X86 else 264, -100, path, b"\0" * 200, b"\0" * 4, 0)
attempt("open_by_handle_at", syscall, 304 if X86 else 265, 0, b"\0" * 200, 0)
attempt("open_tree", syscall, 428, -100, path, 0)
attempt("fsopen", syscall, 430, b"tmpfs\0", 0)
attempt("memfd_secret", syscall, 447, 0)
attempt("memfd_create", syscall, 319 if X86 else 279, b"x\0", 0)
