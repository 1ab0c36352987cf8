"""Goal: a device that never ends."""


def plant(folder, secret):
    import os
    import stat

    try:
        os.mknod(folder / "zero.py", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:  # an ordinary user can only point at one
        (folder / "zero.py").symlink_to("/dev/zero")
