"""Goal: arrays whose shape, type or buffer is not what their size says."""

EIGHT = b"\0" * 8


def double(x):
    send(frame({"op": "ret", "v": {"A": ["<f8", [1 << 61], 0, "C", True]}, "m": []}, EIGHT))


def apply(f, x):
    send(frame({"op": "ret", "v": {"A": ["|O8", [1], 0, "C", True]}, "m": []}, EIGHT))


class Box:
    def __init__(self, w):
        array = {"A": ["<f8", [1], 0, "C", True]}
        send(frame({"op": "ret", "v": [array, array], "m": []}, EIGHT))
