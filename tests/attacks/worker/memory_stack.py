"""Goal: overflow the C stack."""

sys.setrecursionlimit(10**9)


def double(x):
    return double(x)


def apply(f, x):
    value = ()
    for _ in range(10**6):
        value = (value,)
    return repr(value)
