"""The student's side of the exchange: fetch a chapter, hand it in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.api import opened, run_exchange
from autograder.classroom.course import Course, is_student_id
from autograder.errors import UsageError, UserError
from autograder.manifest import Chapter


@dataclass(frozen=True)
class Receipt:
    """What reached the exchange, under which name and when."""

    student: str
    time: str
    files: tuple[str, ...]
    left_out: tuple[str, ...]


def fetch(course: Course, chapter: str, folder: Path, *, verbose: bool = False) -> list[str]:
    """Fetch a released chapter into `folder`; return the names of the files that are new there.

    A file that exists already is never touched.
    """
    if not course.outbound(chapter).is_dir():
        raise UserError(f"{chapter} has not been released to {course.exchange} yet")
    target = folder.absolute() / chapter
    before = _names(target)
    folder.mkdir(parents=True, exist_ok=True)
    with opened(course, verbose) as api:
        what, which = f"{chapter} cannot be fetched", {"assignment_id": chapter}
        run_exchange(what, api, "FetchAssignment", which, assignment_dir=str(folder.absolute()))
    return sorted(_names(target) - before)


def submit(
    course: Course,
    chapter: Chapter,
    folder: Path,
    student: str | None = None,
    *,
    verbose: bool = False,
) -> Receipt:
    """Hand in `folder`/<chapter>, as `student` or else as this account's user."""
    if student is not None and not is_student_id(student):
        raise UsageError(f"{student!r} cannot be a student's id: use letters, digits and _ . @ -")
    source = folder.absolute() / chapter.name
    if not (source / chapter.file).is_file():
        raise UserError(f"there is no {chapter.file} in {source}: nothing was handed in")
    with opened(course, verbose) as api:
        what = f"{chapter.name} cannot be handed in"
        which = {"assignment_id": chapter.name, "student_id": student or "*"}
        app = run_exchange(what, api, "Submit", which, assignment_dir=str(folder.absolute()))
    name = app.assignment_filename.split("+")[0]
    return Receipt(name, app.timestamp, tuple(app.taken), tuple(app.left_out))


def _names(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
