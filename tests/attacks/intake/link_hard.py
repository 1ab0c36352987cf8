"""Goal: a hard link to somebody else's file: the instructor can read it, the student cannot."""
# owner: another


def plant(folder, secret):
    import os

    os.link(secret, folder / "notes.py")
    (folder / "mini.py").unlink()
    os.link(secret, folder / "mini.py")
