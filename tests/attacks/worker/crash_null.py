"""Goal: crash at every place where the interpreter can be crashed."""

ctypes = modules["ctypes"]


def double(x):
    ctypes.string_at(0)


def apply(f, x):
    ctypes.memset(id(None), 0, 16)
    return None


class Box:
    def __init__(self, w):
        modules["faulthandler"]._stack_overflow()
