"""One nbgrader course: where its folders lie, who takes part, what it is called."""

from __future__ import annotations

import csv
import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import UserError
from autograder.project import Project

COURSE_VARIABLE = "DLFS_COURSE"

_ENTRIES: dict[str, type] = {
    "id": str,
    "name": str,
    "roster": str,
    "exchange": str,
    "cache": str,
    "one_account": bool,
}
_REQUIRED = ("id", "name")
_COLUMNS = ("id", "first_name", "last_name", "email")

# nbgrader forbids "+" (it separates the parts of a hand-in's folder) and takes ids as globs.
_STUDENT_ID = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9_.@-]*")


@dataclass(frozen=True)
class Student:
    """One line of the roster."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Course:
    """A course root as nbgrader wants it, with our own results beside it."""

    project: Project
    root: Path
    id: str
    name: str
    exchange: Path
    cache: Path | None = None
    one_account: bool = True
    roster: tuple[Student, ...] = field(default=(), repr=False)

    @property
    def gradebook(self) -> Path:
        return self.root / "gradebook.db"

    @property
    def results(self) -> Path:
        """Results of marking, one folder per chapter."""
        return self.root / "results"

    def source(self, chapter: str) -> Path:
        return self.root / "source" / chapter

    def release(self, chapter: str) -> Path:
        """The pristine notebook and stub: what the gradebook knows and marking starts from."""
        return self.root / "release" / chapter

    def outbound(self, chapter: str) -> Path:
        """What students fetch."""
        return self.exchange / self.id / "outbound" / chapter

    def submitted(self, student: str, chapter: str) -> Path:
        return self.root / "submitted" / student / chapter

    def autograded(self, student: str, chapter: str) -> Path:
        return self.root / "autograded" / student / chapter

    def feedback(self, student: str, chapter: str) -> Path:
        return self.root / "feedback" / student / chapter

    def students_who_submitted(self, chapter: str) -> list[str]:
        """Return the ids of all students with a collected hand-in, in alphabetical order."""
        folders = self.root.glob(f"submitted/*/{chapter}")
        return sorted(folder.parent.name for folder in folders if is_student_id(folder.parent.name))


def is_student_id(text: str) -> bool:
    """Say whether `text` can name a student (letters, digits and _.@-, no dot in front)."""
    return _STUDENT_ID.fullmatch(text) is not None


def open_course(project: Project, root: Path | str | None = None) -> Course:
    """Read `course.toml` of a course.

    The course is `root`, or the folder in the environment variable DLFS_COURSE, or `grading/`.
    Raises UserError with file, line and remedy for a wrong or missing entry.
    """
    folder = Path(root or os.environ.get(COURSE_VARIABLE) or project.course).absolute()
    path = folder / "course.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path} is missing: copy the one of grading/ there and adapt it") from None
    entries = _entries(path, text)
    roster = entries.get("roster")
    cache = entries.get("cache")
    return Course(
        project=project,
        root=folder,
        id=entries["id"],
        name=entries["name"],
        exchange=folder / entries.get("exchange", "exchange"),
        cache=folder / cache if cache else None,
        one_account=entries.get("one_account", True),
        roster=read_roster(folder / roster) if roster and (folder / roster).exists() else (),
    )


def read_roster(path: Path) -> tuple[Student, ...]:
    """Read a CSV file with the columns id, first_name, last_name, email."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise UserError(f"{path}:1: the first line must be {','.join(_COLUMNS)}")
        students: dict[str, Student] = {}
        for row in reader:
            student = _student(path, reader.line_num, row)
            if student.id in students:
                raise UserError(f"{path}:{reader.line_num}: {student.id!r} is listed twice")
            students[student.id] = student
    return tuple(students.values())


def _student(path: Path, line: int, row: dict[str | Any, Any]) -> Student:
    values = [row.get(column) or "" for column in _COLUMNS]
    if None in row or None in row.values():
        raise UserError(f"{path}:{line}: write {len(_COLUMNS)} values: {','.join(_COLUMNS)}")
    student = Student(*(value.strip() for value in values))
    if not is_student_id(student.id):
        raise UserError(
            f"{path}:{line}: {student.id!r} cannot be a student's id: "
            "use letters, digits and _ . @ -, with no dot in front"
        )
    return student


def _entries(path: Path, text: str) -> dict[str, Any]:
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: not valid TOML: {error}") from None
    for key, value in entries.items():
        where = f"{path}:{_line(text, key)}"
        if key not in _ENTRIES:
            raise UserError(f"{where}: unknown entry {key!r}: known are {', '.join(_ENTRIES)}")
        if type(value) is not _ENTRIES[key]:
            raise UserError(f"{where}: {key!r} must be of type {_ENTRIES[key].__name__}")
    for key in _REQUIRED:
        if not entries.get(key):
            raise UserError(f'{path}:1: the entry {key!r} is missing: write {key} = "..."')
    if not re.fullmatch(r"[A-Za-z0-9_-]+", entries["id"]):
        where = f"{path}:{_line(text, 'id')}"
        raise UserError(f"{where}: the id names folders: use letters, digits, _ and -")
    return entries


def _line(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
            return number
    return 1
