"""Goal: leave something in the kernel for an accomplice: shared memory, queues, keys."""

attempt("shmget", syscall, 29 if X86 else 194, 0, 4096, 0o1600)
attempt("semget", syscall, 64 if X86 else 190, 0, 1, 0o1600)
attempt("msgget", syscall, 68 if X86 else 186, 0, 0o1600)
attempt("mq_open", syscall, 240 if X86 else 180, MARK.encode() + b"\0", 0o100, 0o600, 0)
attempt("add_key", syscall, 248 if X86 else 217, b"user\0", MARK.encode() + b"\0", b"x", 1, -3)
attempt("keyctl", syscall, 250 if X86 else 219, 0, -3, 0)
attempt("pipe", os.pipe)
attempt("shm_open", os.open, "/dev/shm/" + MARK, os.O_CREAT | os.O_RDWR)
