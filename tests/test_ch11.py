"""ch11_recurrent: its suites accept correct solutions; trainings see a broken way through time."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.run import run_suite
from autograder.manifest import load_chapter
from autograder.mistakes.catalogue import all_changed, load_catalogue
from autograder.project import Project
from autograder.sandbox import LocalSession

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = load_chapter(Project(ROOT), "ch11_recurrent")
CORRECT = [CHAPTER.source_file, *sorted((ROOT / "tests" / "correct" / CHAPTER.name).glob("*.py"))]

# Does nothing, in the right shapes.
DO_NOTHING = """
import numpy as np

def build_vocabulary(text):
    return {}, []

def one_hot_sequence(ids, num_classes):
    return np.zeros((*ids.shape, num_classes))

def batches(ids, batch_size, seq_len):
    return []

class Cell:
    def __init__(self, n_in, n_hidden, rng, dtype=np.float64):
        width = GATES * n_hidden
        shapes = {"Wx": (n_in, width), "Wh": (n_hidden, width), "b": (width,)}
        self.params = {key: np.zeros(shape, dtype) for key, shape in shapes.items()}
        self.grads = {key: np.zeros(shape, dtype) for key, shape in shapes.items()}
        self.n_hidden = n_hidden
    def forward(self, x, state=None):
        self.x = x
        h = np.zeros((len(x), self.n_hidden), x.dtype)
        self.state = h if state is None else state
        return h, self.state
    def backward(self, dout, dstate=None):
        return 0 * self.x, self.state

RNNCell = GRUCell = LSTMCell = Cell

class Recurrent:
    def __init__(self, cell):
        self.cell, self.params, self.grads = cell, cell.params, cell.grads
        self.state = self.dstate = None
    def forward(self, x, training=False, state=None):
        self.x, self.state = x, state
        return np.zeros((*x.shape[:2], len(self.params["Wh"])), x.dtype)
    def backward(self, dout, dstate=None):
        return 0 * self.x

class CharModel:
    def __init__(self, vocab_size, n_hidden, rng, cell=LSTMCell, layers=1, dtype=np.float64):
        self.params, self.grads, self.state, self.size = {}, {}, [None] * layers, vocab_size
    def forward(self, ids, training=False, state=None):
        return np.zeros((*ids.shape, self.size))
    predict = forward
    def backward(self, dlogits):
        pass

def sample(model, start, length, temperature, rng):
    return np.zeros(length, dtype=int)

def perplexity(logits, y):
    return 1.0
"""


def run(source: str, exercises: tuple[str, ...] | None = None) -> list[CheckOutcome]:
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    return run_suite(Task(CHAPTER, program, LocalSession, exercises=exercises))


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_every_check(path: Path) -> None:
    outcomes = run(path.read_text(encoding="utf-8"))

    assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []
    assert {one.exercise for one in outcomes} == {one.name for one in CHAPTER.exercises}


@pytest.mark.parametrize("gates", [1, 3, 4])
def test_doing_nothing_earns_nothing(gates: int) -> None:
    outcomes = run(DO_NOTHING.replace("GATES", str(gates)))

    assert [one.id for one in outcomes if one.status == "passed"] == []


def test_stub_is_not_started() -> None:
    stub = (CHAPTER.assignment_dir / CHAPTER.file).read_text(encoding="utf-8")

    outcomes = run(stub)

    assert {one.status for one in outcomes} <= {"not_started", "waiting"}


@pytest.mark.parametrize("mistake", ["recurrent-no-carry", "recurrent-grads-overwritten"])
def test_trainings_see_a_broken_way_through_time(mistake: str) -> None:
    source = all_changed(CHAPTER, load_catalogue(CHAPTER))[mistake]

    outcomes = run(source, ("language",))

    assert len([one.id for one in outcomes if one.status == "failed"]) >= 3
