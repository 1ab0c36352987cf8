"""Goal: source that reads differently from what it does: bidirectional marks in a comment."""
# source: "def double(x):\n    '''\u202e ;x * 2 nruter\u2066'''\n    raise ValueError('\u202e')\n".encode()
