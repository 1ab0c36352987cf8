"""What can go wrong inside the student's code, as the caller sees it.

StudentError             an exception of the student's code; also of the built-in type it was
    LoadError            the student's files could not be imported
StudentFailure           the code did not come back (BaseException: no suite may swallow it)
    StudentTimeout       it ran out of time
    StudentCrash         its process ended
    StudentProtocol      it sent something that is not an answer
"""

from __future__ import annotations

import builtins
import functools
import re
from collections.abc import Mapping
from typing import Any

Frame = tuple[str, int, str]  # file, line, function


def clean(text: Any, limit: int = 4000) -> str:
    """Text made by a student, fit for a terminal or a page: bounded, no control characters."""
    text = str(text)[: 4 * limit]
    text = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n... ({len(text) - 2 * half} characters left out) ...\n{text[-half:]}"


class StudentError(Exception):
    """An exception of the student's code; str() shows the student's own lines only."""

    kind: str = "Exception"
    text: str = ""
    frames: tuple[Frame, ...] = ()
    missing: str | None = None
    shown: str = ""

    def __init__(self, shown: str = "") -> None:
        self.shown = shown

    def __str__(self) -> str:
        return self.shown


class LoadError(StudentError):
    """The student's files could not be imported."""


class StudentFailure(BaseException):
    """The student's code did not come back; `at` is the line where it was, "file:line"."""

    def __init__(self, text: str, at: str | None = None) -> None:
        super().__init__(text)
        self.at = at


class StudentTimeout(StudentFailure):
    """The student's code did not finish in time."""


class StudentCrash(StudentFailure):
    """The process of the student's code ended."""


class StudentProtocol(StudentFailure):
    """The student's process sent something that is not an answer."""


@functools.cache
def _class_for(base: type[StudentError], name: str | None) -> type[StudentError]:
    builtin = getattr(builtins, name or "", None)
    if not isinstance(builtin, type) or not issubclass(builtin, Exception):
        return base
    return type(f"{base.__name__}{builtin.__name__}", (base, builtin), {"__module__": __name__})


def _base_name(names: list) -> str | None:
    """The first built-in exception type; groups need more than a text to be made."""
    for name in names:
        found = getattr(builtins, name, None) if isinstance(name, str) else None
        if isinstance(found, type) and issubclass(found, Exception):
            return None if issubclass(found, BaseExceptionGroup) else name
    return None


def student_error(info: dict, files: Mapping[str, str | bytes]) -> StudentError:
    """The exception that a server described. Raises (any error) when that is malformed."""
    frames = tuple(
        (file, line, clean(function, 100))
        for file, line, function in info["frames"][:20]
        if file in files and type(line) is int and 0 <= line < 10**7
    )
    base = LoadError if info["load"] else StudentError
    error = _class_for(base, _base_name(info["mro"][:20]))()
    error.kind, error.text = clean(info["kind"], 100), clean(info["text"])
    error.frames = frames
    error.missing = clean(info["missing"], 100) if info["missing"] is not None else None
    error.shown = "\n".join([f"{error.kind}: {error.text}", *_shown_frames(frames, files)])
    return error


def _shown_frames(frames: tuple[Frame, ...], files: Mapping[str, str | bytes]) -> list[str]:
    lines = []
    for file, number, function in frames:
        lines.append(f"  {file}:{number} in {function}")
        source = source_line(files[file], number)
        if source:
            lines.append(f"    {source}")
    return lines


def source_line(source: str | bytes, number: int) -> str:
    """One line of a student's file for display; never parsed, empty when out of reach."""
    if len(source) > 1 << 20:
        return ""
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    lines = re.split(r"\r\n|\r|\n", text)
    return clean(lines[number - 1].strip(), 200) if 0 < number <= len(lines) else ""
