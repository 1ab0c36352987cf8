"""The student's side of the exchange: what is released, fetch it, hand it in."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.classroom.api import opened, run_exchange
from autograder.classroom.course import Course, is_student_id, open_course
from autograder.errors import UsageError, UserError
from autograder.manifest import Chapter
from autograder.project import Project

_NOTES = ("timestamp.txt", "submission_secret.txt")  # nbgrader's own, beside what was handed in


@dataclass(frozen=True)
class Fetched:
    """What came of fetching a chapter: new files, and those that were there before."""

    folder: Path
    new: tuple[str, ...]
    same: tuple[str, ...]  # as released
    kept: tuple[str, ...]  # differ from what is released, and stay as they are


@dataclass(frozen=True)
class Receipt:
    """What reached the exchange, under which name and when; `again` if it lay there already."""

    student: str
    time: str
    files: tuple[str, ...]
    left_out: tuple[str, ...]
    number: str = ""  # the content hash that its marks are filed under
    lacks: tuple[str, ...] = ()  # released notebooks that are not among the files
    again: bool = False

    @property
    def moment(self) -> datetime:
        """The time, in UTC."""
        return _moment(self.time)


def reachable_course(project: Project, root: Path | None = None) -> Course:
    """Return the course, with settings that can be read and an exchange that is there.

    Raises UserError with one sentence otherwise.
    """
    try:
        course = open_course(project, root)
        reachable = course.exchange.is_dir() and os.access(course.exchange, os.R_OK | os.X_OK)
    except PermissionError as error:
        raise UserError(f"{error.filename} cannot be read: ask your instructor for it") from None
    if not reachable:
        raise UserError(
            f"the course's exchange cannot be reached: {course.exchange} is not there. Ask your "
            f"instructor for its place, and write it into {course.root / 'course.toml'}; "
            "on your own you need none: every chapter is in assignments/"
        )
    return course


def released(course: Course) -> list[str]:
    """Return the names of the chapters that can be fetched."""
    outbound = course.outbound(".")
    return sorted(p.name for p in outbound.iterdir() if p.is_dir()) if outbound.is_dir() else []


def require_released(course: Course, chapter: str) -> None:
    """Refuse a chapter that is not in the exchange, and say which ones are."""
    known = released(course)
    if chapter not in known:
        so_far = f"so far: {', '.join(known)}" if known else "nothing has been, so far"
        raise UserError(f"{chapter} has not been released to {course.exchange} yet; {so_far}")


def fetch(course: Course, chapter: str, folder: Path, *, verbose: bool = False) -> Fetched:
    """Fetch a released chapter into `folder`. A file that exists already is never touched."""
    require_released(course, chapter)
    target = folder.absolute() / chapter
    before = _names(target)
    folder.mkdir(parents=True, exist_ok=True)
    with opened(course, verbose) as api:
        what, which = f"{chapter} cannot be fetched", {"assignment_id": chapter}
        run_exchange(what, api, "FetchAssignment", which, assignment_dir=str(folder.absolute()))
    outbound = course.outbound(chapter)
    old = sorted(before & _names(outbound))
    same = [name for name in old if _alike(target / name, outbound / name)]
    kept = [name for name in old if name not in same]
    return Fetched(target, tuple(sorted(_names(target) - before)), tuple(same), tuple(kept))


def identity(course: Course, student: str | None) -> str:
    """Return the id that a hand-in carries, or refuse one that would not reach its student."""
    if student is not None:
        check_id(student)
    account = getpass.getuser()
    name = student or account
    if not course.one_account and name != account:
        raise UsageError(
            f"in this course everybody hands in from an account of their own, and this one is "
            f"{account}: leave {name!r} out"
        )
    if course.one_account and not course.is_listed(name):
        hint = "look at its spelling" if student else "say who you are: STUDENT=your-id"
        raise UsageError(f"{name!r} is not on the roster of {course.name}: {hint}")
    return name


def check_id(student: str) -> None:
    """Refuse what cannot be a student's id."""
    if not is_student_id(student):
        raise UsageError(f"{student!r} cannot be a student's id: use letters, digits and _ . @ -")


