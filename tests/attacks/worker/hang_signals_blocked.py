"""Goal: hang in C with every signal blocked."""

modules["signal"].pthread_sigmask(0, range(1, 65))


def double(x):
    return pow(3, 10**9)
