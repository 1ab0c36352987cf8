"""What every verb of the learner prints, on an untouched, a half-done and a finished workspace.

The texts are in tests/learner_golden/. To write them anew after a change that is meant:
`WRITE_GOLDEN=1 pytest tests/test_learner_golden.py`, and read the difference.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from learner_workspace import STATES, workspace

from autograder.cli import main

GOLDEN = Path(__file__).parent / "learner_golden"

# One story in each workspace: a line is a command, what follows `<` is typed into it.
STORY = """
progress --no-page
test
hint quadruple
hint quadruple --rung 3
compare double
plot ch01
watch < hnlrxcq
catchup ch02
progress --no-page
reset quadruple
progress --no-page
"""
MORE = """
hint
hint quadruple --rung 4
compare quadruple
compare Scale --anyway
compare relu
plot ch02
catchup ch01
watch ch02 together < hhhhq
test --pdb
reset
reset together
reset ch02_more
progress
"""


def told(story, capsys, monkeypatch) -> str:
    """Run a story; return all that is printed, with the exit statuses."""
    lines = []
    for line in filter(None, story.splitlines()):
        words, _, typed = line.partition(" < ")
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = main(words.split())
        said = capsys.readouterr()
        lines += [f"$ dlfs {line}", *said.out.splitlines(), *said.err.splitlines()]
        lines += [f"[exit {status}]", ""]
    return "\n".join(one.rstrip() for one in lines) + "\n"


@pytest.mark.parametrize("state", STATES)
def test_every_command_says_what_it_said(state, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(workspace(tmp_path / "project", state).root)
    monkeypatch.setenv("COLUMNS", "80")
    path = GOLDEN / f"{state}.txt"

    text = told(STORY + (MORE if state == "half" else ""), capsys, monkeypatch)

    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_stored_texts_are_plain_ascii_and_show_no_machine():
    for state in STATES:
        text = (GOLDEN / f"{state}.txt").read_text(encoding="utf-8")

        assert text.isascii()
        assert "/tmp" not in text
        assert "Traceback" not in text
        assert "\x1b" not in text
