"""The instructor's round through nbgrader: release, collect, write the gradebook, give feedback.

One process, one writer: nbgrader's import is paid once, and a hand-in that fails stops nobody else.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.classroom import byhand, gradebook, lateness, notebooks, results
from autograder.classroom.api import opened, run, run_exchange
from autograder.classroom.course import Course
from autograder.classroom.handin import prepare, released_notebooks
from autograder.errors import UserError
from autograder.manifest import Chapter

_KEY = "submission_secret.txt"  # by it, nbgrader lets a student fetch the feedback
NOT_LISTED = "not on the roster, taken all the same: add a line there, or correct the id"


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
    """One student's feedback: the page, or why there is none; `released` if it can be fetched.

    What did not come through the exchange has a page that nobody can fetch, and no problem.
    """

    student: str
    path: Path | None
    released: bool
    problem: str | None = None


def release(course: Course, chapter: Chapter, *, verbose: bool = False) -> str:
    """Build the chapter, put it into the gradebook and the exchange; return what happened.

    Doing it again is harmless. Once somebody has handed in, nbgrader refuses a changed set of
    exercises.
    """
    course.require_roster()
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
    course.require_roster()
    released_notebooks(course, chapter)
    with opened(course, verbose) as api:
        gradebook.enrol(api, course)
        what = f"{chapter} cannot be collected"
        app = run_exchange(what, api, "Collect", {"assignment_id": chapter}, update=True)
    odd = list(app.odd.pop("", []))
    return made_safe(course, chapter, app.taken, odd, app.odd)


def collect_zip(
    course: Course, chapter: str, path: Path, pattern: str = "", *, verbose: bool = False
) -> Collected:
    """Bring in what a learning platform lets instructors download, and make each safe to read."""
    from autograder.classroom.api import require_nbgrader

    require_nbgrader()
    from nbgrader.utils import temp_attrs

    from autograder.classroom.unzip import open_zip
    from autograder.classroom.zipcollect import run_zip_collect

    course.require_roster()
    released_notebooks(course, chapter)
    open_zip(path, str(path)).close()
    with opened(course, verbose) as api, temp_attrs(api.coursedir, assignment_id=chapter):
        gradebook.enrol(api, course)
        found = run_zip_collect(api, path.absolute(), pattern)
    return made_safe(course, chapter, list(found.files), found.odd, found.by_student)


def made_safe(
    course: Course, chapter: str, new: list[str], odd: list[str], by_student: dict[str, list[str]]
) -> Collected:
    """Make every collected hand-in safe to read; `odd` and `by_student` is what is known of them.

    Students who are not on the roster are taken and named: nobody's work is dropped in silence.
    """
    students = course.students_who_submitted(chapter)
    odd = list(odd)
    for student in sorted({*students, *by_student}):
        sentences = list(by_student.get(student, []))
        if student in students:
            sentences += _prepared(course, chapter, student)
        if not course.is_listed(student):
            sentences.append(NOT_LISTED)
        odd += [f"{student}: {sentence}" for sentence in sentences]
    return Collected(tuple(sorted(new)), tuple(students), tuple(odd))


def _prepared(course: Course, chapter: str, student: str) -> list[str]:
    try:
        return prepare(course, chapter, student)
    except (UserError, OSError) as error:  # one hand-in must not stop the class
        return [_sentence(error)]


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
    on_marked: Callable[[Marked], None] = lambda _: None,
) -> list[Marked]:
    """Write the marks of all collected hand-ins (or of `students`) into the gradebook.

    A hand-in that could not be marked gets no score at all, an earlier one is withdrawn; the
    others go on.
    """
    chosen = course.students_who_submitted(chapter) if students is None else students
    with opened(course, verbose, unsafe) as api:
        marked = []
        for student in chosen:
            marked.append(_autograde(api, course, chapter, student, unsafe))
            on_marked(marked[-1])
        _refresh(api, course)
    return marked


def _autograde(api: Any, course: Course, chapter: str, student: str, unsafe: bool) -> Marked:
    odd: list[str] = []
    try:
        odd = prepare(course, chapter, student)
        if not course.is_listed(student):
            odd.append(NOT_LISTED)
        exercises = results.exercises_of(course, chapter, student, unsafe=unsafe)
        by_hand = byhand.given(api, course, chapter, student)
        run("nbgrader", lambda: api.autograde(chapter, student))
        score, points = gradebook.confirm(api, chapter, student, exercises)
        odd += byhand.settle(api, course, chapter, student, by_hand)
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
    try:
        gradebook.withdraw(api, chapter, student)
    except Exception as again:  # a full disk, say: an old score must not stay unnoticed
        raise UserError(
            f"{student}: {problem}; and the gradebook cannot be written ({_sentence(again)}): "
            "mend that and run it again"
        ) from None
    shutil.rmtree(course.autograded(student, chapter), ignore_errors=True)
    return Marked(student, None, 0.0, problem, tuple(odd))


def feedback(course: Course, chapter: str, *, verbose: bool = False) -> list[Page]:
    """Make the feedback page of every marked hand-in and release it to the exchange."""
    with opened(course, verbose) as api:
        _refresh(api, course)
        students = sorted(api.get_autograded_students(chapter))
        return [_feedback(api, course, chapter, student) for student in students]


def _feedback(api: Any, course: Course, chapter: str, student: str) -> Page:
    folder = course.feedback(student, chapter)
    try:
        run("nbgrader", lambda: api.generate_feedback(chapter, student))
        page = next(iter(sorted(folder.glob("*.html"))))
    except Exception as error:
        return Page(student, None, False, _sentence(error))
    if not (folder / _KEY).is_file():
        return Page(student, page, False)
    try:
        run("nbgrader", lambda: api.release_feedback(chapter, student))
    except UserError as error:
        return Page(student, page, False, f"made, but cannot be fetched: {error}")
    return Page(student, page, True)


def _refresh(api: Any, course: Course) -> None:
    with api.gradebook as book:
        lateness.refresh(book, course)


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
