"""Goal: a script in whatever page shows the message."""

EVIL = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>"


def double(x):
    print(EVIL)
    raise ValueError(EVIL)


def apply(f, x):
    return EVIL


Box = type(EVIL, (), {})
