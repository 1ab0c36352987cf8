"""What students of the sample class do besides writing code, in their folder and the exchange."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder.classroom.course import Course

NOTEBOOK = "lab.ipynb"
LINK = "notes.py"
QUESTION = "saturation"
ANSWER = "Far from zero the curve is flat: its slope, and with it every gradient, is nearly 0."


def nothing(*_: object) -> None:
    """Do nothing besides."""


def answer(folder: Path) -> None:
    """Answer a question of the lab in words."""
    path = folder / NOTEBOOK
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if _grade_id(cell) == QUESTION:
            cell["source"] = ANSWER
    path.write_text(json.dumps(notebook), encoding="utf-8")


def cut_notebook(folder: Path) -> None:
    """Lose the second half of the notebook, as a full disk would."""
    path = folder / NOTEBOOK
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def link_to_gradebook(hand_in: Path, course: Course) -> None:
    """Put a link where a collector that follows it copies everybody's marks."""
    (hand_in / LINK).symlink_to(course.gradebook)


def _grade_id(cell: dict[str, Any]) -> Any:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")
