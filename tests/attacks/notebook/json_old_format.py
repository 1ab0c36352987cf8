"""Goal: a notebook of the third format, whose upgrade does other things."""


def change(book, folder):
    import json

    inner = [{"cell_type": "code", "input": "x", "outputs": [], "language": "evil", "metadata": {}}] * 3
    book = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "<script>"},
            "worksheets": [{"cells": inner, "metadata": {}}] * 3}  # fmt: skip
    return json.dumps(book).encode()
