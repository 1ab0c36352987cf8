"""Goal: use up the time of the checks to come: a budget spent at the load."""

modules["time"].sleep(0.35)


def double(x):
    modules["time"].sleep(0.3)
    return x
