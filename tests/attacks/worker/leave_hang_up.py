"""Goal: close the connection and go on computing unseen."""


def double(x):
    os.close(3)
    while True:
        pass
