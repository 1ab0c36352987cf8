"""`dlfs test EX --pdb`: the debugger in the learner's code, the failing inputs at hand."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from learner_workspace import replaced, workspace, write

from autograder.manifest import load_chapter


@pytest.fixture
def debug(tmp_path):
    """Return how to change a chapter's code and debug one exercise with the keys typed."""
    project = workspace(tmp_path / "project", "finished")

    def run(changes: dict[str, str], exercise: str, typed: str) -> tuple[int, str]:
        name = "ch02_more" if exercise in ("Scale", "together") else "ch01_mini"
        path = load_chapter(project, name).stub_file
        write(path, replaced(path.read_text(encoding="utf-8"), changes))
        program = "from autograder.cli import main; raise SystemExit(main())"
        done = subprocess.run(
            [sys.executable, "-P", "-c", program, "test", exercise, "--pdb"],
            cwd=project.root,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run


def test_a_wrong_answer_stops_at_the_call_with_its_arguments(debug):
    status, text = debug(
        {"return 2.0 * x": "y = 3.0 * x\n    return y"}, "double", "p x\nn\np y\nl\nq\n"
    )

    assert status == 1
    assert "2 of 2 values are wrong" in text
    assert "ch01_mini/mini.py(8)double()\n-> y = 3.0 * x" in text
    assert "array([ 1., -2.])" in text
    assert "array([ 3., -6.])" in text
    assert "  8  \t    y = 3.0 * x\n  9  ->\t    return y" in text


def test_continue_goes_to_the_next_call_of_the_check(debug):
    changes = {"return double(dout)": "return dout"}

    status, text = debug(changes, "Scale", "c\nc\np dout\nc\n")

    stops = re.findall(r"more\.py\(\d+\)(\w+)\(\)\n-> (.*)", text)
    assert status == 1
    assert stops == [
        ("__init__", "self.calls = 0"),
        ("forward", "self.calls += 1"),
        ("backward", "return dout"),
    ]
    assert "(Pdb) array([1. , 0.5])" in text


def test_a_crash_opens_at_the_line_that_crashed(debug):
    status, text = debug({"return 2.0 * x": "y = len(x)\n    return y.shape"}, "double", "p y\nq\n")

    assert status == 1
    assert "AttributeError in double: 'int' object has no attribute 'shape'" in text
    assert "mini.py(9)double()\n-> return y.shape\n(Pdb) 2\n" in text


def test_leaving_an_endless_loop_ends_it(debug):
    body = "while True:\n        x = x + 1"

    status, text = debug({"return 2.0 * x": body}, "double", "n\nn\nq\n")

    assert status == 1
    assert "did not finish within 5 s" in text
    assert "-> x = x + 1" in text


def test_the_end_of_the_input_leaves(debug):
    status, _ = debug({"return 2.0 * x": "return x"}, "double", "")

    assert status == 1


def test_there_is_no_line_to_stop_at_in_a_file_that_cannot_be_loaded(debug):
    status, text = debug({"return 2.0 * x": "return 2.0 *"}, "double", "")

    assert status == 1
    assert "there is no line of yours to stop at" in text


def test_what_passes_is_not_stopped_in(debug):
    status, text = debug({}, "double", "")

    assert status == 0
    assert "nothing to stop at: double passes" in text
