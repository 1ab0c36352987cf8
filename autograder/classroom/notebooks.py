"""Notebooks as marking needs them: the released one, with nothing of the student's but answers."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

from autograder.errors import UserError

MAX_ANSWER = 20_000  # characters of one written answer
MAX_NOTEBOOK = 20_000_000  # bytes
MAX_CELLS = 1_000
MAX_PARTS = 100_000  # lists and entries of dicts: nbformat and nbconvert need seconds for more
_MAX_BRACKETS = 1_000_000  # also those in text; looked at before anything is parsed
_MAX_NESTING = 40

Notebook = Any  # nbformat's NotebookNode, which is published without types

# Answers are Markdown, and nbgrader's pages show it with everything that it can do. So that no
# script, link or picture of a student's reaches the browser of whoever marks: an opening, closing
# or special tag; the second half of a link, a picture or what they refer to; the commands of
# MathJax that make links and elements, or other commands. They are shown as they were written.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"\](?=[(\[:])")
_COMMAND = re.compile(
    r"\\(?=(?:href|url|style|class|cssId|data|require|csname|unicode|(?:[egx]|math)?def|let"
    r"|(?:re)?new(?:command|environment)|Declare\w+|mmlToken|bbox)(?![A-Za-z]))"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def trouble(path: Path) -> str | None:
    """Say why nbgrader could not read the notebook at `path`, or None if it can."""
    if path.is_symlink() or not path.is_file():
        return "is not a file" if path.exists() or path.is_symlink() else "is missing"
    if path.stat().st_size > MAX_NOTEBOOK:
        return "is too large"
    try:
        text = path.read_text(encoding="utf-8")
        if text.count("[") + text.count("{") > _MAX_BRACKETS or not _is_small(json.loads(text)):
            return "has too many parts"
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
        name, text = _labels(cell).get("grade_id"), cell.get("source")
        if isinstance(name, str) and isinstance(text, str):
            found.setdefault(name, text)
    return found


def is_version_of(path: Path, released: Path) -> bool:
    """Say whether the notebook at `path` can be read and has a graded cell of the released one."""
    if trouble(path):
        return False
    graded = [cell for cell in read(released)["cells"] if is_answer(cell) or is_exercise(cell)]
    return any(cell["metadata"]["nbgrader"]["grade_id"] in answers(read(path)) for cell in graded)


def changes(released: Notebook, handed_in: Notebook) -> list[str]:
    """Return what happened to the graded cells of a notebook, for example "relu edited"."""
    theirs: dict[str, list[Notebook]] = {}
    for cell in handed_in["cells"]:
        if _labels(cell).get("grade") or _labels(cell).get("solution"):
            theirs.setdefault(str(_labels(cell).get("grade_id")), []).append(cell)
    found = []
    for cell in released["cells"]:
        if is_exercise(cell) or is_answer(cell):
            name = _labels(cell)["grade_id"]
            change = _change(cell, theirs.pop(name, []))
            found += [f"{name} {change}"] if change else []
    return found + [f"{name} added" for name in sorted(theirs)]


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
    return bool(_labels(cell).get("grade") and _labels(cell).get("solution"))


def is_exercise(cell: Notebook) -> bool:
    """Say whether the cell carries the score of an exercise."""
    labels = _labels(cell)
    return cell["cell_type"] == "code" and bool(labels.get("grade")) and not labels.get("solution")


def refuse_secrets(folder: Path) -> None:
    """Refuse to release a folder in which a solution or a hidden check is left."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found = re.search(rb"(BEGIN|END) (SOLUTION|HIDDEN)", path.read_bytes())
            if found:
                mark = found.group().decode()
                raise UserError(f"{path} holds {mark!r} and would be released: run dlfs build")


def _change(ours: Notebook, theirs: list[Notebook]) -> str | None:
    if len(theirs) != 1:
        return "duplicated" if theirs else "deleted"
    (cell,) = theirs
    before, now = _labels(ours), _labels(cell)
    if now.get("points") != before.get("points"):
        return "given other points"
    if now.get("schema_version") != before.get("schema_version"):
        return "of another nbgrader schema"
    # A clone's notebook has never been through nbgrader, which adds the type of the cell.
    labels = {"cell_type": before.get("cell_type")} | now
    kinds = ("grade", "solution", "locked", "cell_type")
    if [labels.get(key) for key in kinds] != [before.get(key) for key in kinds]:
        return "relabelled"
    if is_exercise(ours) and str(cell.get("source")).strip() != ours["source"].strip():
        return "edited"
    return None


def _labels(cell: Notebook) -> dict[str, Any]:
    labels = cell.get("metadata", {}).get("nbgrader")
    return labels if isinstance(labels, dict) else {}


def _as_text(text: str) -> str:
    clean = text[: 2 * MAX_ANSWER].encode("utf-8", "replace").decode("utf-8")
    clean = _CONTROL.sub("", clean)
    if len(clean) > MAX_ANSWER:
        clean = clean[:MAX_ANSWER] + "\n\n(cut here: the answer is longer than can be marked)"
    clean = _COMMAND.sub(r"\\backslash ", _LINK.sub(r"]\\", clean))
    return _TAG.sub("&lt;", clean)


def _is_small(book: dict[str, Any]) -> bool:
    """Say whether a notebook is one that somebody may have written; lines of text count little."""
    waiting: list[Any] = [book]
    parts = 0
    while waiting and parts <= MAX_PARTS:
        value = waiting.pop()
        parts += len(value) if isinstance(value, dict) else 1
        inner = value.values() if isinstance(value, dict) else value
        waiting += [item for item in inner if isinstance(item, (dict, list))]
    return parts <= MAX_PARTS and len(book.get("cells", ())) <= MAX_CELLS


def _is_plain(notebook: Notebook) -> bool:
    # nbconvert reads metadata.language and copies the notebook recursively before we see it.
    return "language" not in notebook["metadata"] and _nesting_within(notebook, _MAX_NESTING)


def _nesting_within(value: Any, room: int) -> bool:
    if not isinstance(value, (dict, list)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return room > 0 and all(_nesting_within(item, room - 1) for item in inner)
