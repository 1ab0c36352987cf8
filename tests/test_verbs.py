"""The verbs `test` and `grade` as they are typed: what they print and how they exit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from mini_chapter import mini_source

from autograder.cli import main

HALF_DONE = mini_source("return 3.0 * x")
RIGHT = mini_source("return 2.0 * x", "return 4.0 * x")


@pytest.fixture
def here(mini, monkeypatch):
    """The mini project as the current folder."""
    monkeypatch.chdir(mini.project.root)
    return mini


def test_test_says_where_one_stands_and_what_to_do_next(here, capsys):
    here.stub_file.write_text(HALF_DONE)

    assert main(["test"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "ch01_mini  Mini",
        "  double     failed       0 of 1",
        "  quadruple  not started",
    ]
    assert "double(x): 2 of 2 values are wrong" in said[5]
    assert said[5].endswith("mini.py:3")
    assert said[-2:] == [
        "0 of 2 public checks pass; 2 more run at grading",
        "next: mend double in assignments/ch01_mini/mini.py:3",
    ]


@pytest.mark.parametrize(
    ("source", "words", "status"),
    [
        (mini_source(), [], 0),
        (mini_source(), ["--strict"], 1),
        (RIGHT, ["--strict"], 0),
        (RIGHT, ["--all", "--strict"], 0),
        (HALF_DONE, [], 1),
        (HALF_DONE, ["quadruple"], 0),
        (HALF_DONE, ["ch01", "double"], 1),
        (RIGHT, ["ch01", "treble"], 2),
        (RIGHT, ["ch99"], 2),
    ],
)
def test_the_exit_status_of_test(here, source, words, status):
    here.stub_file.write_text(source)

    assert main(["test", *words]) == status


def test_a_missing_file_of_one_chapter_does_not_stop_the_others(here, capsys):
    for room in ("autograder/suites", "solutions", "assignments"):
        folder = here.project.root / room
        shutil.copytree(folder / "ch01_mini", folder / "ch02_more")
    (here.project.assignments / "ch02_more" / "mini.py").unlink()
    here.stub_file.write_text(RIGHT)

    assert main(["test"]) == 1
    said = capsys.readouterr().out
    assert "double     passed" in said
    assert "ch02_more/mini.py is missing: put it back" in said


def test_grade_prints_a_line_for_each_hand_in_and_writes_json(here, tmp_path, capsys):
    for name, source in {"ann": RIGHT, "bob": HALF_DONE, "cleo": "def double(:"}.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "mini.py").write_text(source)
    order = ["grade", str(tmp_path / "in"), "--chapter", "ch01", "--course", str(tmp_path / "c")]

    assert main([*order, "--json", str(tmp_path / "out.json"), "--jobs", "1"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["ann", "100", "of", "100", "all", "passed"]
    assert "double failed; quadruple not started" in said[1]
    assert said[2].endswith("0 of 100  all crashed")
    assert said[3].startswith("3 marked, mean 33.33 of 100")
    results = json.loads((tmp_path / "out.json").read_text())
    assert (results["schema"], [r["score"] for r in results["results"]]) == (1, [100, 0, 0])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing", "--chapter", "ch01"], "nothing does not exist"),
        (["mini.py", "--chapter", "ch01", "--jobs", "0"], "--jobs must be at least 1"),
        (["mini.py", "--chapter", "ch42"], "there is no chapter 'ch42'"),
    ],
)
def test_a_wrong_order_is_one_sentence_and_status_two(here, capsys, words, says):
    assert main(["grade", *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith("dlfs: ")
    assert says in said
    assert len(said.splitlines()) == 1


def test_outside_a_checkout_there_is_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["test"]) == 2
    assert "is not inside a checkout of the course" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_accident(here):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            [
                sys.executable,
                "-P",
                "-c",
                "from autograder.cli import main; raise SystemExit(main(['test']))",
            ],
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (done.returncode, done.stderr) == (141, "")
