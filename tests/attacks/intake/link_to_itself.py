"""Goal: links that lead round in a circle."""


def plant(folder, secret):
    (folder / "a.py").symlink_to("b.py")
    (folder / "b.py").symlink_to("a.py")
    (folder / "loop").symlink_to(".")
