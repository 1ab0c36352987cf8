"""Goal: make the compiler compute: constant folding without end."""
# source: b"x = " + b"**".join([b"9"] * 3) + b"\ny = " + b"*".join([b"(9**9**5)"] * 500) + b"\nz = 'a' * 10**10 * 10"
