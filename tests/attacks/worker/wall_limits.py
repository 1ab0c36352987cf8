"""Goal: lift the limits of this process."""

resource = modules["resource"]
for name in ("AS", "CPU", "FSIZE", "NOFILE", "NPROC", "CORE", "STACK", "MEMLOCK"):
    which = getattr(resource, "RLIMIT_" + name)
    attempt("setrlimit " + name, resource.setrlimit, which, (-1, -1))
    attempt("lower " + name, resource.setrlimit, which, (0, 0))
attempt("setrlimit by number", syscall, 160 if X86 else 164, 0, b"\xff" * 16)
