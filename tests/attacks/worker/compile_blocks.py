"""Goal: blocks nested deeper than the compiler allows."""
# source: b"".join(b" " * n + b"if 1:\n" for n in range(500)) + b" " * 500 + b"pass\n"
