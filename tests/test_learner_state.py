"""The progress file: readable, bound to content, safe against two terminals, crashes and tricks."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from learner_workspace import replaced, workspace, write

from autograder.learner import state
from autograder.learner.standing import practise_and_record, standings
from autograder.learner.state import FILE, Note, Progress
from autograder.manifest import load_chapter
from autograder.project import Project

NOTE = Note("passed", 3, 3, 2, 1, "0f", False)


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path)


def noted(progress: Progress) -> Progress:
    return progress.put("ch01_mini", "double", NOTE)


def test_what_was_noted_is_read_again(project):
    state.update(project, noted)

    assert state.read(project) == Progress({"ch01_mini/double": NOTE})
    assert '"ch01_mini/double": {\n' in (project.root / FILE).read_text()


def test_without_a_file_nothing_is_done_yet(project):
    assert state.read(project) == Progress()
    assert not (project.root / FILE).exists()


def entry(**changes: object) -> str:
    item = {"status": "passed", "passed": 3} | changes
    return json.dumps({"format": 1, "exercises": {"ch01_mini/double": item}})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '{"format": 2}',
        '{"format": 1, "exercises": []}',
        '{"format": 1, "here": 7}',
        '{"format": 1, "here": "../../etc/passwd"}',
        '{"format": 1, "exercises": {"\x1b[2J/x": {}}}',
        '{"format": 1, "exercises": {"a/b": 1}}',
        "[" * 100_000,
        '{"format": 1, "exercises": {"a/b": {"passed": 1e999}}}',
        '{"format": 1, "exercises": {"a/b": {"passed": NaN}}}',
        '{"format": 1, "exercises": {"a/b": {"passed": ' + "9" * 5000 + "}}}",
        entry(status="<script>"),
        entry(status="graded by the dean"),
        entry(passed=-1),
        entry(passed=10**7),
        entry(passed=True),
        entry(code="\x1b]0;title\x07"),
        entry(score=100),
        " " * (1 << 20) + entry(),
    ],
)
def test_a_file_of_another_form_is_set_aside_and_named(project, text, capsys):
    (project.root / FILE).write_text(text)

    assert state.read(project) == Progress()

    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("dlfs: .progress.json cannot be used (")
    assert sentence.endswith("kept as .progress.broken-1.json; progress starts afresh")
    assert sentence.isascii()
    assert sentence.isprintable()
    assert (project.root / ".progress.broken-1.json").read_text() == text
    assert not (project.root / FILE).exists()


def test_bytes_that_are_no_text_are_set_aside(project, capsys):
    (project.root / FILE).write_bytes(b"\xff\xfe\x00")

    state.update(project, noted)

    assert state.read(project).of("ch01_mini", "double") == NOTE
    assert (project.root / ".progress.broken-1.json").read_bytes() == b"\xff\xfe\x00"


def test_a_link_is_not_followed(project, tmp_path, capsys):
    outside = tmp_path / "outside.json"
    outside.write_text(entry())
    (project.root / FILE).symlink_to(outside)

    assert state.update(project, lambda progress: progress) == Progress()

    assert outside.read_text() == entry()
    assert (project.root / ".progress.broken-1.json").is_symlink()
    assert not (project.root / FILE).is_symlink()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_set_aside(project, make, capsys):
    make(project.root / FILE)

    assert state.read(project) == Progress()
    assert "it is not a file" in capsys.readouterr().err


def test_files_that_were_set_aside_are_all_kept(project, capsys):
    for text in ("one", "two"):
        (project.root / FILE).write_text(text)
        state.read(project)

    kept = [(project.root / f".progress.broken-{n}.json").read_text() for n in (1, 2)]
    assert kept == ["one", "two"]


def test_two_terminals_lose_nothing(project):
    program = f"""
import sys
from dataclasses import replace
from pathlib import Path
from autograder.learner import state
from autograder.project import Project
def more(progress):
    note = progress.of("ch01_mini", "double")
    return progress.put("ch01_mini", "double", replace(note, attempts=note.attempts + 1))
for _ in range(40):
    state.update(Project(Path({str(project.root)!r})), more)
"""
    writers = [subprocess.Popen([sys.executable, "-P", "-c", program]) for _ in range(3)]

    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert state.read(project).of("ch01_mini", "double").attempts == 120


def test_a_crash_while_writing_keeps_the_old_file_and_frees_the_lock(project, monkeypatch):
    state.update(project, noted)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        state.update(project, lambda progress: Progress())
    monkeypatch.undo()

    assert state.read(project).of("ch01_mini", "double") == NOTE
    state.update(project, lambda progress: progress.put("ch01_mini", "quadruple", NOTE))
    assert len(state.read(project).notes) == 2


def test_where_nothing_can_be_written_the_work_goes_on(project, monkeypatch, capsys):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(state, "write_atomically", refuse)

    assert state.update(project, noted).of("ch01_mini", "double") == NOTE
    assert "progress is not noted" in capsys.readouterr().err


# Bound to content


@pytest.fixture
def half(tmp_path):
    return load_chapter(workspace(tmp_path / "project", "half"), "ch01_mini")


def words(chapter) -> list[str]:
    return [one.words for one in standings(chapter, state.read(chapter.project))]


def edit(chapter, changes: dict[str, str]) -> None:
    write(chapter.stub_file, replaced(chapter.stub_file.read_text(encoding="utf-8"), changes))


def test_an_edit_makes_a_verdict_one_of_the_past(half):
    practise_and_record(half)
    assert words(half) == ["passed 1 of 1", "failed 0 of 1"]

    edit(half, {"return 2.0 * x": "return 2.5 * x"})
    assert words(half)[0] == "passed 1 of 1, changed since"

    edit(half, {"return 2.5 * x": "return 2.0 * x"})
    assert words(half)[0] == "passed 1 of 1"


def test_work_on_one_exercise_leaves_the_others_alone(half):
    practise_and_record(half)

    edit(half, {"return 3.0 * x  # <not yet>": "return 4.0 * x"})

    assert words(half) == ["passed 1 of 1", "failed 0 of 1, changed since"]


def test_a_comment_changes_nothing_and_a_helper_does(half):
    edit(half, {"return 2.0 * x": "return TWO * x", "import numpy as np": "TWO = 2.0"})
    practise_and_record(half)

    edit(half, {"return TWO * x": "# twice\n    return TWO * x"})
    assert words(half)[0] == "passed 1 of 1"

    edit(half, {"TWO = 2.0": "TWO = 3.0"})
    assert words(half)[0] == "passed 1 of 1, changed since"


def test_attempts_count_versions_not_runs(half):
    def attempts() -> int:
        return state.read(half.project).of("ch01_mini", "quadruple").attempts

    practise_and_record(half)
    practise_and_record(half)
    assert attempts() == 1

    edit(half, {"3.0 * x": "5.0 * x"})
    practise_and_record(half)
    assert attempts() == 2


def test_a_file_that_is_no_python_is_a_version_too(half):
    practise_and_record(half)

    edit(half, {"return 2.0 * x": "return 2.0 *"})
    assert words(half)[0] == "passed 1 of 1, changed since"

    practise_and_record(half)
    assert words(half)[0].startswith("crashed 0 of 1")
