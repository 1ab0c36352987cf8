"""The version of the grader, as far as it can change a mark of one chapter."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from autograder import __version__
from autograder.manifest import Chapter, earlier_chapters

_ENGINE = ("sandbox", "suite", "engine", "grading", "mistakes")


def grader_version(chapter: Chapter) -> str:
    """Return the program's version with a digest of engine, suite, references and data set."""
    return f"{__version__}+{_digest(tuple(_files(chapter)))[:12]}"


def dataset_version(chapter: Chapter) -> str | None:
    """Return the name of the chapter's data set with a digest of its file."""
    if chapter.dataset is None:
        return None
    path = chapter.project.root / "datasets" / f"{chapter.dataset}.npz"
    return f"{chapter.dataset} sha256:{_digest((path,))[:12]}"


def _files(chapter: Chapter) -> list[Path]:
    root = chapter.project.root
    files = [path for room in _ENGINE for path in (root / "autograder" / room).rglob("*.py")]
    files += [path for path in chapter.suite_dir.iterdir() if path.suffix in {".py", ".toml"}]
    files += [each.source_file for each in (*earlier_chapters(chapter), chapter)]
    files += [root / "datasets" / "__init__.py"]
    return sorted(path for path in files if path.is_file())


@lru_cache(maxsize=64)
def _digest(files: tuple[Path, ...]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
