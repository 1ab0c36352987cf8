"""Goal: a script by way of the notebook's own metadata: titles, authors, kernels, widgets."""

EVIL = "</title><script>alert(1)</script>"


def change(book, folder):
    book["metadata"] |= {
        "title": EVIL, "authors": [{"name": EVIL}], "kernelspec": {"name": EVIL, "display_name": EVIL},
        "language_info": {"name": EVIL, "pygments_lexer": EVIL, "codemirror_mode": EVIL},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {EVIL: {}}}},
        "celltoolbar": EVIL, "latex_metadata": {"author": EVIL},
    }  # fmt: skip
    for one in book["cells"]:
        one["metadata"]["tags"] = [EVIL, "raises-exception", "remove_cell", "injected-parameters"]
        one["id"] = "x"
