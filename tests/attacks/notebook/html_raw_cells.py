"""Goal: raw cells, which go into a page without any change."""


def change(book, folder):
    for one in book["cells"]:
        one["cell_type"] = "raw"
        one["metadata"]["raw_mimetype"] = one["metadata"]["format"] = "text/html"
        one["source"] = "<script>alert(1)</script>"
        for key in ("outputs", "execution_count"):
            one.pop(key, None)
