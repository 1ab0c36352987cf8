"""Goal: names that leave the folder they are unpacked into."""


def download(path, secret):
    import zipfile

    names = ("../owned.py", "/tmp/owned.py", "a/../../owned.py", "..\\owned.py", "C:\\owned.py", "a//b.py",
             "./../owned.py", "eve\x00.py", "\x1b[2J.py", "a\n.py", "\u202eyp.py")  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, b"x = 1")
