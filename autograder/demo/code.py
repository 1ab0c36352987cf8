"""What a student hands in as code: the reference with one small named change."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass

from autograder.build.assemble import stub
from autograder.errors import UserError
from autograder.manifest import Chapter


@dataclass(frozen=True)
class Slip:
    """A typical mistake: one place of the reference, in an exercise that no other one needs."""

    exercise: str
    right: str
    wrong: str


def reference(chapter: Chapter) -> str:
    """Return the reference module without its markers, as somebody would hand it in."""
    lines = chapter.source_file.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip().startswith("### "))


def half(chapter: Chapter) -> set[str]:
    """Return the exercises that come first in the chapter, half of them."""
    names = [exercise.name for exercise in chapter.exercises]
    return set(names[: len(names) // 2])


def left_open(chapter: Chapter, exercises: Collection[str]) -> str:
    """Return the reference with `exercises` as they stand in the stub."""
    text, open_text = reference(chapter), stub(chapter)
    theirs = {_name(node): node for node in ast.parse(text).body}
    lines, open_lines = text.splitlines(keepends=True), open_text.splitlines(keepends=True)
    for node in reversed(ast.parse(open_text).body):
        body = open_lines[node.lineno - 1 : node.end_lineno]
        if _exercises_in("".join(body)) & set(exercises):
            mine = theirs[_name(node)]
            lines[mine.lineno - 1 : mine.end_lineno] = body
    return "".join(lines)


def instead(chapter: Chapter, exercise: str, statement: str) -> str:
    """Return the reference with `statement` in the place of every solution of an exercise."""
    text = left_open(chapter, {exercise})
    return _replace(text, f'raise NotImplementedError("{exercise}")', statement)


def half_open(chapter: Chapter) -> str:
    """Return the reference with the second half of the exercises as they stand in the stub."""
    done = half(chapter)
    return left_open(chapter, [e.name for e in chapter.exercises if e.name not in done])


def slipped(chapter: Chapter, slip: Slip) -> str:
    """Return the reference with one typical mistake."""
    text = reference(chapter)
    if text.count(slip.right) != 1:
        raise UserError(f"{chapter.source_file}: {slip.right!r} must occur once, for the demo")
    return _replace(text, slip.right, slip.wrong)


def without_a_colon(chapter: Chapter) -> str:
    """Return the reference with a syntax error: the first function or class lacks its colon."""
    return re.sub(r"^((?:class|def) .*):$", r"\1", reference(chapter), count=1, flags=re.MULTILINE)


def _name(node: ast.stmt) -> str | None:
    return getattr(node, "name", None)


def _exercises_in(text: str) -> set[str]:
    return set(re.findall(r'raise NotImplementedError\("(\w+)"\)', text))


def _replace(text: str, old: str, new: str) -> str:
    changed = text.replace(old, new)
    ast.parse(changed)
    return changed
