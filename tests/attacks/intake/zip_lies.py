"""Goal: sizes and sums in the directory that are not those of the members."""


def download(path, secret):
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eve_mini.py", bytes(60 << 20))
    data = bytearray(path.read_bytes())
    size = (60 << 20).to_bytes(4, "little")
    at = data.find(size)
    while at >= 0:
        data[at : at + 4] = (10).to_bytes(4, "little")
        at = data.find(size, at + 1)
    path.write_bytes(data)
