"""Goal: the recursions in C that no limit guards: repr, pickling, compiling, comparing."""

sys.setrecursionlimit(10**8)


def double(x):
    eval("(" * 100 + "-" * 100_000 + "1" + ")" * 100)


def apply(f, x):
    value = []
    for _ in range(10**6):
        value = [value]
    return value == value[:]


class Box:
    def __init__(self, w):
        modules["json"].loads("[" * 10**6)
