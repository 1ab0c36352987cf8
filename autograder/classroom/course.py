"""One nbgrader course: where its folders lie, who takes part, what it is called, what is due."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.classroom.dates import Dates, read_dates
from autograder.classroom.roster import Student, is_student_id, read_roster
from autograder.classroom.toml_lines import Table, read_toml
from autograder.errors import UserError
from autograder.manifest import chapter_names
from autograder.project import Project

COURSE_VARIABLE = "DLFS_COURSE"

_ENTRIES: dict[str, type] = {
    "id": str,
    "name": str,
    "roster": str,
    "exchange": str,
    "cache": str,
    "one_account": bool,
    "timezone": str,
    "due": dict,
    "extensions": dict,
    "late": dict,
}
_REQUIRED = ("id", "name")


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
    roster_missing: str | None = None
    dates: Dates = field(default_factory=Dates)

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

    def require_roster(self) -> None:
        """Refuse a roster that is named but is not there; only the instructor's verbs need it."""
        if self.roster_missing:
            raise UserError(self.roster_missing)

    def is_listed(self, student: str) -> bool:
        """Say whether a student takes part: is on the roster, or there is no roster."""
        return not self.roster or any(student == known.id for known in self.roster)

    def students_who_submitted(self, chapter: str) -> list[str]:
        """Return the ids of all students with a collected hand-in, in alphabetical order."""
        folders = self.root.glob(f"submitted/*/{chapter}")
        return sorted(folder.parent.name for folder in folders if is_student_id(folder.parent.name))


def open_course(project: Project, root: Path | str | None = None) -> Course:
    """Read `course.toml` of a course.

    The course is `root`, or the folder in the environment variable DLFS_COURSE, or `grading/`.
    Raises UserError with file, line and remedy for a wrong or missing entry.
    """
    folder = Path(root or os.environ.get(COURSE_VARIABLE) or project.course).absolute()
    path = folder / "course.toml"
    if not path.is_file():
        raise UserError(f"{path} is missing: copy the one of grading/ there and adapt it")
    table = read_toml(path)
    entries = _entries(table)
    cache = entries.get("cache")
    roster = entries.get("roster")
    listed = folder / roster if roster else None
    students = read_roster(listed) if listed and listed.is_file() else ()
    return Course(
        project=project,
        root=folder,
        id=entries["id"],
        name=entries["name"],
        exchange=folder / entries.get("exchange", "exchange"),
        cache=folder / cache if cache else None,
        one_account=entries.get("one_account", True),
        roster=students,
        roster_missing=_missing(table, listed),
        dates=read_dates(table, chapter_names(project), [student.id for student in students]),
    )


def _entries(table: Table) -> dict[str, Any]:
    table.known(_ENTRIES)
    entries = {key: table.get(key, kind) for key, kind in _ENTRIES.items() if key in table.data}
    for key in _REQUIRED:
        if not entries.get(key):
            table.refuse(key, f'the entry {key!r} is missing: write {key} = "..."')
    if not re.fullmatch(r"[A-Za-z0-9_-]+", entries["id"]):
        table.refuse("id", "the id names folders: use letters, digits, _ and -")
    return entries


def _missing(table: Table, roster: Path | None) -> str | None:
    if roster is None or roster.is_file():
        return None
    return (
        f"{table.file}:{table.line('roster')}: {roster} does not exist: write it, or take this "
        "line out to take everybody who hands in"
    )
