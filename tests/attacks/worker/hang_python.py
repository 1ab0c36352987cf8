"""Goal: never come back, whatever is raised."""


def double(x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
