"""Goal: a link to what does not exist yet, so that a copy creates it."""


def plant(folder, secret):
    (folder / "later.py").symlink_to(secret.with_name("owned.py"))
    (folder / "lab.ipynb").symlink_to(secret.with_name("owned.ipynb"))
