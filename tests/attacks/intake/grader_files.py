"""Goal: files that a tool of the instructor's would obey: settings, hooks, ignore lists."""


def plant(folder, secret):
    (folder / ".git" / "hooks").mkdir(parents=True)
    (folder / ".git" / "hooks" / "post-checkout").write_text("#!/bin/sh\ntouch /tmp/owned\n")
    (folder / "nbgrader_config.py").write_text("raise SystemExit")
    (folder / "jupyter_config.json").write_text("{")
    (folder / "chapter.toml").write_text("points = 1000")
    (folder / "result.json").write_text('{"score": 100}')
    (folder / "gradebook.db").write_bytes(b"SQLite format 3\0")
