"""Goal: labels of types that nobody expects."""


def change(book, folder):
    odd = [None, [], 7, "x", {"grade_id": []}, {"grade_id": {"a": 1}}, {"grade": "yes", "grade_id": "\x1b[2J"}]
    for one, label in zip(book["cells"], odd * 50, strict=False):
        one["metadata"]["nbgrader"] = label
