"""What several test modules share: the real project, and a small chapter to try things on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mini_chapter import write_mini

from autograder.manifest import Chapter
from autograder.project import Project

if TYPE_CHECKING:
    from data_server import DataServer

    from autograder.bundle.package import Bundle
    from autograder.bundle.secrets import Secrets

# Before NumPy is loaded: threads make small matrix products slow on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def project() -> Project:
    """This checkout."""
    return Project(ROOT)


@pytest.fixture(scope="session")
def bundle(project: Project) -> Bundle:
    """What students get of this course as it is now, no solution among it."""
    from autograder.bundle.contents import student_bundle
    from autograder.classroom.course import open_course

    return student_bundle(open_course(project), [])


@pytest.fixture(scope="session")
def secrets(project: Project) -> Secrets:
    """What must not be in it."""
    from autograder.bundle.secrets import Secrets

    return Secrets.of(project)


@pytest.fixture
def mini(tmp_path: Path) -> Chapter:
    """A project with one small chapter, whose stub has been built by hand."""
    return write_mini(tmp_path / "project")


# A data set of one file at two mirrors, and where `make data` puts it. What loads NumPy is imported
# late: see above.


@pytest.fixture
def server() -> Iterator[DataServer]:
    """The first mirror."""
    from data_server import CONTENT, FILE, DataServer

    with DataServer({f"/text/{FILE.name}": CONTENT}) as server:
        yield server


backup = server  # the second one: a fixture of its own


@pytest.fixture
def landing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: DataServer, backup: DataServer
) -> Path:
    """Where the file lands; SOURCES["shakespeare"] is that file."""
    from data_server import FILE

    from datasets.catalog import SOURCES
    from datasets.text import TextFile

    monkeypatch.delenv("DLFS_DATA", raising=False)
    monkeypatch.setattr("datasets.files.FULL", tmp_path / "full")
    monkeypatch.setattr("datasets.download.STALL", 1.0)  # a busy machine answers within it
    mirrors = tuple(f"{each.address}/text/{{name}}" for each in (server, backup))
    monkeypatch.setitem(SOURCES, "shakespeare", TextFile("text", (FILE,), mirrors))
    return tmp_path / "full" / "text" / FILE.name


@pytest.fixture
def part(landing: Path) -> Path:
    """Where an interrupted attempt leaves what has arrived."""
    landing.parent.mkdir(parents=True)
    return landing.with_name("text.txt.part")
