"""`dlfs mistakes`: known mistakes counted over a class."""

from __future__ import annotations

import json
import os

import pytest

from autograder.cli import main
from autograder.errors import UserError
from autograder.grading.result import GRADED, Check, ExerciseResult, Result, dump, text_of
from autograder.mistakes.statistics import count, load_results, table_lines


def result(student: str, *mistakes: str | None, status: str = "failed") -> Result:
    """A Result with one exercise, one check for each mistake."""
    checks = tuple(
        Check(f"check_{n}", "", True, status, 0.0, 1.0, "", mistake)
        for n, mistake in enumerate(mistakes)
    )
    exercise = ExerciseResult("double", 0.0, 60.0, status, checks)
    return Result(
        "ch01_mini", student, student, "hash", "v", None, GRADED, (), 0.0, 100.0, (exercise,)
    )


CLASS = [
    result("ann", "tripled", "tripled", None),
    result("bob", "tripled + in-place"),
    result("cat", None, status="passed"),
    result("dan", None, status="not_started"),
]


def test_each_student_counts_once_for_each_mistake():
    found = count(CLASS)

    assert [(each.mistake, each.students, each.of) for each in found] == [
        ("tripled", ("ann", "bob"), 3),
        ("in-place", ("bob",), 3),
    ]
    assert found[0].share == pytest.approx(2 / 3)


def test_results_that_could_not_be_marked_do_not_count():
    lost = Result("ch01_mini", "eve", "eve", "h", "v", None, "grader_error", (), 0.0, 100.0, ())

    assert count([lost]) == []


def test_the_table_names_shares_students_and_what_the_mistake_is():
    lines = table_lines(count(CLASS), {("ch01_mini", "tripled"): "x is tripled"})

    assert lines[0] == "ch01_mini double, begun by 3"
    assert lines[1].split() == ["2", "67", "%", "tripled:", "ann,", "bob"]
    assert lines[2].strip() == "x is tripled"
    assert table_lines([], {}) == ["no known mistake in these Results"]


def test_files_and_folders_are_read_the_newest_of_each_student(tmp_path):
    (tmp_path / "class.json").write_text(dump(CLASS), encoding="utf-8")
    folder = tmp_path / "results" / "ann"
    folder.mkdir(parents=True)
    for age, mistake in ((200, "tripled"), (100, "in-place")):
        path = folder / f"{mistake}.json"
        path.write_text(text_of(result("ann", mistake).to_json()), encoding="utf-8")
        os.utime(path, (10_000 - age, 10_000 - age))
    (folder / "other.json").write_text("[1, 2]", encoding="utf-8")

    assert load_results([tmp_path / "class.json"]) == CLASS
    newest = load_results([tmp_path / "results"])
    assert [each.mistake for each in count(newest)] == ["in-place"]


@pytest.mark.parametrize("text", ["[]", "{}", "no JSON", '{"schema": 9, "results": []}'])
def test_a_file_without_results_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UserError, match=r"x\.json"):
        load_results([path])


def test_a_file_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        load_results([tmp_path / "none.json"])


def test_the_command_counts_and_writes_json(mini, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(mini.project.root)
    (tmp_path / "class.json").write_text(dump(CLASS), encoding="utf-8")
    out = tmp_path / "out.json"

    assert main(["mistakes", str(tmp_path / "class.json"), "--json", str(out)]) == 0

    assert "ch01_mini double, begun by 3" in capsys.readouterr().out
    first = json.loads(out.read_text())["mistakes"][0]
    assert (first["mistake"], first["students"], first["share"]) == (
        "tripled",
        ["ann", "bob"],
        0.6667,
    )


def test_the_command_takes_a_course(mini, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(mini.project.root)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "class.json").write_text(dump(CLASS), encoding="utf-8")

    assert main(["mistakes", "--course", str(tmp_path)]) == 0
    named = capsys.readouterr().out
    monkeypatch.setenv("DLFS_COURSE", str(tmp_path))
    assert main(["mistakes"]) == 0

    assert named == capsys.readouterr().out
    assert "ch01_mini double, begun by 3" in named
