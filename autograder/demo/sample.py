"""The sample class: eight students whose work is the reference with small named changes.

What each of them deserves follows from the change alone, never from what marking says.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from autograder.build.assemble import stub
from autograder.errors import UserError
from autograder.manifest import Chapter

CHAPTERS = ("ch03_activations", "ch06_layers")

FULL, SOME, NONE = "full", "less than full", "none"


@dataclass(frozen=True)
class Deserved:
    """What an exercise deserves: all its points, some loss, or none and then with which state."""

    points: str
    states: tuple[str, ...] = ("passed",)


@dataclass(frozen=True)
class Sample:
    """One student: `code` makes the hand-in of a chapter, `deserves` says what is due for it."""

    id: str
    first_name: str
    last_name: str
    about: str
    code: Callable[[Chapter], str]
    deserves: Callable[[Chapter], dict[str, Deserved]]


@dataclass(frozen=True)
class Slip:
    """A typical mistake: one place of the reference, in an exercise that no other one needs."""

    exercise: str
    right: str
    wrong: str


SLIPS = {
    # The derivative is meant to be taken at the input; this one takes the input for the output.
    "ch03_activations": Slip("tanh", "return 1 - tanh(x) ** 2", "return 1 - np.square(x)"),
    # The mean runs over all elements; this is the gradient of a mean over rows.
    "ch06_layers": Slip(
        "MeanSquaredError",
        "return 2 * self.difference / self.difference.size",
        "return 2 * self.difference / len(self.difference)",
    ),
}

LOOP = "while True: pass"
# `os` cannot be imported at marking, but a standard module has it in its pocket.
EXIT = "import random; random._os._exit(0)"
_HOSTILE = {"ch03_activations": "softplus", "ch06_layers": "Flatten"}


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


def slipped(chapter: Chapter, slip: Slip) -> str:
    """Return the reference with one typical mistake."""
    text = reference(chapter)
    if text.count(slip.right) != 1:
        raise UserError(f"{chapter.source_file}: {slip.right!r} must occur once, for the demo")
    return _replace(text, slip.right, slip.wrong)


def without_a_colon(chapter: Chapter) -> str:
    """Return the reference with a syntax error: the first function or class lacks its colon."""
    return re.sub(r"^((?:class|def) .*):$", r"\1", reference(chapter), count=1, flags=re.MULTILINE)


def _all(chapter: Chapter, deserved: Deserved) -> dict[str, Deserved]:
    return {exercise.name: deserved for exercise in chapter.exercises}


def _perfect(chapter: Chapter) -> dict[str, Deserved]:
    return _all(chapter, Deserved(FULL))


def _nothing(*states: str) -> Callable[[Chapter], dict[str, Deserved]]:
    return lambda chapter: _all(chapter, Deserved(NONE, states))


def _half(chapter: Chapter) -> dict[str, Deserved]:
    done = half(chapter)
    rest = Deserved(NONE, ("not_started", "waiting"))
    return _perfect(chapter) | {name: rest for name in _all(chapter, rest) if name not in done}


def _slip_in(
    name: str,
) -> tuple[Callable[[Chapter], str], Callable[[Chapter], dict[str, Deserved]]]:
    slip = SLIPS[name]

    def code(chapter: Chapter) -> str:
        return slipped(chapter, slip) if chapter.name == name else reference(chapter)

    def deserves(chapter: Chapter) -> dict[str, Deserved]:
        change = {slip.exercise: Deserved(SOME, ("failed",))} if chapter.name == name else {}
        return _perfect(chapter) | change

    return code, deserves


def _hostile(
    statement: str, *states: str
) -> tuple[Callable[[Chapter], str], Callable[[Chapter], dict[str, Deserved]]]:
    def code(chapter: Chapter) -> str:
        return instead(chapter, _HOSTILE[chapter.name], statement)

    def deserves(chapter: Chapter) -> dict[str, Deserved]:
        return _perfect(chapter) | {_HOSTILE[chapter.name]: Deserved(NONE, states)}

    return code, deserves


def _open_half(chapter: Chapter) -> str:
    done = half(chapter)
    return left_open(chapter, [e.name for e in chapter.exercises if e.name not in done])


CLASS = (
    Sample("ada", "Ada", "Berg", "everything right", reference, _perfect),
    Sample("ben", "Ben", "Costa", "the first half done", _open_half, _half),
    Sample("cleo", "Cleo", "Dahl", "nothing touched", stub, _nothing("not_started", "waiting")),
    Sample("dan", "Dan", "Evans", "a typical mistake in ch03", *_slip_in("ch03_activations")),
    Sample("eve", "Eve", "Fuchs", "a typical mistake in ch06", *_slip_in("ch06_layers")),
    Sample(
        "finn", "Finn", "Gray", "a syntax error", without_a_colon, _nothing("crashed", "waiting")
    ),
    Sample("gita", "Gita", "Hart", "an endless loop", *_hostile(LOOP, "timeout")),
    Sample("hugo", "Hugo", "Ivers", "an os._exit", *_hostile(EXIT, "crashed")),
)


def _name(node: ast.stmt) -> str | None:
    return getattr(node, "name", None)


def _exercises_in(text: str) -> set[str]:
    return set(re.findall(r'raise NotImplementedError\("(\w+)"\)', text))


def _replace(text: str, old: str, new: str) -> str:
    changed = text.replace(old, new)
    ast.parse(changed)
    return changed
