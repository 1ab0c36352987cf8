"""Goal: look around: names, sizes and times of files."""

for what, f in {
    "listdir": lambda: os.listdir("/"),
    "scandir": lambda: list(os.scandir(b"/proc")),
    "stat": lambda: os.stat(SECRETS[0]),
    "access": lambda: os.access(SECRETS[0], os.R_OK) or 1 / 0,
    "readlink": lambda: os.readlink("/proc/self/exe"),
    "getcwd": os.getcwd,
    "statvfs": lambda: os.statvfs("/"),
    "getxattr": lambda: os.listxattr("/"),
    "getdents": lambda: syscall(217 if X86 else 61, 0, b"\0" * 999, 999),
}.items():
    attempt(what, f)
