"""Texts that a learner may fall back on, the pristine stub and the solution, and backups.

Only where solutions are present is the build needed; a copy without them may leave it out.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.manifest import Chapter
from autograder.project import Project

STUBS = ".stubs"  # in assignments/ of a copy without solutions: the stubs as they were handed out
BACKUPS = "backups"


def pristine_stub(chapter: Chapter) -> str | None:
    """Return the chapter's stub as it was handed out, or None where this copy does not have it."""
    if chapter.source_file.is_file():
        return _built(chapter.source_file.read_bytes(), chapter)
    kept = chapter.project.assignments / STUBS / chapter.name / chapter.file
    return kept.read_text(encoding="utf-8") if kept.is_file() else None


def need_stub(chapter: Chapter) -> str:
    """Return the pristine stub, or say in one sentence that this copy cannot know it."""
    stub = pristine_stub(chapter)
    if stub is None:
        raise UserError(
            f"{chapter.name}: the original stub is not part of this copy of the course; fetch or "
            "unpack the chapter again, into another folder"
        )
    return stub


def solution(chapter: Chapter) -> str:
    """Return the reference module without its markers, or say that it is not here."""
    if not chapter.source_file.is_file():
        raise UserError(
            f"{chapter.name}: its solution is not part of this copy of the course; where a course "
            "hands it out later, make update brings it"
        )
    from autograder.build.regions import BEGIN, END

    lines = chapter.source_file.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.strip().startswith((BEGIN, END)))


def keep(chapter: Chapter) -> Path | None:
    """Copy the learner's file aside and return the copy; None where there is no file."""
    return keep_file(chapter.project, chapter.stub_file)


def keep_file(project: Project, file: Path) -> Path | None:
    """Copy a file of the learner's aside and return the copy; None where there is no file.

    Copies are numbered; a content that is kept already is not kept twice.
    """
    if not file.is_file():
        return None
    content = file.read_bytes()
    place = file.relative_to(project.root)
    inner = place.parts[1:-1] if place.parts[0] == project.assignments.name else place.parts[:-1]
    folder = (project.root / BACKUPS).joinpath(*inner)
    number = 1
    while (path := folder / f"{file.stem}-{number}{file.suffix}").exists():
        if path.read_bytes() == content:
            return path
        number += 1
    write_atomically(path, content)
    return path


def shown(project: Project, path: Path) -> str:
    """Return a path as messages show it: from the project's root."""
    return path.relative_to(project.root).as_posix()


def _built(content: bytes, chapter: Chapter) -> str:
    return _strip_once(chapter, hashlib.sha256(content).hexdigest())


@lru_cache(maxsize=64)
def _strip_once(chapter: Chapter, _content: str) -> str:
    """Strip a reference; the watch loop asks for the same stub at every save."""
    from autograder.build.regions import strip
    from autograder.build.source import Source

    return strip(Source.read(chapter, chapter.source_file))
