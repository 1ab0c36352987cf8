"""Goal: become somebody else."""

for name in ("setuid", "setgid", "seteuid", "setegid"):
    attempt(name, getattr(os, name), 0)
attempt("setreuid", os.setreuid, 0, 0)
attempt("setresuid", os.setresuid, 0, 0, 0)
attempt("setgroups", os.setgroups, [0])
attempt("capset", syscall, 126 if X86 else 91, b"\x22\x05\x08\x20" + b"\0" * 4, b"\xff" * 24)
attempt("setfsuid", syscall, 122 if X86 else 151, 0)
