"""The roster: who takes part in a course, read from a CSV file."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError

COLUMNS = ("id", "first_name", "last_name", "email")
_HEADER = ",".join(COLUMNS)

# nbgrader forbids "+" (it separates the parts of a hand-in's folder) and takes ids as globs.
_STUDENT_ID = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9_.@-]*")


@dataclass(frozen=True)
class Student:
    """One line of the roster."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""


def is_student_id(text: str) -> bool:
    """Say whether `text` can name a student (letters, digits and _.@-, no dot in front)."""
    return _STUDENT_ID.fullmatch(text) is not None


def read_roster(path: Path) -> tuple[Student, ...]:
    """Read a CSV file with the columns id, first_name, last_name, email.

    Empty lines are passed over. Raises UserError with file, line and remedy for anything else.
    """
    reader = csv.reader(io.StringIO(read_utf8(path), newline=""))
    students: dict[str, Student] = {}
    header = True
    try:
        for row in reader:
            values = [value.strip() for value in row]
            if not any(values):
                continue
            where = f"{path}:{reader.line_num}"
            if header:
                _check_header(where, values)
                header = False
                continue
            student = _student(where, values)
            if student.id in students:
                raise UserError(f"{where}: {student.id!r} is listed twice: leave one line out")
            students[student.id] = student
    except csv.Error as error:
        raise UserError(f"{path}:{reader.line_num}: not CSV ({error}): mend this line") from None
    if header:
        raise UserError(f"{path}:1: the roster is empty: the first line must be {_HEADER}")
    return tuple(students.values())


def read_utf8(path: Path) -> str:
    """Return the text of a file that people write, without a byte order mark."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}:{line}: not UTF-8: save the file with that encoding") from None


def _check_header(where: str, values: list[str]) -> None:
    if tuple(values) == COLUMNS:
        return
    missing = [column for column in COLUMNS if column not in values]
    if len(values) == 1 and ";" in values[0]:
        why = "the values are separated by semicolons: write commas"
    elif missing:
        why = f"the column {' and the column '.join(missing)} is missing"
    else:
        why = "these are not the columns of a roster"
    raise UserError(f"{where}: {why}: the first line must be {_HEADER}")


def _student(where: str, values: list[str]) -> Student:
    if len(values) != len(COLUMNS):
        raise UserError(f"{where}: write {len(COLUMNS)} values: {_HEADER}")
    student = Student(*values)
    if not is_student_id(student.id):
        raise UserError(
            f"{where}: {student.id!r} cannot be a student's id: "
            "use letters, digits and _ . @ -, with no dot in front"
        )
    return student
