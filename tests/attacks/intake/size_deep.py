"""Goal: folders nested until their path is longer than the system allows."""


def plant(folder, secret):
    import os

    here = os.open(folder, os.O_RDONLY)
    for _ in range(40):
        os.mkdir("d" * 250, dir_fd=here)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
        os.close(os.open("deep.py", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
