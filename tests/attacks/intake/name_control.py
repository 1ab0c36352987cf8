"""Goal: names that write into the instructor's terminal."""


def plant(folder, secret):
    for name in ("\x1b]0;passed\x07.py", "a\nmini.py: passed.py", "\x1b[2J.dat", "\x9b31m.md", "\r0.txt"):
        (folder / name).write_text("x = 1")
        (folder / f"link {name}").symlink_to("/etc/passwd")
        (folder / f"folder {name}").mkdir()
