"""Goal: a hundred thousand names, functions and classes in one file."""
# source: b"\n".join(b"def f%d(): pass" % n for n in range(50_000))
