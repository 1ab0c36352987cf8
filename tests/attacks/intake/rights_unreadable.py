"""Goal: files and folders that cannot be read, so that the run stops there."""


def plant(folder, secret):
    (folder / "more.py").write_text("x = 1")
    (folder / "more.py").chmod(0)
    (folder / "closed").mkdir()
    (folder / "closed" / "x.py").write_text("x = 1")
    (folder / "closed").chmod(0)
