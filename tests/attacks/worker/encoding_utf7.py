"""Goal: an encoding in which the code is not what it seems."""
# source: b"# coding: utf-7\n+AGkAbQBwAG8AcgB0ACAAbwBz-\n"
