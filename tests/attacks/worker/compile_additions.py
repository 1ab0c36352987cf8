"""Goal: an expression so deep that the compiler's recursion breaks."""
# source: b"x = " + b"+".join([b"a"] * 200_000)
