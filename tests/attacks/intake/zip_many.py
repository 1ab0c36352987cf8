"""Goal: a hundred thousand members."""


def download(path, secret):
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        for number in range(51_000):
            archive.writestr(f"eve_{number}.py", b"")
