"""Goal: names of a megabyte, for functions, classes, methods and attributes."""

LONG = "n" * (1 << 20)


def double(x):
    return type(LONG, (), {LONG: lambda self: 0})()


def apply(f, x):
    def inner():
        raise type(LONG, (Exception,), {})(LONG)

    inner.__code__ = inner.__code__.replace(co_name=LONG, co_qualname=LONG)
    inner()
