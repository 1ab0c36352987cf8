"""Goal: names that look like paths elsewhere."""


def plant(folder, secret):
    for name in ("..\\..\\owned.py", "...py", "..py", "C:mini.py", "~owned.py", "%2e%2e%2fowned.py", "-rf.py"):
        (folder / name).write_text("x = 1")
    (folder / "..." / "..").mkdir(parents=True, exist_ok=True)
    (folder / "...").joinpath("owned.py").write_text("x = 1")
