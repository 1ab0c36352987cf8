"""Goal: numbers without end, constants that are no JSON, keys twice."""


def change(book, folder):
    import json

    text = json.dumps(book)
    return text.replace('"nbformat": 4', '"nbformat": 4, "x": ' + "9" * 100_000 + ', "y": NaN', 1).encode()
