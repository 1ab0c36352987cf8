"""The instructor's round through nbgrader: release, collect, write the gradebook, give feedback.

One process, one writer: nbgrader's import is paid once, and a hand-in that fails stops nobody else.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.classroom import gradebook, notebooks, results
from autograder.classroom.api import opened, run, run_exchange
from autograder.classroom.course import Course
from autograder.classroom.handin import prepare, released_notebooks
from autograder.errors import UserError
from autograder.manifest import Chapter


@dataclass(frozen=True)
class Marked:
    """What the gradebook now holds of one hand-in: a score, or the problem that left it without."""

    student: str
    score: float | None
    max_score: float
    problem: str | None = None
    odd: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collected:
    """What a collection brought: whose hand-ins are new, whose lie there, and what was odd."""

    new: tuple[str, ...]
    students: tuple[str, ...]
    odd: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """One student's feedback: the page, or why there is none; `released` if it can be fetched."""

    student: str
    path: Path | None
    released: bool
    problem: str | None = None


def release(course: Course, chapter: Chapter, *, verbose: bool = False) -> str:
    """Build the chapter, put it into the gradebook and the exchange; return what happened.

    Doing it again is harmless. Once somebody has handed in, nbgrader refuses a changed set of
    exercises.
    """
    name = chapter.name
    before = _contents(course.outbound(name))
    with opened(course, verbose) as api:
        _build(course, chapter)
        with _kept_on_failure(course.release(name)):
            run(f"{name} cannot be released", lambda: api.generate_assignment(name))
        run(f"{name} cannot be released", lambda: api.release_assignment(name))
        gradebook.enrol(api, course)
    now = _contents(course.outbound(name))
    if not before:
        return f"{name} released: {', '.join(sorted(now))}"
    changed = sorted(n for n in before.keys() | now.keys() if before.get(n) != now.get(n))
    return f"{name} released again: {', '.join(changed) or 'nothing'} changed"


def collect(course: Course, chapter: str, *, verbose: bool = False) -> Collected:
    """Bring in the latest hand-in of every student and make each safe to read."""
    released_notebooks(course, chapter)
    with opened(course, verbose) as api:
        what = f"{chapter} cannot be collected"
        app = run_exchange(what, api, "Collect", {"assignment_id": chapter}, update=True)
    students = course.students_who_submitted(chapter)
    odd = list(app.odd.pop("", []))
    for student in students:
        sentences = app.odd.get(student, []) + prepare(course, chapter, student)
        odd += [f"{student}: {sentence}" for sentence in sentences]
    return Collected(tuple(sorted(app.taken)), tuple(students), tuple(odd))


def collected(course: Course, chapter: str) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the folders of all collected hand-ins by student, each of them safe to read.

    The second value says of each other one why it cannot be read.
    """
    found, problems = {}, {}
    for student in course.students_who_submitted(chapter):
        try:
            prepare(course, chapter, student)
            found[student] = course.submitted(student, chapter)
        except (UserError, OSError) as error:
            problems[student] = _sentence(error)
    return found, problems


def autograde(
    course: Course,
    chapter: str,
    students: list[str] | None = None,
    *,
    unsafe: bool = False,
    verbose: bool = False,
) -> list[Marked]:
    """Write the marks of all collected hand-ins (or of `students`) into the gradebook.

    A hand-in that could not be marked gets no score at all, an earlier one is withdrawn; the
    others go on.
    """
    chosen = course.students_who_submitted(chapter) if students is None else students
    with opened(course, verbose, unsafe) as api:
        return [_autograde(api, course, chapter, student, unsafe) for student in chosen]


def _autograde(api: Any, course: Course, chapter: str, student: str, unsafe: bool) -> Marked:
    odd: list[str] = []
    try:
        odd = prepare(course, chapter, student)
        exercises = results.exercises_of(course, chapter, student, unsafe=unsafe)
        run(student, lambda: api.autograde(chapter, student))
        score, points = gradebook.confirm(api, chapter, student, exercises)
        return Marked(student, score, points, odd=tuple(odd))
    except Exception as error:  # one hand-in must not stop the class
        return _without_score(api, course, chapter, student, _sentence(error), odd)


def withdraw(course: Course, chapter: str, problems: dict[str, str]) -> list[Marked]:
    """Leave the students in `problems` without an automatic score, for the reason given."""
    if not problems:
        return []
    with opened(course) as api:
        return [_without_score(api, course, chapter, *item, []) for item in problems.items()]


def _without_score(
    api: Any, course: Course, chapter: str, student: str, problem: str, odd: list[str]
) -> Marked:
    gradebook.withdraw(api, chapter, student)
    shutil.rmtree(course.autograded(student, chapter), ignore_errors=True)
    return Marked(student, None, 0.0, problem, tuple(odd))


def feedback(course: Course, chapter: str, *, verbose: bool = False) -> list[Page]:
    """Make the feedback page of every marked hand-in and release it to the exchange."""
    with opened(course, verbose) as api:
        students = sorted(api.get_autograded_students(chapter))
        return [_feedback(api, course, chapter, student) for student in students]


def _feedback(api: Any, course: Course, chapter: str, student: str) -> Page:
    folder = course.feedback(student, chapter)
    try:
        run(student, lambda: api.generate_feedback(chapter, student))
        page = next(iter(sorted(folder.glob("*.html"))))
    except Exception as error:
        return Page(student, None, False, _sentence(error))
    try:
        run(student, lambda: api.release_feedback(chapter, student))
    except UserError as error:
        return Page(student, page, False, f"made, but cannot be fetched: {error}")
    return Page(student, page, True)


def _build(course: Course, chapter: Chapter) -> None:
    from autograder.build.assemble import build_source

    folder = course.source(chapter.name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    build_source(chapter, folder)
    notebooks.refuse_secrets(folder)


@contextlib.contextmanager
def _kept_on_failure(folder: Path) -> Iterator[None]:
    """Put `folder` back if the body fails: nbgrader deletes a release that it cannot renew."""
    with tempfile.TemporaryDirectory() as safe:
        copy = Path(safe, "release")
        if folder.exists():
            shutil.copytree(folder, copy)
        try:
            yield
        except BaseException:
            if copy.exists():
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(copy, folder)
            raise


def _contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _sentence(error: Exception) -> str:
    if isinstance(error, UserError):
        return str(error)
    lines = str(error).splitlines() or ["no reason given"]
    return f"{type(error).__name__}: {lines[0]}"
