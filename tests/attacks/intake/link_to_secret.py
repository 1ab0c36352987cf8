"""Goal: a symbolic link in the place of the marked file, to the reference or a secret."""


def plant(folder, secret):
    (folder / "mini.py").unlink()
    (folder / "mini.py").symlink_to(secret)
