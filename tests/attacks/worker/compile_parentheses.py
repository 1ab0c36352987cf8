"""Goal: overflow the parser."""
# source: b"x = " + b"(" * 100_000
