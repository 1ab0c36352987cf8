"""Goal: the grader's environment, arguments and paths, also those of the process's first page."""

tell(repr(dict(os.environ)) + repr(sys.argv) + repr(sys.path) + repr(sys.orig_argv))
tell(repr(sys.flags) + repr(modules["sysconfig"].get_config_vars() if "sysconfig" in modules else ""))
if "PYTHONPATH" in os.environ or sys.path:
    breached("a path")
ctypes = modules["ctypes"]
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.pythonapi, "environ")
for n in range(10_000):
    if not environ or environ[n] is None:
        break
    tell(environ[n])
