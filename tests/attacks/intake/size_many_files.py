"""Goal: a hundred thousand files."""


def plant(folder, secret):
    import os

    (folder / "many").mkdir()
    many = os.open(folder / "many", os.O_RDONLY)
    for number in range(100_000):
        os.mknod(f"f{number}.py", dir_fd=many)
    os.close(many)
