"""What is loaded for a check: the student's files, earlier chapters, the suite's support file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autograder.engine.reference import library_code
from autograder.manifest import Chapter, earlier_chapters
from autograder.sandbox import Program

SUPPORT = "support"


def marking_program(chapter: Chapter, files: Mapping[str, bytes]) -> Program:
    """Return the program that is marked: the submission, and earlier chapters as references.

    A submitted file that stands for an earlier chapter is left out: one mistake is paid for once.
    """
    library = library_code(chapter)
    own = {name: data for name, data in files.items() if Path(name).stem not in library}
    return Program(chapter.module, dict(own), library=library, support=_support(chapter))


def practice_program(chapter: Chapter, folder: Path | None = None) -> Program:
    """Return the program a learner practises with: their own files, of earlier chapters too.

    `folder` is where this chapter's file lies (default: the chapter's folder in assignments/).
    """
    files: dict[str, str | bytes] = {}
    for earlier in earlier_chapters(chapter):
        files.update(_learner_files(folder, earlier))
    files.update(_python_files(folder or chapter.assignment_dir))
    return Program(chapter.module, files, support=_support(chapter))


def _learner_files(folder: Path | None, earlier: Chapter) -> dict[str, bytes]:
    """Find an earlier chapter's file beside a fetched folder (`../chNN/`) or in assignments/."""
    places = [earlier.assignment_dir]
    if folder is not None:
        places.insert(0, folder.parent / earlier.name)
    for place in places:
        path = place / earlier.file
        if path.is_file():
            return {earlier.file: path.read_bytes()}
    return {}


def _python_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.py")) if path.is_file()}


def _support(chapter: Chapter) -> dict[str, str]:
    path = chapter.suite_dir / f"{SUPPORT}.py"
    return {SUPPORT: path.read_text(encoding="utf-8")} if path.is_file() else {}
