"""Goal: two members of one name, the second one shown and the first one marked; other cases too."""


def download(path, secret):
    import warnings
    import zipfile

    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        for name in ("eve_mini.py", "eve_mini.py", "EVE_mini.py", "eve_MINI.py", "adam_mini.py"):
            archive.writestr(name, b"x = 1")
