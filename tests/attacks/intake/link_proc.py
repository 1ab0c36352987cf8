"""Goal: the magic links of /proc, which lead into the process that reads."""


def plant(folder, secret):
    (folder / "fd.py").symlink_to("/proc/self/environ")
    (folder / "cwd").symlink_to("/proc/self/cwd")
    (folder / "root").symlink_to("/proc/self/root")
