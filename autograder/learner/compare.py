"""The reference beside one's own code."""

from __future__ import annotations

from itertools import zip_longest

from autograder.learner import code
from autograder.learner.sources import shown, solution
from autograder.manifest import Chapter, Exercise

_COLUMN = 60  # characters a column needs for code that is not cut too often


def both(chapter: Chapter, exercise: Exercise, width: int) -> list[str]:
    """Return the learner's functions of an exercise and the reference's, side by side if they fit.

    Raises UserError where the solution is not part of this copy.
    """
    reference = solution(chapter)
    names = [part.name for part in code.own_parts(chapter, exercise.name)]
    if not names:
        return [f"{exercise.name} has no code of its own: it tries the other exercises together"]
    own = code.read_text(chapter.stub_file)
    blocks = [(_lines_of(own, name), _lines_of(reference, name)) for name in names]
    heads = (f"yours: {shown(chapter.project, chapter.stub_file)}", "the reference")
    show = _beside if width >= 2 * _COLUMN else _below
    return show(heads, blocks, width)


def _lines_of(text: str, name: str) -> list[str]:
    tree = code.parse(text)
    found = [part for part in code.parts(tree) if part.name == name] if tree else []
    if not found:
        return [f"({name} is not there)"]
    lines = text.split("\n")
    return [
        line.expandtabs() for part in found for line in ["", *lines[part.first - 1 : part.last]]
    ][1:]


def _beside(heads: tuple[str, str], blocks: list, width: int) -> list[str]:
    """Set two columns; a line that is too long goes on in the next row."""
    column = (width - 3) // 2
    rows = [f"{heads[0]:<{column}}   {heads[1]}", f"{'-' * column}   {'-' * column}"]
    for own, reference in blocks:
        for left, right in zip_longest(own, reference, fillvalue=""):
            pieces = zip_longest(_cut(left, column), _cut(right, column), fillvalue="")
            rows += [f"{a:<{column}}   {b}".rstrip() for a, b in pieces]
        rows.append("")
    return rows[:-1]


def _below(heads: tuple[str, str], blocks: list, width: int) -> list[str]:
    rows = []
    for side, head in enumerate(heads):
        rows += [head, "-" * min(width, len(head))]
        for block in blocks:
            rows += [*block[side], ""]
    return rows[:-1]


def _cut(line: str, column: int) -> list[str]:
    return [line[at : at + column] for at in range(0, len(line), column)] or [""]
