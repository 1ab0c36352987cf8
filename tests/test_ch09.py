"""ch09_conv: its suites accept correct solutions; slow layers lose the race."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.run import collect, run_suite
from autograder.manifest import load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = load_chapter(Project(ROOT), "ch09_conv")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
CORRECT = [CHAPTER.source_file, *sorted((ROOT / "tests" / "correct" / CHAPTER.name).glob("*.py"))]
RACE = "conv_is_fast"  # takes a second: only where speed is the mistake

PRODUCT = "y = W.reshape(n_filters, -1) @ self.cols.T"
DW = 'self.grads["W"] = (drows @ self.cols).reshape(W.shape)'
DCOLS = "dcols = (W.reshape(n_filters, -1).T @ drows).T"

SLOW = [
    ("windows one by one", PRODUCT,
     "f = W.reshape(n_filters, -1)\n"
     "        y = np.array([(f * window).sum(axis=1) for window in self.cols]).T.copy()"),
    ("naive backward", DCOLS,
     "dcols = np.array([[np.sum(w * d) for w in W.reshape(n_filters, -1).T] for d in drows.T])"),
]  # fmt: skip


def block(name: str) -> str:
    """The text of one exercise in the reference; conv1d consists of two functions."""
    found = re.findall(
        rf"^(?:class|def) {name}(?:_forward|_backward)?\b.*?(?=^(?:class|def) |^# In the|\Z)",
        REFERENCE,
        re.M | re.S,
    )
    assert found, name
    text = "".join(found)
    assert text in REFERENCE
    return text


def changed(exercise: str, old: str, new: str) -> str:
    """The reference with one place of one exercise changed."""
    text = block(exercise)
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {exercise}"
    return REFERENCE.replace(text, text.replace(old, new))


def run(
    source: str, exercises: tuple[str, ...] | None = None, skip: frozenset[str] = frozenset()
) -> list[CheckOutcome]:
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    return run_suite(Task(CHAPTER, program, LocalSession, exercises=exercises, skip=skip))


def killed_by(
    source: str, exercise: str, skip: frozenset[str] = frozenset({RACE})
) -> dict[str, str]:
    """The checks of the exercise that reject a program, and what they say."""
    compile(source, CHAPTER.file, "exec")
    outcomes = run(source, (exercise,), skip)
    assert {outcome.exercise for outcome in outcomes} == {exercise}
    return {one.id: one.message for one in outcomes if one.status in ("failed", "crashed")}


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_every_check(path: Path) -> None:
    outcomes = run(path.read_text(encoding="utf-8"))

    assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []
    assert {one.exercise for one in outcomes} == {one.name for one in CHAPTER.exercises}


@pytest.mark.parametrize(("old", "new"), [pytest.param(*rest, id=name) for name, *rest in SLOW])
def test_slow_layer_loses_the_race(old: str, new: str) -> None:
    program = marking_program(CHAPTER, {CHAPTER.file: REFERENCE.encode()})
    checks = {one.id for one in collect(Task(CHAPTER, program, LocalSession))}

    found = killed_by(changed("Conv2D", old, new), "Conv2D", frozenset(checks - {RACE}))

    assert list(found) == [RACE]
    assert "times as long as the naive version" in found[RACE]


def test_filters_that_do_not_learn_fail_both_trainings() -> None:
    source = changed("Conv2D", DW, 'self.grads["W"] = np.zeros_like(W)')

    assert set(killed_by(source, "mnist")) == {"stripes", "digits"}
