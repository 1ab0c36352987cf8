"""A course of small chapters for the tests of the classroom: built, released, handed in to."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from mini_chapter import MINI_HIDDEN, MINI_MANIFEST, MINI_PUBLIC, MINI_SOLUTION, mini_source

from autograder.classroom import api
from autograder.classroom.arrival import stamp
from autograder.classroom.course import Course, open_course
from autograder.manifest import Chapter, load_chapter
from autograder.project import Project

FIRST, SECOND = "ch01_mini", "ch02_mini"
NOTEBOOK = "lab.ipynb"
RIGHT = mini_source("return 2.0 * x", "return 4.0 * x")
HALF = mini_source("return 2.0 * x", "return 5.0 * x")  # 60 of 100

_QUESTION = """
[[questions]]
name = "why"
points = 10
"""

_LAB = """
# %% [markdown]
# # Mini

# %% check="double"

# %% check="quadruple"

# %% [markdown] question="why"
# Why?
#
# ### BEGIN SOLUTION
# Because twice two is four.
# ### END SOLUTION
"""


def make_project(root: Path, *names: str) -> Project:
    """Write a project with a small chapter of each name."""
    for name in names:
        files = {
            f"autograder/suites/{name}/chapter.toml": MINI_MANIFEST + _QUESTION,
            f"autograder/suites/{name}/test_public.py": MINI_PUBLIC,
            f"autograder/suites/{name}/test_hidden.py": MINI_HIDDEN,
            f"solutions/{name}/mini.py": MINI_SOLUTION,
            f"solutions/{name}/lab.py": _LAB,
        }
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text.lstrip("\n"), encoding="utf-8")
    return Project(root)


def make_course(project: Project, root: Path, settings: str = "", students: str = "") -> Course:
    """Make a course; `students` names those on the roster, without any there is no roster."""
    text = 'id = "test"\nname = "Test"\ncache = "cache"\n'
    if students:
        lines = [f"{name},{name.title()},Roth,{name}@example.org" for name in students.split()]
        roster = "\n".join(["id,first_name,last_name,email", *lines])
        root.mkdir(parents=True, exist_ok=True)
        (root / "roster.csv").write_text(roster + "\n", encoding="utf-8")
        text += 'roster = "roster.csv"\n'
    return set_up(project, root, text + settings)


def set_up(project: Project, root: Path, text: str) -> Course:
    """Write course.toml and open the course."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "course.toml").write_text(text, encoding="utf-8")
    return open_course(project, root)


def chapter_of(course: Course, name: str = FIRST) -> Chapter:
    return load_chapter(course.project, name)


def copy_of(course: Course, root: Path, settings: str = "", students: str = "") -> Course:
    """Return a copy of a released course with other settings: a new gradebook costs seconds."""
    shutil.copytree(course.root, root, dirs_exist_ok=True)
    return make_course(course.project, root, settings, students)


def released_notebook(course: Course, chapter: str = FIRST) -> dict:
    """Return a released notebook, to be changed and handed in."""
    return json.loads((course.release(chapter) / NOTEBOOK).read_text(encoding="utf-8"))


def answered(course: Course, text: str = "Because.", chapter: str = FIRST) -> str:
    """Return the text of a notebook with the written answer `text`."""
    book = released_notebook(course, chapter)
    cell_of(book, "why")["source"] = text
    return json.dumps(book)


def cell_of(book: dict, name: str) -> dict:
    """Return the cell of a notebook with this grade id."""
    labels = [cell["metadata"].get("nbgrader", {}) for cell in book["cells"]]
    (index,) = [i for i, label in enumerate(labels) if label.get("grade_id") == name]
    return book["cells"][index]


def hand_in(
    course: Course,
    student: str,
    files: dict[str, str | bytes],
    chapter: str = FIRST,
    at: datetime | None = None,
) -> Path:
    """Put a hand-in where nbgrader's submit puts them; `at` is the time that its name tells."""
    at = at or datetime.now(UTC)
    name = f"{student}+{chapter}+{stamp(at)}+x{len(list(_inbound(course).iterdir()))}"
    folder = _inbound(course) / name
    for file, content in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def _inbound(course: Course) -> Path:
    return course.exchange / course.id / "inbound"


def give_points(course: Course, student: str, name: str, points: float) -> None:
    """Mark a cell by hand, as the formgrader does."""
    with api.opened(course) as nb, nb.gradebook as book:
        grade = book.find_grade(name, "lab", FIRST, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def needs_a_look(course: Course, student: str) -> set[str]:
    """Return the cells that the formgrader asks somebody to look at."""
    with api.opened(course) as nb, nb.gradebook as book:
        (notebook,) = book.find_submission(FIRST, student).notebooks
        return {grade.name for grade in notebook.grades if grade.needs_manual_grade}
