"""Goal: an exception of a hundred megabytes, and one whose text cannot be made."""


def double(x):
    raise ValueError("y" * (100 << 20))


class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


def apply(f, x):
    raise Mute
