"""Goal: handles of objects that do not exist, of kinds that are none, with methods of ours."""


def double(x):
    methods = [["_session", None], ["__class__", None], ["value", "evil.py:1"]]
    send(frame({"op": "ret", "v": {"H": [1, "module", "m", 1, methods, "mini.py:1"]}, "m": []}))


def apply(f, x):
    send(frame({"op": "ret", "v": {"H": [-1, "grader", "m", 1, None, None]}, "m": []}))
