"""Goal: values nested so deep that whoever reads them overflows."""


def double(x):
    value = []
    for _ in range(49):
        value = [value]
    return value


def apply(f, x):
    value = {}
    for _ in range(100_000):
        value = {"a": value}
    return value
