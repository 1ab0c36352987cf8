"""Goal: text that reads differently from what it is: bidirectional marks, surrogates, blanks."""

EVIL = "\u202e0 fo 001\u2066\u200b\u2028\ud800\udfff\ufeff"


def double(x):
    print(EVIL)
    raise ValueError(EVIL)


def apply(f, x):
    return EVIL
