"""Goal: a link to a folder full of secrets."""


def plant(folder, secret):
    (folder / "all").symlink_to(secret.parent)
    (folder / "root").symlink_to("/")
