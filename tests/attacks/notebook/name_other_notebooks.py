"""Goal: more notebooks, with the names of other chapters and with odd ones."""


def change(book, folder):
    import json

    for name in ("lab2.ipynb", "../owned.ipynb", "ch06_layers.ipynb", "<script>.ipynb", "a;b&c.ipynb"):
        if "/" not in name:
            (folder / name).write_text(json.dumps(book))
