"""Goal: control sequences that rewrite the instructor's terminal or its title."""

EVIL = "\x1b[2J\x1b[1;1H\x1b]0;passed\x07\x9b31m\r\x08\x00"


def double(x):
    print(EVIL)
    raise ValueError(EVIL)


def apply(f, x):
    print(EVIL)
    return EVIL


Box = type(EVIL, (), {"__init__": lambda self, w: None, EVIL: lambda self: 0})
Box.__qualname__ = EVIL
