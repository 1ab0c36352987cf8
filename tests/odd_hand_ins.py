"""Every odd hand-in of nbgrader's pitfalls: how it is made, what it is worth, what is said."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom_course import FIRST, HALF, NOTEBOOK, cell_of

from autograder.classroom.course import Course

ANSWER = "Because."
STAND_IN = "the released one stands in for it"
COUNT = f" in {NOTEBOOK}; the released cells count"


@dataclass(frozen=True)
class Odd:
    """What is odd about one hand-in; what it is worth, which answer is marked, what is said."""

    make: Callable[[Course, Path], None]
    line: str = ""
    score: float = 100.0
    answer: str | None = ANSWER
    also: str = ""  # what a later step says of the same


def nothing(course: Course, folder: Path) -> None:
    """Leave the hand-in as it is."""


def book(change: Callable[[dict], None]) -> Callable[[Course, Path], None]:
    """Return how a notebook is changed in place."""

    def make(course: Course, folder: Path) -> None:
        content = json.loads((folder / NOTEBOOK).read_text())
        change(content)
        (folder / NOTEBOOK).write_text(json.dumps(content))

    return make


def raw(data: bytes) -> Callable[[Course, Path], None]:
    return lambda course, folder: (folder / NOTEBOOK).write_bytes(data) and None


def files(**contents: str) -> Callable[[Course, Path], None]:
    """Return how files are added; a double underscore stands for a dot."""

    def make(course: Course, folder: Path) -> None:
        for name, text in contents.items():
            (folder / name.replace("__", ".")).write_text(text)

    return make


def truncated(course: Course, folder: Path) -> None:
    (folder / NOTEBOOK).write_text((folder / NOTEBOOK).read_text()[:400])


def without(*names: str) -> Callable[[Course, Path], None]:
    def make(course: Course, folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return make


def renamed(old: str, new: str) -> Callable[[Course, Path], None]:
    return lambda course, folder: (folder / old).rename(folder / new) and None


def both(*makes: Callable[[Course, Path], None]) -> Callable[[Course, Path], None]:
    def make(course: Course, folder: Path) -> None:
        for each in makes:
            each(course, folder)

    return make


def a_folder(name: str) -> Callable[[Course, Path], None]:
    def make(course: Course, folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).mkdir()
        (folder / name / "inside.py").write_text("x = 1\n")

    return make


def link(name: str, target: Callable[[Course], Path]) -> Callable[[Course, Path], None]:
    def make(course: Course, folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(target(course))

    return make


def duplicate(content: dict) -> None:
    content["cells"] += [cell_of(content, "double"), cell_of(content, "why")]


def delete(content: dict) -> None:
    content["cells"].remove(cell_of(content, "double"))


def edit(content: dict) -> None:
    cell_of(content, "double")["source"] = "60.0"


def add(content: dict) -> None:
    cell = json.loads(json.dumps(cell_of(content, "double")))
    cell["metadata"]["nbgrader"] |= {"grade_id": "bonus", "points": 1000}
    content["cells"].append(cell)


def claim_outputs(content: dict) -> None:
    output = {"output_type": "execute_result", "metadata": {}, "execution_count": 1}
    cell_of(content, "quadruple")["outputs"] = [output | {"data": {"text/plain": "40.0"}}]


def label(name: str, **labels: Any) -> Callable[[dict], None]:
    return lambda content: cell_of(content, name)["metadata"]["nbgrader"].update(labels)


def many(course: Course, folder: Path) -> None:
    for number in range(3000):
        (folder / f"file{number}.txt").touch()


ODD = {
    "plain": Odd(nothing),
    # the notebook
    "missing_notebook": Odd(without(NOTEBOOK), f"{NOTEBOOK} is missing: {STAND_IN}", answer=None),
    "renamed_notebook": Odd(
        renamed(NOTEBOOK, "lab (1).ipynb"),
        f"lab (1).ipynb taken as {NOTEBOOK}, the only notebook of the hand-in",
    ),
    "truncated_notebook": Odd(truncated, f"{NOTEBOOK} cannot be read", answer=None),
    "empty_notebook": Odd(raw(b""), f"{NOTEBOOK} cannot be read", answer=None),
    "non_utf8_notebook": Odd(
        raw(b'{"cells": "\xff\xfe"}'),
        f"{NOTEBOOK} cannot be read",
        answer=None,
    ),
    "folder_as_notebook": Odd(a_folder(NOTEBOOK), f"is not a file: {STAND_IN}", answer=None),
    "two_notebooks": Odd(
        files(other__ipynb="{}"), "other.ipynb is not a notebook of this chapter: put aside"
    ),
    # its graded cells
    "duplicated_cell": Odd(book(duplicate), f"double duplicated, why duplicated{COUNT}"),
    "deleted_cell": Odd(book(delete), f"double deleted{COUNT}"),
    "edited_cell": Odd(book(edit), f"double edited{COUNT}"),
    "added_cell": Odd(book(add), f"bonus added{COUNT}"),
    "changed_points": Odd(book(label("double", points=1000)), f"double given other points{COUNT}"),
    "changed_metadata": Odd(
        book(label("double", solution=True, locked=False)), f"double relabelled{COUNT}"
    ),
    "old_schema": Odd(
        book(label("double", schema_version=1)), f"double of another nbgrader schema{COUNT}"
    ),
    "claimed_outputs": Odd(both(files(mini__py=HALF), book(claim_outputs)), score=60.0),
    # the Python file
    "no_py": Odd(without("mini.py"), "mini.py is missing", score=0.0),
    "two_py": Odd(files(old__py=HALF), "old.py: beside mini.py, which alone is marked"),
    "two_other_py": Odd(
        both(renamed("mini.py", "a.py"), files(b__py="x = 1\n")),
        "mini.py is missing; there is a.py, b.py",
        score=0.0,
    ),
    "renamed_py": Odd(
        renamed("mini.py", "mini (2).py"),
        "mini (2).py: taken as mini.py, the only Python file of the hand-in",
    ),
    "py_of_another_chapter": Odd(
        both(without("mini.py"), files(layers__py="class Dense:\n    pass\n")),
        "layers.py: taken as mini.py, the only Python file of the hand-in",
        score=0.0,
    ),
    "folder_as_py": Odd(a_folder("mini.py"), "mini.py", score=0.0),
    # links and strange files
    "linked_gradebook": Odd(
        link("notes.txt", lambda course: course.gradebook),
        "notes.txt is not a regular file: left out",
    ),
    "linked_py": Odd(
        link("mini.py", lambda course: course.project.root / f"solutions/{FIRST}/mini.py"),
        "mini.py is not a regular file: left out",
        score=0.0,
        also="mini.py is missing",
    ),
    "linked_folder": Odd(
        link("up", lambda course: course.root), "up is a link to a folder: left out"
    ),
    "named_pipe": Odd(
        lambda course, folder: os.mkfifo(folder / "pipe.py"),
        "pipe.py is not a regular file: left out",
    ),
    "foreign_files": Odd(files(data__bin="x"), "data.bin: not a file that is marked, left out"),
    "control_characters": Odd(
        lambda course, folder: (folder / "a\x1b[31m.py").touch(),
        "a?[31m.py has a name with odd characters: left out",
    ),
    "many_files": Odd(
        many,
        "more than 2000 entries: the rest was not looked at",
        also="more than 200 files: 1800 were left out",
    ),
    "stamp_as_folder": Odd(a_folder("timestamp.txt")),
    # who
    "stranger": Odd(nothing, "not on the roster, taken all the same: add a line there, or correct"),
}
