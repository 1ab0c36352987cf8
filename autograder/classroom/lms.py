"""Whose file is it? The names that learning platforms give to what they let instructors download.

Moodle      Ada Berg_1234567_assignsubmission_file_/activations.py, also without the folder
Canvas      bergada_12345_67890_activations.py, bergada_LATE_12345_67890_activations-1.py
Blackboard  Chapter 3_ada_attempt_2026-11-20-21-30-00_activations.py
others      a folder that names one student by id, e-mail or full name; ada_activations.py
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from autograder.classroom.roster import Student, is_student_id
from autograder.errors import UsageError

_TIME = r"\d{4}(?:-\d\d){5}"
_MOODLE = re.compile(r"(?P<who>.+?)_\d+_assignsubmission_[a-z]+_?(?P<file>.*)")
_BLACKBOARD = re.compile(rf".+?_(?P<who>[^_]+)_attempt_(?P<time>{_TIME})(?P<file>.*)")
# Canvas numbers what has been handed in more than once: activations-1.py.
_CANVAS = re.compile(r"(?P<who>[^_]+)(?P<late>_LATE)?_\d+_\d+_(?P<file>.+?)(?:-\d+)?(?P<end>\.\w+)")
_KNOWN = (_MOODLE, _BLACKBOARD, _CANVAS)


@dataclass(frozen=True)
class Sent:
    """One file of a download: whose, what it is called in the hand-in, what the name says of time.

    `time` is on the platform's clock.
    """

    student: str
    file: str
    time: datetime | None = None
    late: bool = False


class Unclear(Exception):
    """A name that does not lead to one student; the text says why."""


class Names:
    """Finds the student that a name in a download stands for."""

    def __init__(self, roster: Iterable[Student], pattern: str | None = None) -> None:
        self._roster = list(roster)
        self._patterns = (_compiled(pattern),) if pattern else _KNOWN
        self._keys: dict[str, set[str]] = {}
        for student in self._roster:
            for key in _keys(student):
                self._keys.setdefault(key, set()).add(student.id)

    def sent(self, path: str) -> Sent:
        """Return what is known of a file in a download; raise Unclear where it leads to nobody."""
        parts = PurePosixPath(path).parts
        doubts = []
        for place, part in enumerate(parts):
            try:
                found = self._named(part, is_file=place == len(parts) - 1)
            except Unclear as doubt:
                doubts.append(str(doubt))
                continue
            rest = "/".join(parts[place + 1 :])
            return Sent(found.student, rest or found.file, found.time, found.late)
        raise Unclear(next((doubt for doubt in doubts if doubt), "names nobody on the roster"))

    def _named(self, part: str, *, is_file: bool) -> Sent:
        for pattern in self._patterns:
            match = pattern.fullmatch(part)
            if match:
                group = match.groupdict()
                file = ((group.get("file") or "") + (group.get("end") or "")).lstrip("_") or part
                time, late = _time(group.get("time")), bool(group.get("late"))
                return Sent(self._exactly(group["who"]), file, time, late)
        if is_file:
            return self._at_the_start(part)
        return Sent(self._anywhere(part), part)

    def _exactly(self, who: str) -> str:
        """Return the student whose id, e-mail or name this is, in any order and spelling."""
        if not self._roster and is_student_id(who):
            return who
        return _only(self._keys.get(_plain(who), set()))

    def _at_the_start(self, name: str) -> Sent:
        fits = {
            student.id: key
            for student in self._roster
            for key in (student.id, student.email)
            if key and re.match(rf"{re.escape(key)}[_ -]", name, re.IGNORECASE)
        }
        student = _only(set(fits))
        return Sent(student, name[len(fits[student]) + 1 :])

    def _anywhere(self, folder: str) -> str:
        if not self._roster:
            return self._exactly(folder)
        marks = {s.id for s in self._roster if _holds(folder, s.id) or _holds(folder, s.email)}
        words = set(_words(folder))
        named = {s.id for s in self._roster if _full(s) and set(_full(s)) <= words}
        return _only(marks or named)


def _only(students: set[str]) -> str:
    if len(students) == 1:
        return next(iter(students))
    raise Unclear(f"fits {' and '.join(sorted(students))}" if students else "")


def _keys(student: Student) -> set[str]:
    first, last = student.first_name, student.last_name
    names = {_plain(first + last), _plain(last + first)} if first and last else set()
    return {_plain(student.id), _plain(student.email), *names} - {""}


def _holds(text: str, key: str) -> bool:
    inside = rf"(?<![A-Za-z0-9]){re.escape(key)}(?![A-Za-z0-9])"
    return bool(key) and re.search(inside, text, re.IGNORECASE) is not None


def _full(student: Student) -> list[str]:
    names = student.first_name, student.last_name
    return _words(" ".join(names)) if all(names) else []


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", _simple(text))


def _plain(text: str) -> str:
    return "".join(_words(text))


def _simple(text: str) -> str:
    """Return the text in small letters without accents: platforms drop them."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S") if text else None
    except ValueError:
        return None


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--pattern {pattern!r} is not a regular expression: {error}") from None
    if "who" not in compiled.groupindex:
        example = r"(?P<who>[^_]+)_(?P<file>.+)"
        raise UsageError(f"--pattern needs a group (?P<who>...), for example {example!r}")
    return compiled
