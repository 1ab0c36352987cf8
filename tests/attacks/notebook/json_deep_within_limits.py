"""Goal: nesting that the reader survives and a later step does not."""


def change(book, folder):
    value = "x"
    for _ in range(900):
        value = {"a": value}
    book["metadata"]["deep"] = value
