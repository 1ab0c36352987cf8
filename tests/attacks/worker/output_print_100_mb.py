"""Goal: print a hundred megabytes."""


def double(x):
    for _ in range(100):
        print("x" * (1 << 20))
    return x
