"""Goal: a file of terabytes without a single block."""


def plant(folder, secret):
    import os

    for name in ("mini.py", "lab.ipynb", "data.npz"):
        (folder / name).touch()
        os.truncate(folder / name, 1 << 42)
