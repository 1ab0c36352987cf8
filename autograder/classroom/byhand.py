"""Points given by hand: they stay when a hand-in is marked again, and say when to look again.

nbgrader asks for another look at every one of them whenever it marks; only a changed answer, or a
changed score of the code that was overruled, needs one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.classroom import notebooks
from autograder.classroom.course import Course
from autograder.classroom.gradebook import grades_of
from autograder.classroom.handin import released_notebooks


@dataclass(frozen=True)
class Given:
    """Points that a person gave for one cell, and what that person saw."""

    points: float
    settled: bool
    seen: object  # the answer's text, or the exercise's own score


def given(api: Any, course: Course, chapter: str, student: str) -> dict[str, Given]:
    """Return the points given by hand for a hand-in, by the name of the cell."""
    texts = _answers(course, chapter, student)
    with api.gradebook as book:
        return {
            grade.name: Given(grade.manual_score, not grade.needs_manual_grade, _seen(grade, texts))
            for grade in grades_of(book, chapter, student)
            if grade.manual_score is not None
        }


def settle(
    api: Any, course: Course, chapter: str, student: str, before: dict[str, Given]
) -> list[str]:
    """Take back the wish for another look where nothing changed; return a sentence where it did."""
    texts = _answers(course, chapter, student)
    odd = []
    with api.gradebook as book:
        for grade in grades_of(book, chapter, student):
            one = before.get(grade.name)
            if one is None:
                continue
            if one.seen is not None and one.seen == _seen(grade, texts):
                grade.needs_manual_grade = not one.settled
            else:
                odd.append(_changed(grade, one))
        book.db.commit()
    return odd


def _changed(grade: Any, one: Given) -> str:
    points = f"the {one.points:g} points given by hand stay, look at it again"
    if grade.cell_type == "code":
        return f"{grade.name} was marked anew: {points}"
    return f"the answer to {grade.name} was handed in anew: {points}"


def _seen(grade: Any, texts: dict[str, str]) -> object:
    return grade.auto_score if grade.cell_type == "code" else texts.get(grade.name)


def _answers(course: Course, chapter: str, student: str) -> dict[str, str]:
    """Return the texts as they lie before whoever marks by hand; nothing before the first time."""
    found: dict[str, str] = {}
    for released in released_notebooks(course, chapter):
        path = course.autograded(student, chapter) / released.name
        if notebooks.trouble(path) is None:
            found |= notebooks.answers(notebooks.read(path))
    return found
