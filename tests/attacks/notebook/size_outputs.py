"""Goal: outputs of many megabytes."""


def change(book, folder):
    for one in book["cells"][:10]:
        if one["cell_type"] == "code":
            one["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 4_000_000}]
