"""Goal: a pattern that backtracks for ever."""


def double(x):
    modules["re"].match("(a+)+$", "a" * 60 + "b")
