"""Goal: run a program, with a library of the attacker's loaded into it."""

attempt("execv", os.execv, "/bin/sh", ["sh", "-c", "touch /tmp/" + MARK])
attempt("execve", os.execve, "/bin/sh", ["sh"], {"LD_PRELOAD": "/tmp/" + MARK})
if os.system("touch /tmp/" + MARK) == 0:
    breached("system")
attempt("execveat", syscall, 322 if X86 else 281, -100, "/bin/sh", 0, 0, 0)
