"""Goal: a daemon that outlives the submission and writes a file later."""


def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            modules["time"].sleep(1)
            os.open("/tmp/" + MARK, os.O_CREAT | os.O_WRONLY)
        os._exit(0)


attempt("daemon", daemon)
attempt("setsid", os.setsid)
attempt("setpgid", os.setpgid, 0, 0)
