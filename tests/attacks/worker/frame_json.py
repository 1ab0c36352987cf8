"""Goal: text that a JSON reader stumbles over: depth, constants, twins, bad encodings."""


def double(x):
    body = b'{"op":"ret","v":' + b"[" * 100_000
    send(head(len(body), []) + body)


def apply(f, x):
    body = b'{"op":"err","op":"ret","m":[],"v":NaN,"v":Infinity}'
    send(head(len(body), []) + body)


class Box:
    def __init__(self, w):
        body = b"\xff\xfe" + '{"op":"ret"}'.encode("utf-16-le")
        send(head(len(body), []) + body)
