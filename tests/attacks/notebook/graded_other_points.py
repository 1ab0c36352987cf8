"""Goal: the same cells with other points: many, negative, not a number."""


def change(book, folder):
    points = iter([1e9, -1e9, float("nan"), float("inf"), "100", None, [], {}] * 10)
    for one in graded(book):
        one["metadata"]["nbgrader"]["points"] = next(points)
