"""Goal: a hand-in from before the deadline, by its time stamps."""


def plant(folder, secret):
    import os

    (folder / "timestamp.txt").write_text("1970-01-01 00:00:00 UTC")
    os.utime(folder / "mini.py", (0, 0))
    os.utime(folder, (-(1 << 33), 1 << 34))
