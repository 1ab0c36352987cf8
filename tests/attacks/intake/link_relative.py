"""Goal: a relative link that leaves the hand-in."""


def plant(folder, secret):
    (folder / "more.py").symlink_to(f"../{secret.name}")
    (folder / "up.py").symlink_to("../../../../../../../../etc/passwd")
