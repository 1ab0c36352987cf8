"""Goal: a file in UTF-16."""
# source: "import os\nos._exit(0)\n".encode("utf-16")
