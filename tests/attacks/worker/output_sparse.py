"""Goal: an output of an exabyte with nothing in it."""


def double(x):
    os.lseek(1, 1 << 60, 0)
    os.write(1, b"x")
    breached("a sparse output")
    return x
