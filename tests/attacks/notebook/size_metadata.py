"""Goal: metadata of many megabytes, with half a million keys."""


def change(book, folder):
    book["metadata"]["x"] = {f"k{n}": n for n in range(500_000)}
