"""Goal: nesting that overflows whoever reads it."""


def change(book, folder):
    return b'{"cells":' + b"[" * 200_000 + b"]" * 200_000 + b',"metadata":{},"nbformat":4,"nbformat_minor":5}'
