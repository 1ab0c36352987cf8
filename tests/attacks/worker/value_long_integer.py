"""Goal: an integer whose decimal text takes hours."""


def double(x):
    return 1 << 10_000_000


def apply(f, x):
    body = b'{"op":"ret","m":[],"v":' + b"9" * 4_000_000 + b"}"
    send(head(len(body), []) + body)
