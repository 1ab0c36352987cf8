"""Goal: a value that runs code when it is copied or read: reduce, setstate, pickled bytes."""


class Bomb:
    def __reduce_ex__(self, protocol):
        return os.system, ("touch /tmp/" + MARK,)

    __reduce__ = __deepcopy__ = __copy__ = lambda self, *args: os._exit(0)


def double(x):
    return Bomb()


def apply(f, x):
    return b"cposix\nsystem\n(S'touch /tmp/" + MARK.encode() + b"'\ntR."
