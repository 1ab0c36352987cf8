"""Goal: an encoding whose name is a path."""
# source: b"# coding: ../../../../etc/passwd\nx = 1\n"
