"""What several test modules share: the real project, and a small chapter to try things on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from mini_chapter import MINI_HIDDEN, MINI_MANIFEST, MINI_PUBLIC, MINI_SOLUTION, mini_source

from autograder.manifest import Chapter, load_chapter
from autograder.project import Project

# Before NumPy is loaded: threads make small matrix products slow on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Project:
    """This checkout."""
    return Project(ROOT)


@pytest.fixture
def mini(tmp_path: Path) -> Chapter:
    """A project with one small chapter, whose stub has been built by hand."""
    files = {
        "autograder/suites/ch01_mini/chapter.toml": MINI_MANIFEST,
        "autograder/suites/ch01_mini/test_public.py": MINI_PUBLIC,
        "autograder/suites/ch01_mini/test_hidden.py": MINI_HIDDEN,
        "solutions/ch01_mini/mini.py": MINI_SOLUTION,
        "assignments/ch01_mini/mini.py": mini_source(),
    }
    for name, text in files.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return load_chapter(Project(tmp_path / "project"), "ch01_mini")
