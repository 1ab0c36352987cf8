"""Goal: names that are no text, which cannot be printed or stored."""


def plant(folder, secret):
    import os

    for name in (b"\xff\xfe.py", b"caf\xe9.py", b"\xed\xa0\x80.dat"):
        path = os.fsencode(folder) + b"/" + name
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        os.symlink(b"/etc/passwd", path + b".link")
        os.mkdir(path + b".folder")
