"""Goal: names that are one file on another system, and the wrong one there."""


def plant(folder, secret):
    for name in ("Mini.py", "MINI.PY", "mini.PY", "mini.py ", "mini.py."):
        (folder / name).write_text("raise SystemExit")
