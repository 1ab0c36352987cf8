"""Goal: Python files with the names of modules that the grader imports."""


def plant(folder, secret):
    for name in ("numpy", "conftest", "sitecustomize", "autograder", "mini.cpython-311", "support"):
        (folder / f"{name}.py").write_text("raise SystemExit")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "mini.cpython-311.pyc").write_bytes(b"\xa7\r\r\n" + bytes(12))
