"""Goal: a byte order mark and a declaration that contradict each other."""
# source: b"\xef\xbb\xbf# coding: latin-1\nx = '\xff'\n"
