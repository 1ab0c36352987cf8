"""Goal: break the memory manager, in the hope that something useful comes of it."""

ctypes = modules["ctypes"]


def double(x):
    thing = [1, 2, 3]
    for _ in range(1000):
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(thing))
    return thing
