"""Goal: values that contain themselves, or the same part a billion times."""


def double(x):
    value = []
    value.append(value)
    return value


def apply(f, x):
    value = [0]
    for _ in range(45):
        value = [value] * 10
    return value
