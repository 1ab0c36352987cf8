"""Goal: hide code from whoever reads it behind an encoding."""
# source: b"# -*- coding: rot13 -*-\n" + b"vzcbeg bf\n"
