"""Goal: a marked file of many megabytes."""


def plant(folder, secret):
    (folder / "mini.py").write_bytes(b"# filler\n" * 4_000_000)
    (folder / "big.py").write_bytes(b"x" * ((1 << 20) + 1))
