"""Goal: somebody else's file in the hand-in, moved or linked there."""
# owner: another


def plant(folder, secret):
    import os

    (folder / "sub").mkdir()
    os.link(secret, folder / "sub" / "more.py")
    os.link(secret, folder / "lab.ipynb.py")
