"""The sample class: twelve students whose work is the reference with small named changes.

What each of them deserves follows from the change alone, never from what marking says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.build.assemble import stub
from autograder.classroom.course import Course
from autograder.demo import besides
from autograder.demo.code import (
    Slip,
    half,
    half_open,
    instead,
    reference,
    slipped,
    without_a_colon,
)
from autograder.manifest import Chapter

CHAPTERS = ("ch03_activations", "ch06_layers")

FULL, SOME, NONE = "full", "less than full", "none"

Code = Callable[[Chapter], str]
Deserves = Callable[[Chapter], "dict[str, Deserved]"]


@dataclass(frozen=True)
class Deserved:
    """What an exercise deserves: all its points, some loss, or none and then with which state."""

    points: str
    states: tuple[str, ...] = ("passed",)


@dataclass(frozen=True)
class Sample:
    """One student: `code` makes the hand-in of a chapter, `deserves` says what is due for it.

    folder, exchange: what else the student does to the own folder before handing in, and to the
        hand-in in the exchange afterwards
    odd: the file that the instructor must be told about
    by_hand: points that the instructor gives for written answers, by chapter and question
    """

    id: str
    first_name: str
    last_name: str
    about: str
    code: Code
    deserves: Deserves
    folder: Callable[[Path], None] = besides.nothing
    exchange: Callable[[Path, Course], None] = besides.nothing
    odd: str | None = None
    late: bool = False
    by_hand: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


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
READ = 'raise ValueError(open("/etc/passwd").read())'
_HOSTILE = {"ch03_activations": "softplus", "ch06_layers": "Flatten"}


def _all(chapter: Chapter, deserved: Deserved) -> dict[str, Deserved]:
    return {exercise.name: deserved for exercise in chapter.exercises}


def _perfect(chapter: Chapter) -> dict[str, Deserved]:
    return _all(chapter, Deserved(FULL))


def _nothing(*states: str) -> Deserves:
    return lambda chapter: _all(chapter, Deserved(NONE, states))


def _half(chapter: Chapter) -> dict[str, Deserved]:
    done = half(chapter)
    rest = Deserved(NONE, ("not_started", "waiting"))
    return _perfect(chapter) | {name: rest for name in _all(chapter, rest) if name not in done}


def _slip_in(name: str) -> tuple[Code, Deserves]:
    slip = SLIPS[name]

    def code(chapter: Chapter) -> str:
        return slipped(chapter, slip) if chapter.name == name else reference(chapter)

    def deserves(chapter: Chapter) -> dict[str, Deserved]:
        change = {slip.exercise: Deserved(SOME, ("failed",))} if chapter.name == name else {}
        return _perfect(chapter) | change

    return code, deserves


def _hostile(statement: str, *states: str) -> tuple[Code, Deserves]:
    def code(chapter: Chapter) -> str:
        return instead(chapter, _HOSTILE[chapter.name], statement)

    def deserves(chapter: Chapter) -> dict[str, Deserved]:
        return _perfect(chapter) | {_HOSTILE[chapter.name]: Deserved(NONE, states)}

    return code, deserves


CLASS = (
    Sample(
        "ada",
        "Ada",
        "Berg",
        "everything, an answer in words",
        reference,
        _perfect,
        folder=besides.answer,
        by_hand={CHAPTERS[0]: {besides.QUESTION: 4.0}},
    ),
    Sample("ben", "Ben", "Costa", "the first half done", half_open, _half),
    Sample("cleo", "Cleo", "Dahl", "nothing touched", stub, _nothing("not_started", "waiting")),
    Sample("dan", "Dan", "Evans", "a typical mistake in ch03", *_slip_in("ch03_activations")),
    Sample("eve", "Eve", "Fuchs", "a typical mistake in ch06", *_slip_in("ch06_layers")),
    Sample(
        "finn", "Finn", "Gray", "a syntax error", without_a_colon, _nothing("crashed", "waiting")
    ),
    Sample("gita", "Gita", "Hart", "an endless loop", *_hostile(LOOP, "timeout")),
    Sample("hugo", "Hugo", "Ivers", "an os._exit", *_hostile(EXIT, "crashed")),
    Sample(
        "iris",
        "Iris",
        "Jung",
        "a cut-off notebook",
        reference,
        _perfect,
        folder=besides.cut_notebook,
        odd=besides.NOTEBOOK,
    ),
    Sample(
        "jack",
        "Jack",
        "Kern",
        "a link to the gradebook",
        reference,
        _perfect,
        exchange=besides.link_to_gradebook,
        odd=besides.LINK,
    ),
    Sample("kim", "Kim", "Lund", "one who reads files", *_hostile(READ, "crashed")),
    Sample("lena", "Lena", "Moe", "everything, a day late", reference, _perfect, late=True),
)
