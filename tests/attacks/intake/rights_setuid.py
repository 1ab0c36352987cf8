"""Goal: a copy that keeps dangerous modes: setuid, sticky, executable."""


def plant(folder, secret):
    (folder / "tool.py").write_text("#!/bin/sh\n")
    (folder / "tool.py").chmod(0o6777)
    (folder / "shared").mkdir()
    (folder / "shared").chmod(0o3777)
