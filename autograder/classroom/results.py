"""The marks of a collected hand-in, as the sandbox gave them."""

from __future__ import annotations

from typing import Any

from autograder.classroom.course import Course
from autograder.errors import UserError
from autograder.manifest import load_chapter


def result_of(
    course: Course, chapter: str, student: str, *, unsafe: bool = False
) -> dict[str, Any]:
    """Return the Result (as JSON data) of a student's collected hand-in.

    It is read where marking stored it; a hand-in that has not been marked yet is marked now.
    """
    from autograder.grading.run_all import result_for
    from autograder.grading.store import Store

    known = load_chapter(course.project, chapter)
    folder = course.submitted(student, chapter)
    return result_for(known, folder, Store(course.root), unsafe=unsafe).to_json()


def exercises_of(
    course: Course, chapter: str, student: str, *, unsafe: bool = False
) -> dict[str, dict[str, Any]]:
    """Return the marked exercises by name.

    Raises UserError for a hand-in that could not be marked: that is our failure, never a zero.
    """
    result = result_of(course, chapter, student, unsafe=unsafe)
    if result["status"] != "graded":
        why = "; ".join(result.get("notes", ())) or "no reason given"
        raise UserError(f"{chapter} of {student} could not be marked: {why}")
    if (result["chapter"], result["student"]) != (chapter, student):
        raise UserError(f"the stored result of {student} for {chapter} belongs to somebody else")
    exercises = {exercise["name"]: exercise for exercise in result["exercises"]}
    if not exercises:
        raise UserError(f"the result of {student} for {chapter} has no exercises")
    return exercises
