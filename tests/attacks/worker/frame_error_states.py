"""Goal: errors that stand for another state: waiting, not started, a missing name, a type."""


def double(x):
    raise NotImplementedError("apply")


def apply(f, x):
    about = {"kind": "SkipTest", "mro": ["Skipped", "BaseException", "SystemExit", "ValueError"]}
    about |= {"text": "passed", "frames": [["test_hidden.py", 1, "f"]], "load": False}
    send(frame({"op": "err", "e": {**about, "missing": "x" * 10_000, "callback": None}}))


class Box:
    def __init__(self, w):
        error = AttributeError("gone")
        error.missing = "Box"
        raise error
