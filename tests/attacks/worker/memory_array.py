"""Goal: use up the machine's memory with one array."""


def double(x):
    return np.ones(1 << 33)
