"""Goal: the kernel's tables of everybody: mounts, sockets, keys, symbols, other users' processes."""

for name in ("mounts", "net/unix", "keys", "kallsyms", "modules", "version", "1/cmdline", "sys/kernel/hostname"):
    fd = attempt("/proc/" + name, os.open, "/proc/" + name, 0)
    if fd is not None:
        tell(os.read(fd, 1 << 16))
attempt("syslog", syscall, 103 if X86 else 116, 3, b"\0" * 4096, 4096)
attempt("getpgid", os.getpgid, os.getppid())
attempt("getsid", os.getsid, os.getppid())
attempt("sched_getparam", os.sched_getparam, os.getppid())
