"""Goal: end the grader's process with sys.exit, from a function and from a constructor."""


def double(x):
    sys.exit(0)


class Box:
    def __init__(self, w):
        raise SystemExit
