"""Goal: hang inside a C function, where no Python signal handler runs."""


def double(x):
    return sum(range(10**12))
