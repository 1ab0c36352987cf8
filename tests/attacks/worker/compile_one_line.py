"""Goal: one line of nearly a megabyte, with an error at its end."""
# source: b"x = [" + b"1," * 500_000 + b"]]"
