"""Goal: links and devices as members of the archive."""


def download(path, secret):
    import stat
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        for kind in (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK):
            info = zipfile.ZipInfo(f"eve_{kind}.py")
            info.external_attr = (kind | 0o777) << 16
            archive.writestr(info, str(secret))
