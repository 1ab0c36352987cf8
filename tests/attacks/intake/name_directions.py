"""Goal: names that read differently from what they are."""


def plant(folder, secret):
    for name in ("\u202eyp.ini\u2066m.py", "mini\u200b.py", "m\u0456ni.py", "\ufeffmini.py"):
        (folder / name).write_text("x = 1")
        (folder / (name + ".x")).symlink_to("/etc/passwd")
