"""Goal: a view without memory of its own that becomes terabytes on the way out."""


def double(x):
    return np.lib.stride_tricks.as_strided(x, (1 << 20, 1 << 20), (0, 0))


def apply(f, x):
    return np.broadcast_to(1.0, (1 << 16, 1 << 16))
