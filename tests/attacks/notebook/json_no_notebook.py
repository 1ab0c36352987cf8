"""Goal: something else than a notebook, of the same name."""


def change(book, folder):
    return b"\x89PNG\r\n" + bytes(1000)
