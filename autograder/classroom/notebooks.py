"""Notebooks as marking needs them: the released one, with nothing of the student's but answers."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

from autograder.errors import UserError

MAX_ANSWER = 20_000  # characters of one written answer
MAX_NOTEBOOK = 20_000_000  # bytes
_MAX_NESTING = 40

Notebook = Any  # nbformat's NotebookNode, which is published without types

# An opening, closing or special tag. Answers are Markdown, where raw HTML would reach the browser
# of whoever marks them.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def trouble(path: Path) -> str | None:
    """Say why nbgrader could not read the notebook at `path`, or None if it can."""
    if path.is_symlink() or not path.is_file():
        return "is not a file" if path.exists() or path.is_symlink() else "is missing"
    if path.stat().st_size > MAX_NOTEBOOK:
        return "is too large"
    try:
        notebook = read(path)
        answers(notebook)
        if not _is_plain(notebook):
            return "has unusual metadata"
    except Exception as error:  # whatever nbformat stumbles over, the released one stands in
        return f"cannot be read ({type(error).__name__})"
    return None


def read(path: Path) -> Notebook:
    """Read a notebook of any format up to 4, as format 4."""
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cells without an id, soon to be required
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def answers(notebook: Notebook) -> dict[str, str]:
    """Return the text of every cell that carries a grade id; the first one counts."""
    found: dict[str, str] = {}
    for cell in notebook["cells"]:
        labels = cell.get("metadata", {}).get("nbgrader") or {}
        name, text = labels.get("grade_id"), cell.get("source")
        if isinstance(name, str) and isinstance(text, str):
            found.setdefault(name, text)
    return found


def rebuild(released: Notebook, handed_in: Notebook) -> Notebook:
    """Return the released notebook with the written answers of the one that was handed in.

    An answer is text and nothing else: bounded, without control characters, its HTML shown as text.
    """
    texts = answers(handed_in)
    for cell in released["cells"]:
        if is_answer(cell):
            name = cell["metadata"]["nbgrader"]["grade_id"]
            if name in texts and texts[name] != cell["source"]:
                cell["source"] = _as_text(texts[name])
    return released


def is_answer(cell: Notebook) -> bool:
    """Say whether the cell is a written answer, marked by hand."""
    labels = cell["metadata"].get("nbgrader", {})
    return bool(labels.get("grade") and labels.get("solution"))


def is_exercise(cell: Notebook) -> bool:
    """Say whether the cell carries the score of an exercise."""
    labels = cell["metadata"].get("nbgrader", {})
    return cell["cell_type"] == "code" and bool(labels.get("grade")) and not labels.get("solution")


def refuse_secrets(folder: Path) -> None:
    """Refuse to release a folder in which a solution or a hidden check is left."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found = re.search(rb"(BEGIN|END) (SOLUTION|HIDDEN)", path.read_bytes())
            if found:
                mark = found.group().decode()
                raise UserError(f"{path} holds {mark!r} and would be released: run dlfs build")


def _as_text(text: str) -> str:
    clean = _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    if len(clean) > MAX_ANSWER:
        clean = clean[:MAX_ANSWER] + "\n\n(cut here: the answer is longer than can be marked)"
    return _TAG.sub("&lt;", clean)


def _is_plain(notebook: Notebook) -> bool:
    # nbconvert reads metadata.language and copies the notebook recursively before we see it.
    return "language" not in notebook["metadata"] and _nesting_within(notebook, _MAX_NESTING)


def _nesting_within(value: Any, room: int) -> bool:
    if not isinstance(value, (dict, list)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return room > 0 and all(_nesting_within(item, room - 1) for item in inner)
