"""What the modules on the classroom share: a project of two small chapters."""

from __future__ import annotations

import json

import pytest
from classroom_ch03 import CH, CHAPTER, NOTEBOOK, PROJECT, ROSTER, made_up_result
from classroom_course import FIRST, SECOND, chapter_of, make_course, make_project

from autograder.classroom import results, steps, student
from autograder.classroom.course import Course, open_course
from autograder.project import Project


@pytest.fixture(scope="session")
def minis(tmp_path_factory) -> Project:
    """A project with two small chapters."""
    return make_project(tmp_path_factory.mktemp("minis"), FIRST, SECOND)


@pytest.fixture(scope="session")
def released(minis, tmp_path_factory) -> Course:
    """A course with both chapters released, to be copied; nobody has handed in."""
    course = make_course(minis, tmp_path_factory.mktemp("released"))
    for name in (FIRST, SECOND):
        steps.release(course, chapter_of(course, name))
    return course


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course of its own with ch03 released."""
    root = tmp_path_factory.mktemp("course")
    text = 'id = "test"\nname = "Test"\nroster = "roster.csv"\ncache = "cache"\n'
    (root / "course.toml").write_text(text, encoding="utf-8")
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    made = open_course(PROJECT, root)
    steps.release(made, CHAPTER)
    return made


@pytest.fixture
def hand_in(course, tmp_path):
    """Return a function that fetches ch03, changes it and hands it in."""

    def hand_in(name, code=None, notebook=None, extra=lambda folder: None):
        folder = tmp_path / name
        student.fetch(course, CH, folder)
        work = folder / CH
        if code is not None:
            (work / CHAPTER.file).write_text(code, encoding="utf-8")
        if notebook is not None:
            book = json.loads((work / NOTEBOOK).read_text(encoding="utf-8"))
            notebook(book)
            (work / NOTEBOOK).write_text(json.dumps(book), encoding="utf-8")
        extra(work)
        return student.submit(course, CHAPTER, folder, name)

    return hand_in


@pytest.fixture
def made_up(monkeypatch):
    """Replace marking by made-up Results; the fixture maps students to fractions or states."""
    fractions = {}

    def result_of(course, chapter, student, unsafe=False):
        return made_up_result(chapter, student, fractions.get(student, 0.5))

    monkeypatch.setattr(results, "result_of", result_of)
    return fractions
