"""Goal: use descriptors that were left open, or make new ones out of the old."""

for fd in range(5, 1100):
    try:
        os.lseek(fd, 0, 1)
        breached(f"descriptor {fd} is open")
    except OSError as error:
        if error.errno != 9:
            breached(f"descriptor {fd} is open")
for path in ("/proc/self/fd/1", "/dev/fd/3", "/dev/stdin"):
    attempt(path, os.open, path, os.O_RDWR)
attempt("dup", os.dup, 3)
attempt("dup2", os.dup2, 1, 9)
attempt("F_DUPFD", syscall, 72 if X86 else 25, 1, 0, 9)
attempt("ftruncate", os.ftruncate, 1, 1 << 40)
attempt("fchmod", os.fchmod, 1, 0o777)
attempt("sendfile", os.sendfile, 1, 4, 0, 10)
attempt("splice", syscall, 275 if X86 else 76, 3, 0, 1, 0, 10, 0)
