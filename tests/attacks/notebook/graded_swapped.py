"""Goal: the names of easy and hard exercises exchanged."""


def change(book, folder):
    cells = graded(book)
    names = [one["metadata"]["nbgrader"]["grade_id"] for one in cells]
    for one, name in zip(cells, names[1:] + names[:1], strict=True):
        one["metadata"]["nbgrader"]["grade_id"] = name
