"""Goal: encodings that cost the square of their length, or that must be read from the disk."""
# source: b"# coding: punycode\nx = '" + b"a" * 200_000 + b"-" + b"z" * 200_000 + b"'\n"
