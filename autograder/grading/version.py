"""The version of the grader, as far as it can change a Result of one chapter."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np

from autograder import __version__
from autograder.manifest import Chapter, earlier_chapters

# What decides marks and the words beside them.
_ENGINE = ("sandbox", "suite", "engine", "grading", "mistakes")
_MORE = ("autograder/manifest.py", "autograder/reports/failure.py", "datasets/__init__.py")

Stamped = tuple[Path, int, int]


def grader_version(chapter: Chapter) -> str:
    """Return the program's version with a digest of all that a Result of the chapter depends on.

    That is: engine, the chapter's suite, its reference and those of earlier chapters, its data set,
    Python and NumPy. A change elsewhere, such as in another chapter's suite, leaves it as it is.
    """
    return f"{__version__}+{_digest(_stamped(_files(chapter)), _libraries())[:12]}"


def dataset_version(chapter: Chapter) -> str | None:
    """Return the name of the chapter's data set with a digest of its file."""
    if chapter.dataset is None:
        return None
    return f"{chapter.dataset} sha256:{_digest(_stamped([_dataset(chapter)]))[:12]}"


def _libraries() -> str:
    return f"python {sys.version_info[0]}.{sys.version_info[1]} numpy {np.__version__}"


def _dataset(chapter: Chapter) -> Path:
    return chapter.project.root / "datasets" / f"{chapter.dataset}.npz"


def _files(chapter: Chapter) -> list[Path]:
    root = chapter.project.root
    files = [path for room in _ENGINE for path in (root / "autograder" / room).rglob("*.py")]
    files += [path for path in chapter.suite_dir.iterdir() if path.suffix in {".py", ".toml"}]
    files += [each.source_file for each in (*earlier_chapters(chapter), chapter)]
    files += [root / name for name in _MORE]
    if chapter.dataset is not None:
        files.append(_dataset(chapter))
    return sorted(path for path in files if path.is_file())


def _stamped(files: list[Path]) -> tuple[Stamped, ...]:
    """Return the files with what tells that they have changed."""
    return tuple((path, (s := path.stat()).st_mtime_ns, s.st_size) for path in files)


@lru_cache(maxsize=64)
def _digest(files: tuple[Stamped, ...], more: str = "") -> str:
    digest = hashlib.sha256(more.encode())
    for path, _, _ in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
