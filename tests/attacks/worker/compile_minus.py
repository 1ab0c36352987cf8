"""Goal: overflow the compiler with a long chain of operators."""
# source: b"x = " + b"-" * 900_000 + b"1"
