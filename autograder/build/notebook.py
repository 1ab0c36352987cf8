"""The lab notebook: from `solutions/<chapter>/lab.py`, jupytext's percent format, to `lab.ipynb`.

    # %% check="relu"                       a locked, autograded cell `check("relu")`; no body
    # %% [markdown] question="saturation"   a locked cell that asks, then the answer cell, graded by
                                            hand; the model answer, between solution markers at the
                                            end of the cell, is left out
    # %% locked=true                        a cell that a student cannot change
    # %%                                    an ordinary cell

A question gets a cell of its own because nbgrader's release empties an answer cell completely.
Nothing in the notebook depends on the time or the machine: each build has the same bytes.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autograder.build.regions import BEGIN, END, like_a_marker
from autograder.build.source import Source
from autograder.errors import UserError

ANSWER = "YOUR ANSWER HERE"  # nbgrader's own words for an answer that is still to be written

_OPTIONS = ("check", "question", "locked", "tags")
_IGNORED = ("title", "cell_marker", "lines_to_next_cell")  # jupytext's own, without meaning here
_CELL = re.compile(r"#\s*%%(\s|$)")
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def require_jupytext() -> None:
    """Refuse, in one sentence, to build notebooks where jupytext is not installed."""
    try:
        import jupytext  # noqa: F401
    except ImportError:
        raise UserError(
            "building notebooks needs jupytext, which is not installed: "
            "run make build, or pip install -e '.[author]'"
        ) from None


def notebook(source: Source) -> str:
    """Return the text of the notebook that belongs to a lab source.

    Raises UserError, with file and line, for a cell that does not fit the chapter's manifest.
    """
    import nbformat

    found = _Names(source)
    cells = [made for cell in _cells(source) for made in _convert(source, found, cell)]
    found.check_complete()
    for index, made in enumerate(cells, 1):
        made["id"] = (
            made["metadata"]
            .get("nbgrader", {})
            .get("grade_id", f"{source.chapter.name}-{index:03d}")
        )
    book = nbformat.from_dict(
        {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}
    )
    nbformat.validate(book)
    return nbformat.writes(book) + "\n"


@dataclass(frozen=True)
class _Cell:
    """A cell of the source: its first line, kind ("code" or "markdown"), options and text."""

    line: int
    kind: str
    options: dict[str, Any]
    text: str


@dataclass
class _Names:
    """The names of checks and questions in the lab, each of which must occur exactly once."""

    source: Source
    lines: dict[str, int] = field(default_factory=dict)
    locked: int = 0

    def points(self, cell: _Cell, option: str) -> int:
        """Return the points of the check or question in a cell, and note that it is there."""
        chapter = self.source.chapter
        entries = chapter.exercises if option == "check" else chapter.questions
        known = {entry.name: entry.points for entry in entries}
        name = cell.options[option]
        if name not in known:
            among = ", ".join(known) or "none"
            self.source.refuse(
                cell.line, f"{option} {name!r} is not in the chapter's manifest, which has: {among}"
            )
        if name in self.lines:
            self.source.refuse(
                cell.line, f"{option} {name!r} stands already in line {self.lines[name]}: keep one"
            )
        self.lines[name] = cell.line
        return known[name]

    def check_complete(self) -> None:
        chapter, last = self.source.chapter, self.source.text.count("\n")
        wanted = [(one.name, f'check="{one.name}"') for one in chapter.exercises]
        wanted += [(one.name, f'[markdown] question="{one.name}"') for one in chapter.questions]
        for name, header in wanted:
            if name not in self.lines:
                self.source.refuse(last, f"the lab ends without a cell # %% {header}: add it")


def _cells(source: Source) -> Iterator[_Cell]:
    require_jupytext()
    import jupytext

    try:
        cells = jupytext.reads(source.text, fmt="py:percent").cells
    except Exception as error:
        source.refuse(1, f"jupytext cannot read this file: {error}")
    lines = _cell_lines(source)
    if len(lines) != len(cells):
        source.refuse(1, "every cell, the first one too, must begin with a line # %%")
    for line, cell in zip(lines, cells, strict=True):
        options = {key: value for key, value in cell.metadata.items() if key not in _IGNORED}
        yield _checked(source, _Cell(line, cell.cell_type, options, cell.source))


def _cell_lines(source: Source) -> list[int]:
    source.tree()
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    comments = [token for token in tokens if token.type == tokenize.COMMENT]
    return [token.start[0] for token in comments if _CELL.match(token.string)]


def _checked(source: Source, cell: _Cell) -> _Cell:
    for option in cell.options:
        if option not in _OPTIONS:
            known = ", ".join(_OPTIONS)
            source.refuse(cell.line, f"unknown cell option {option!r}: known are {known}")
    if len(cell.options.keys() & {"check", "question", "locked"}) > 1:
        source.refuse(cell.line, "a cell is one of check, question and locked, not two of them")
    if cell.options.get("locked", True) is not True:
        source.refuse(cell.line, "write locked=true, or leave it out")
    expected = {"check": "code", "question": "markdown"}
    for option, kind in expected.items():
        if option in cell.options and cell.kind != kind:
            source.refuse(cell.line, f"a {option} must be a {kind} cell")
    if cell.kind not in expected.values():
        source.refuse(cell.line, f"a {cell.kind} cell has no place in a lab: use code or markdown")
    return cell


def _convert(source: Source, found: _Names, cell: _Cell) -> Iterator[dict[str, Any]]:
    if "question" in cell.options:
        yield from _question(source, found, cell)
        return
    _refuse_markers(source, cell)
    if "check" in cell.options:
        name, points = cell.options["check"], found.points(cell, "check")
        if cell.text.strip():
            source.refuse(cell.line, f"the check {name!r} must have no body: the build writes it")
        yield _made(cell, f'check("{name}")', _graded(name, points, locked=True))
    elif "locked" in cell.options:
        found.locked += 1
        yield _made(cell, cell.text, _locked(f"locked-{found.locked:02d}"))
    else:
        yield _made(cell, cell.text)


def _question(source: Source, found: _Names, cell: _Cell) -> Iterator[dict[str, Any]]:
    """Yield the locked cell that asks, if it has text, and the empty cell for the answer."""
    name, points = cell.options["question"], found.points(cell, "question")
    lines = [text.rstrip() for text in cell.text.strip().split("\n")]
    markers = [text for text in lines if like_a_marker(text)]
    if markers != [BEGIN, END] or lines[-1] != END:
        source.refuse(
            cell.line,
            f"the question {name!r} must end with its model answer, "
            "between ### BEGIN SOLUTION and ### END SOLUTION",
        )
    asked = "\n".join(lines[: lines.index(BEGIN)]).strip()
    if asked:
        yield _made(cell, asked, _locked(f"{name}-question"))
    yield _made(cell, ANSWER, _graded(name, points, locked=False))


def _refuse_markers(source: Source, cell: _Cell) -> None:
    for text in cell.text.split("\n"):
        if like_a_marker(text.strip()):
            source.refuse(
                cell.line,
                f"{text.strip()!r} in this cell: a lab hides nothing but the answers to questions",
            )


def _made(cell: _Cell, text: str, nbgrader: dict[str, Any] | None = None) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if "tags" in cell.options:
        metadata["tags"] = list(cell.options["tags"])
    if nbgrader:
        metadata["nbgrader"] = nbgrader
    made: dict[str, Any] = {"cell_type": cell.kind, "metadata": metadata, "source": text}
    return made | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})


def _graded(name: str, points: int, *, locked: bool) -> dict[str, Any]:
    """A locked cell is marked by program; an open one holds an answer and is marked by hand."""
    return _nbgrader(name, grade=True, locked=locked, solution=not locked) | {"points": points}


def _locked(name: str) -> dict[str, Any]:
    return _nbgrader(name, grade=False, locked=True, solution=False)


def _nbgrader(name: str, *, grade: bool, locked: bool, solution: bool) -> dict[str, Any]:
    return {
        "schema_version": 3,
        "grade_id": name,
        "grade": grade,
        "locked": locked,
        "solution": solution,
        "task": False,
    }
