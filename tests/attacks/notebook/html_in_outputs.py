"""Goal: a script in an output, which a page would show as it is."""


def change(book, folder):
    evil = {"text/html": "<script>alert(1)</script>", "image/svg+xml": "<svg onload='alert(1)'/>",
            "application/javascript": "alert(1)", "text/latex": "$\\href{javascript:1}{x}$",
            "text/markdown": "[x](javascript:1)", "application/vnd.jupyter.widget-view+json": {}}  # fmt: skip
    for one in book["cells"]:
        if one["cell_type"] == "code":
            one["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": evil}]
