"""ch06_layers: its suites accept the reference and other correct solutions."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.run import run_suite
from autograder.manifest import load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = load_chapter(Project(ROOT), "ch06_layers")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
CORRECT = [CHAPTER.source_file, *sorted((ROOT / "tests" / "correct" / CHAPTER.name).glob("*.py"))]


DO_NOTHING = """
import numpy as np

class Part:
    def __init__(self, *args, **kwargs):
        self.params, self.grads = {}, {}
    def forward(self, x, target=None, training=False):
        self.x = x
        return FORWARD
    predict = forward
    def backward(self, dout=None):
        dout = self.x if dout is None else dout
        return BACKWARD

class Dense(Part):
    def __init__(self, n_in, n_out, rng, dtype=np.float64):
        self.params = {"W": np.zeros((n_in, n_out), dtype), "b": np.zeros(n_out, dtype)}
        self.grads = {"W": np.zeros((n_in, n_out), dtype), "b": np.zeros(n_out, dtype)}

ReLU = Sigmoid = Tanh = Flatten = SoftmaxCrossEntropy = MeanSquaredError = Part

class Sequential(Part):
    def __init__(self, layers):
        self.layers, self.params, self.grads = layers, {}, {}

def train(net, loss, x, y, lr, epochs, batch_size, rng):
    return [0.0] * (epochs * -(-len(x) // batch_size))
"""


def run(source: str, exercises: tuple[str, ...] | None = None) -> list[CheckOutcome]:
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    return run_suite(Task(CHAPTER, program, LocalSession, exercises=exercises))


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_every_check(path: Path) -> None:
    outcomes = run(path.read_text(encoding="utf-8"))

    assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []
    assert {one.exercise for one in outcomes} == {one.name for one in CHAPTER.exercises}


@pytest.mark.parametrize(
    ("forward", "backward"),
    [("x", "dout"), ("1.0 * x", "1.0 * dout"), ("0.0 * x", "0.0 * dout"), ("0.0", "None")],
)
def test_doing_nothing_earns_nothing(forward: str, backward: str) -> None:
    outcomes = run(DO_NOTHING.replace("FORWARD", forward).replace("BACKWARD", backward))

    assert [one.id for one in outcomes if one.status == "passed"] == []
