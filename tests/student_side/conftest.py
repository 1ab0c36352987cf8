"""What the student's side is tried on: a course with one chapter released, a student's folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.classroom import steps, student
from autograder.classroom.course import Course, open_course
from autograder.cli import main
from autograder.manifest import load_chapter
from autograder.project import find_project

CH = "ch03_activations"
PROJECT = find_project(Path(__file__).parent)
ROSTER = "id,first_name,last_name,email\nann,Ann,Lee,\nzoe,Zoe,Roth,\n"
TOML = """
id = "test"
name = "Test"
roster = "roster.csv"
cache = "cache"
timezone = "Europe/Berlin"
"""


@pytest.fixture(scope="session")
def released(tmp_path_factory) -> Course:
    """A course with ch03 released, which every test gets a copy of."""
    root = tmp_path_factory.mktemp("released")
    (root / "course.toml").write_text(TOML, encoding="utf-8")
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    made = open_course(PROJECT, root)
    steps.release(made, load_chapter(PROJECT, CH))
    return made


@pytest.fixture
def course(released, tmp_path, monkeypatch) -> Course:
    """A course of the test's own, named by the environment, as a student has it."""
    root = tmp_path / "course"
    shutil.copytree(released.root, root)
    monkeypatch.setenv("DLFS_COURSE", str(root))
    return open_course(PROJECT, root)


@pytest.fixture
def home(course, tmp_path) -> Path:
    """A student's folder with the chapter as it was released."""
    folder = tmp_path / "home"
    student.fetch(course, CH, folder)
    return folder


@pytest.fixture
def typed(capsys) -> Callable[..., tuple[int, str, str]]:
    """Return a function that types a command: it gives exit status, output and complaints."""

    def typed(*words: object) -> tuple[int, str, str]:
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return typed
