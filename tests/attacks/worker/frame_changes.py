"""Goal: change objects of the grader that were not handed over for that."""


def double(x):
    send(frame({"op": "ret", "v": None, "m": [[n, [0]] for n in range(100)]}))


def apply(f, x):
    send(frame({"op": "ret", "v": {"R": 0}, "m": [[True, {"R": 0}]]}))
