"""Goal: a named pipe, on which a reader waits for ever."""


def plant(folder, secret):
    import os

    os.mkfifo(folder / "pipe.py")
    (folder / "mini.py").unlink()
    os.mkfifo(folder / "mini.py")
