"""Goal: use up the machine's memory with many small objects."""


def double(x):
    keep = []
    while True:
        keep.append([0] * 100_000)
