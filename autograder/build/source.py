"""A file that an author wrote, and how to complain about one of its lines."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.errors import UserError
from autograder.manifest import Chapter


@dataclass(frozen=True)
class Source:
    """One text file of a chapter. Lines are counted from 1 and end in a line feed."""

    chapter: Chapter
    path: Path
    text: str

    @classmethod
    def read(cls, chapter: Chapter, path: Path) -> Source:
        """Read a file as UTF-8, whatever its line ends; refuse one that is missing or not text."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise UserError(f"{shown(chapter, path)} is missing: write it first") from None
        except UnicodeDecodeError:
            raise UserError(f"{shown(chapter, path)} is not UTF-8 text: save it as UTF-8") from None
        return cls(chapter, path, text)

    def tree(self) -> ast.Module:
        """Return the parsed file; refuse one that is not Python."""
        try:
            return ast.parse(self.text)
        except SyntaxError as error:
            self.refuse(error.lineno or 1, f"not valid Python: {error.msg}")

    def refuse(self, line: int, why: str) -> NoReturn:
        """Raise the UserError that names this file and the line."""
        raise UserError(f"{shown(self.chapter, self.path)}:{line}: {why}")


def shown(chapter: Chapter, path: Path) -> str:
    """Return a path as messages show it: from the project's root."""
    return path.relative_to(chapter.project.root).as_posix()


def refuse_exercise(chapter: Chapter, name: str, why: str) -> NoReturn:
    """Complain about something that an exercise lacks, at its line in the manifest."""
    manifest = Source.read(chapter, chapter.suite_dir / "chapter.toml")
    entry = re.search(rf"^\s*name\s*=\s*[\"']{re.escape(name)}[\"']", manifest.text, re.MULTILINE)
    line = manifest.text.count("\n", 0, entry.end()) + 1 if entry else 1
    manifest.refuse(line, f"exercise {name!r} {why}")
