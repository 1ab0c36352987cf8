"""Goal: cells that are marked by hand become marked by machine, and the other way round."""


def change(book, folder):
    for one in graded(book):
        label = one["metadata"]["nbgrader"]
        label["solution"] = not label["solution"]
        label["task"] = True
        label["cell_type"] = one["cell_type"] = "markdown"
        one.pop("outputs", None)
        one.pop("execution_count", None)
