"""ch07_optimizers: its suites accept correct solutions, and trivial ones earn nothing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.build.regions import strip
from autograder.build.source import Source
from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.reference import load_reference
from autograder.engine.run import run_suite
from autograder.engine.seeds import Seeds
from autograder.manifest import load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = load_chapter(Project(ROOT), "ch07_optimizers")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
CORRECT = [CHAPTER.source_file, *sorted((ROOT / "tests" / "correct" / CHAPTER.name).glob("*.py"))]

NO_H, NO_M = (f"if key not in self.{name}:" for name in "hm")
FASTER, SUM = "v *= self.mu", "h += g * g"


def block(name: str) -> str:
    """The text of one class or function of the reference."""
    found = re.search(rf"^(class|def) {name}\b.*?(?=^(?:class|def) |\Z)", REFERENCE, re.M | re.S)
    assert found, name
    return found.group()


def run(source: str, exercises: tuple[str, ...] | None = None, **more) -> list[CheckOutcome]:
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    return run_suite(Task(CHAPTER, program, LocalSession, exercises=exercises, **more))


def names_without_digits() -> tuple[str, ...]:
    return tuple(one.name for one in CHAPTER.exercises if one.name != "mnist")


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_every_check(path: Path) -> None:
    outcomes = run(path.read_text(encoding="utf-8"))

    assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []
    assert {one.exercise for one in outcomes} == {one.name for one in CHAPTER.exercises}


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_with_other_inputs(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    outcomes = run(source, names_without_digits(), seeds=Seeds(secret=b"another"))

    assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []


def test_stub_is_not_started() -> None:
    outcomes = run(strip(Source.read(CHAPTER, CHAPTER.source_file)))

    assert {outcome.status for outcome in outcomes} == {"not_started", "waiting"}
    assert {one.exercise for one in outcomes if one.status == "waiting"} == {"mnist"}


TRIVIAL = {
    "SGD": "pass",
    "Adam": "for p in params.values():\n            p -= 0.0",
    "linear_decay": "return lambda t: start",
    "exponential_decay": "return lambda t: end",
    "cosine_decay": "return lambda t: start if t == 0 else end",
    "clip_grad_norm": "return grads, 0.0",
    "Trainer": "pass",
}


@pytest.mark.parametrize("exercise", TRIVIAL)
def test_trivial_answer_gains_nothing(exercise: str) -> None:
    text = block(exercise)
    body = re.compile(r"### BEGIN SOLUTION.*?### END SOLUTION", re.S)
    source = REFERENCE.replace(text, body.sub(TRIVIAL[exercise], text))

    outcomes = run(source, (exercise,))

    assert {outcome.status for outcome in outcomes} <= {"failed", "crashed"}


# Without state, each of these falls short on the digits as well.
FORGETFUL = {
    "Momentum": (FASTER, "v *= 0"),
    "Nesterov": (FASTER, "v *= 0"),
    "AdaGrad": (SUM, "h[...] = g * g"),
    "RMSProp": (NO_H, "if True:"),
    "Adam": (NO_M, "if True:"),
}


def test_forgetful_optimizers_fail_on_the_digits() -> None:
    source = REFERENCE
    for exercise, (old, new) in FORGETFUL.items():
        source = source.replace(block(exercise), block(exercise).replace(old, new))

    outcomes = run(source, ("mnist",))

    passed = [outcome.id for outcome in outcomes if outcome.status == "passed"]
    assert passed == ["digits_learned[SGD]", "digits[SGD]"]


def test_progress_is_shown_on_a_terminal_only(monkeypatch, capsys) -> None:
    module = load_reference(CHAPTER)
    history = {"loss": [0.5, 0.25], "accuracy": [], "lr": [0.1, 0.1]}

    module.show_progress(1, history)
    assert capsys.readouterr().out == ""

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    module.show_progress(1, history)
    assert capsys.readouterr().out == "epoch 2: loss 0.25, lr 0.1\n"


def test_fit_is_quiet_and_reports_epochs_when_asked(capsys) -> None:
    module = load_reference(CHAPTER)

    class Net:
        params = {"w": np.ones(1)}
        grads = {"w": np.ones(1)}

        def forward(self, x, training=False):
            return x

        def backward(self, dout):
            return dout

    class Loss:
        def forward(self, pred, target):
            return 1.0

        def backward(self):
            return 0.0

    trainer, seen = module.Trainer(Net(), Loss(), module.SGD()), []
    x = np.zeros((3, 1))
    trainer.fit(x, x, epochs=2, batch_size=2, rng=np.random.default_rng(0))
    trainer.on_epoch = lambda epoch, history: seen.append((epoch, len(history["loss"])))
    trainer.fit(x, x, epochs=2, batch_size=2, rng=np.random.default_rng(0))

    assert capsys.readouterr().out == ""
    assert seen == [(0, 1), (1, 2)]
