"""Goal: a hundred thousand cells."""


def change(book, folder):
    book["cells"] += [cell("markdown", "x")] * 100_000
