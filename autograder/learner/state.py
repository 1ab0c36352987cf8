"""The progress file, `.progress.json`: one readable file at the project's root.

    {"format": 1,
     "here": "ch03_activations/tanh",
     "exercises": {"ch03_activations/sigmoid": {"status": "passed", "passed": 6, "checks": 6,
                   "attempts": 3, "hints": 1, "code": "0f3a...", "given": false}}}

It is the learner's own and proves nothing: marks never come from it. Every change takes a lock,
reads the file again and puts a new one in its place, so two terminals add up and a crash leaves
the old file. A file that is not of this form is set aside, under a name that is said, and never
shown: only numbers and known words come out of it.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.engine.outcome import STATUSES
from autograder.files import write_atomically
from autograder.locks import lock
from autograder.project import Project

FILE = ".progress.json"
FORMAT = 1
_LIMIT = 1 << 20  # bytes; a term's progress is a few thousand
_COUNT = 10**6
_KEY = re.compile(r"\w{1,100}/\w{1,100}", re.ASCII)
_CODE = re.compile(r"[0-9a-f]{0,64}")


@dataclass(frozen=True)
class Note:
    """What is known of one exercise. `code` is the fingerprint of what was checked last.

    attempts counts the versions that were checked, hints the rungs that were taken; given says
    that the code came from the solutions.
    """

    status: str = ""
    passed: int = 0
    checks: int = 0
    attempts: int = 0
    hints: int = 0
    code: str = ""
    given: bool = False


@dataclass(frozen=True)
class Progress:
    """The notes by "chapter/exercise", and the exercise that the learner is at."""

    notes: dict[str, Note] = field(default_factory=dict)
    here: str = ""

    def of(self, chapter: str, exercise: str) -> Note:
        return self.notes.get(f"{chapter}/{exercise}", Note())

    def put(self, chapter: str, exercise: str, note: Note) -> Progress:
        return replace(self, notes={**self.notes, f"{chapter}/{exercise}": note})


def read(project: Project) -> Progress:
    """Return the progress so far. A file of another form is set aside and said so, on stderr."""
    path = project.root / FILE
    try:
        return _parse(_content(path))
    except FileNotFoundError:
        return Progress()
    except _BROKEN:
        return _read_again(project)


def update(project: Project, change: Callable[[Progress], Progress]) -> Progress:
    """Change the progress file and return what it holds now.

    `change` must not read files that take time: other terminals wait. Where the file cannot be
    written, that is said on stderr and the work goes on.
    """
    try:
        with lock(project.root / f"{FILE}.lock"):
            now = change(_read_locked(project.root / FILE))
            write_atomically(project.root / FILE, _dump(now))
            return now
    except OSError as error:
        _say(f"progress is not noted: {FILE} cannot be written ({error.strerror or error})")
        return change(Progress())


class _Malformed(Exception):
    """What in a progress file is not as it must be."""


_BROKEN = (_Malformed, OSError, ValueError, RecursionError)


def _read_again(project: Project) -> Progress:
    """Read under the lock: only so is it certain that nobody has mended the file meanwhile."""
    try:
        with lock(project.root / f"{FILE}.lock"):
            return _read_locked(project.root / FILE)
    except OSError:
        _say(f"{FILE} cannot be used and cannot be moved away; progress starts afresh")
        return Progress()


def _read_locked(path: Path) -> Progress:
    try:
        return _parse(_content(path))
    except FileNotFoundError:
        return Progress()
    except _BROKEN as error:
        _set_aside(path, error)
        return Progress()


def _content(path: Path) -> str:
    """Read a regular file of sensible size; nothing that somebody has linked or piped to."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if path.is_symlink():
        raise _Malformed("it is a link")
    if not stat.S_ISREG(path.stat().st_mode):
        raise _Malformed("it is not a file")
    with os.fdopen(os.open(path, flags), "rb") as stream:
        about = os.fstat(stream.fileno())
        if about.st_size > _LIMIT:
            raise _Malformed("it is too large")
        return stream.read(_LIMIT + 1).decode("utf-8")


def _parse(text: str) -> Progress:
    data = json.loads(text)
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _Malformed(f'it does not say "format": {FORMAT}')
    here, items = data.get("here", ""), data.get("exercises", {})
    if not isinstance(items, dict) or not isinstance(here, str):
        raise _Malformed("its entries have the wrong type")
    if not all(_KEY.fullmatch(key) for key in items) or (here and not _KEY.fullmatch(here)):
        raise _Malformed("it names something that is no exercise")
    return Progress({key: _note(item) for key, item in items.items()}, here)


def _note(item: Any) -> Note:
    blank = asdict(Note())
    if not isinstance(item, dict) or not set(item) <= set(blank):
        raise _Malformed("an exercise has unknown entries")
    values = blank | item
    if any(type(values[name]) is not type(blank[name]) for name in blank):
        raise _Malformed("an exercise has an entry of the wrong type")
    numbers = [value for value in values.values() if type(value) is int]
    if not all(0 <= number <= _COUNT for number in numbers):
        raise _Malformed("a count is out of range")
    if values["status"] not in ("", *STATUSES) or not _CODE.fullmatch(values["code"]):
        raise _Malformed("an exercise is in no known state")
    return Note(**values)


def _dump(progress: Progress) -> str:
    items = {key: asdict(note) for key, note in sorted(progress.notes.items())}
    data = {"format": FORMAT, "here": progress.here, "exercises": items}
    return json.dumps(data, indent=1) + "\n"


def _set_aside(path: Path, error: Exception) -> None:
    why = str(error) if isinstance(error, _Malformed) else "it is damaged"
    number = 1
    while os.path.lexists(aside := path.with_name(f".progress.broken-{number}.json")):
        number += 1
    path.rename(aside)
    _say(f"{FILE} cannot be used ({why}): kept as {aside.name}; progress starts afresh")


def _say(sentence: str) -> None:
    print(f"dlfs: {sentence}", file=sys.stderr)
