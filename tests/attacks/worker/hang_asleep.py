"""Goal: sleep through the deadline."""


def double(x):
    modules["time"].sleep(10**6)
