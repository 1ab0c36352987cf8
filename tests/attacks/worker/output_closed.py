"""Goal: confuse whoever reads the output by closing every descriptor."""


def double(x):
    for fd in (0, 1, 2, 4):
        os.close(fd)
    print("into nothing")
    raise ValueError("closed")
