"""ch04_softmax: the reference and its likes get every point, trivial functions and copies none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import datasets
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
from datasets.pretrained import CORRECT, digits_network

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = load_chapter(Project(ROOT), "ch04_softmax")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
STUB = strip(Source.read(CHAPTER, CHAPTER.source_file))
EXERCISES = [exercise.name for exercise in CHAPTER.exercises]
SOLUTIONS = [CHAPTER.source_file, *sorted((ROOT / "tests/correct" / CHAPTER.name).glob("*.py"))]

# What could be returned without any work. The first argument is `a`, the second `b`.
TRIVIAL = ["a", "np.zeros_like(a)", "np.full(a.shape, 1 / a.shape[-1])", "0.0", "(0.0, a)", "None"]
SOMETHING = {"equal scores": "np.full((len(b), 10), 0.1)", "no scores": "np.zeros((0, 10))"}


def outcomes(source: str, *exercises: str, secret: str = "") -> list[CheckOutcome]:
    """Run public and hidden checks on a module, in this process."""
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    seeds = Seeds(secret.encode(), "hash") if secret else Seeds()
    task = Task(CHAPTER, program, LocalSession, seeds=seeds, exercises=exercises or None)
    return run_suite(task)


def returning(exercise: str, expression: str) -> str:
    """Return a module whose functions of one exercise return the expression."""
    names = [exercise, f"{exercise}_grad"] if "squared" in exercise else [exercise]
    functions = [f"def {name}(a, b=-1, **more):\n    return {expression}\n" for name in names]
    return "\n\n".join([STUB, *functions])


def not_passed(found: list[CheckOutcome]) -> dict[str, str]:
    return {check.id: check.message for check in found if check.status != "passed"}


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
@pytest.mark.parametrize("secret", ["", "one", "another"])
def test_correct_solutions_pass_every_check(path, secret):
    assert not_passed(outcomes(path.read_text(encoding="utf-8"), secret=secret)) == {}


def test_stub_is_not_started():
    assert {check.status for check in outcomes(STUB)} == {"not_started"}


@pytest.mark.parametrize("expression", TRIVIAL)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_trivial_functions_gain_nothing(exercise, expression):
    found = outcomes(returning(exercise, expression), exercise)

    assert {check.status for check in found} <= {"failed", "crashed"}


@pytest.mark.parametrize("expression", SOMETHING.values(), ids=SOMETHING)
def test_answers_that_need_no_network_gain_nothing(expression):
    found = outcomes(returning("predict", expression), "predict")

    assert {check.status for check in found} <= {"failed", "crashed"}


def answers_by_heart() -> str:
    """A `predict` that has learned the given network's answers by heart, image by image."""
    reference, x = load_reference(CHAPTER), datasets.load("mnist5k").x_test
    known = reference.predict(digits_network(), x).round(6)
    keys = [float(row @ np.arange(784.0)) for row in x.astype(float)]
    table = dict(zip(keys, known.tolist(), strict=True))
    return (
        f"{STUB}\n\nTABLE = {table}\n\n\ndef predict(params, x, batch_size=100):\n"
        "    keys = [float(row @ np.arange(784.0)) for row in x.astype(float)]\n"
        "    return np.array([TABLE[key] for key in keys], dtype=np.float32)\n"
    )


def test_answers_learned_by_heart_do_not_pass_in_disguise():
    found = {check.id: check.status for check in outcomes(answers_by_heart(), "predict")}

    assert found["predict_reads_digits"] == "passed"
    assert {state for check, state in found.items() if check != "predict_reads_digits"} <= {
        "failed",
        "crashed",
    }


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_known_accuracy_does_not_depend_on_rounding(dtype):
    data = datasets.load("mnist5k")
    params = {name: value.astype(dtype) for name, value in digits_network().items()}

    p = load_reference(CHAPTER).predict(params, data.x_test.astype(dtype))

    best = np.sort(np.log(p), axis=1)
    assert p.dtype == dtype
    assert np.sum(p.argmax(axis=1) == data.y_test) == CORRECT
    assert (best[:, -1] - best[:, -2]).min() > 0.02  # rounding moves a score by about 1e-5