def submit(
    course: Course,
    chapter: Chapter,
    folder: Path,
    student: str | None = None,
    *,
    unless_unchanged: bool = False,
    verbose: bool = False,
) -> Receipt:
    """Hand in `folder`/<chapter>, as `student` or else as this account's user.

    unless_unchanged: a last hand-in with the same files stands, and keeps its time.
    """
    if student is not None:
        check_id(student)
    source = folder.absolute() / chapter.name
    if not (source / chapter.file).is_file():
        raise UserError(f"there is no {chapter.file} in {source}: nothing was handed in")
    require_released(course, chapter.name)
    with opened(course, verbose) as api:
        if unless_unchanged:
            old = _unchanged(api, course, chapter, source, student or getpass.getuser())
            if old:
                return old
        what = f"{chapter.name} cannot be handed in"
        which = {"assignment_id": chapter.name, "student_id": student or "*"}
        app = run_exchange(what, api, "Submit", which, assignment_dir=str(folder.absolute()))
        handed_in = Path(app.inbound_path, app.assignment_filename)
        name = app.assignment_filename.split("+")[0]
        return _receipt(course, chapter, handed_in, name, app.timestamp, app.left_out)


def _unchanged(
    api: Any, course: Course, chapter: Chapter, source: Path, name: str
) -> Receipt | None:
    """Return the receipt of the last hand-in if it is what lies in `source`."""
    parts = {"coursedir": api.coursedir, "authenticator": api.authenticator, "parent": api}
    app = api.exchange.Submit(**parts)
    last = _last_hand_in(course, Path(app.cache), chapter.name, name)
    if last is None:
        return None
    with TemporaryDirectory() as place:
        app.do_copy(str(source), str(Path(place, "now")))
        now = _contents(Path(place, "now"))
    before = {file: data for file, data in _contents(last).items() if file not in _NOTES}
    if now != before:
        return None
    return _receipt(course, chapter, last, name, last.name.split("+")[2], app.left_out, again=True)


def _last_hand_in(course: Course, cache: Path, chapter: str, name: str) -> Path | None:
    """Return the student's own copy of the last hand-in, if that still lies in the exchange."""
    copies = (cache / course.id).glob(f"{name}+{chapter}+*")
    # The time is written so that it sorts.
    last = max(copies, key=lambda path: path.name, default=None)
    inbound = course.exchange / course.id / "inbound"
    if last and os.access(inbound, os.R_OK) and not list(inbound.glob(f"{last.name}+*")):
        return None
    return last


def _receipt(
    course: Course,
    chapter: Chapter,
    folder: Path,
    name: str,
    time: str,
    left_out: list[str],
    again: bool = False,
) -> Receipt:
    from autograder.grading.intake import read

    files = sorted(_contents(folder).keys() - set(_NOTES))
    notebooks = [path.name for path in sorted(course.outbound(chapter.name).glob("*.ipynb"))]
    lacks = tuple(notebook for notebook in notebooks if notebook not in files)
    number = read(folder, chapter).content_hash
    return Receipt(name, time, tuple(files), tuple(left_out), number, lacks, again)


def _moment(time: str) -> datetime:
    return datetime.strptime(time, "%Y-%m-%d %H:%M:%S.%f %Z").replace(tzinfo=UTC)


def _alike(mine: Path, theirs: Path) -> bool:
    """Whether two files say the same; of a notebook count the texts, not what running it left."""
    if mine.suffix == ".ipynb":
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return _texts(mine) == _texts(theirs)
    return mine.read_bytes() == theirs.read_bytes()


def _texts(notebook: Path) -> list[tuple[str, str]]:
    cells = json.loads(notebook.read_bytes())["cells"]
    return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]


def _names(folder: Path) -> set[str]:
    if not folder.is_dir():
        return set()
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def _contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in _names(folder)}
