"""Goal: a folder with the name of the marked file."""


def plant(folder, secret):
    (folder / "mini.py").unlink()
    (folder / "mini.py").mkdir()
    (folder / "mini.py" / "mini.py").write_text("x = 1")
    (folder / "lab.ipynb").mkdir()
