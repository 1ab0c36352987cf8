"""Goal: bytes that are no text at all."""
# source: b"x = 1\x00\nimport os\n" + bytes(range(256)) * 100
