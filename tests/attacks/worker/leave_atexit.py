"""Goal: do something after the end: atexit, weakref and excepthook handlers."""


def late():
    attempt("late write", os.open, "/tmp/" + MARK, os.O_CREAT | os.O_WRONLY)


modules["atexit"].register(late) if "atexit" in modules else None
sys.excepthook = sys.unraisablehook = lambda *args: late()


def double(x):
    sys.exit(0)
