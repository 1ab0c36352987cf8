"""ch03_activations: the reference and its likes get every point, trivial functions none."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.build.regions import strip
from autograder.build.source import Source
from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.run import run_suite
from autograder.manifest import load_chapter
from autograder.project import find_project
from autograder.sandbox import LocalSession

CHAPTER = load_chapter(find_project(Path(__file__)), "ch03_activations")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
EXERCISES = [exercise.name for exercise in CHAPTER.exercises]
CORRECT = sorted((Path(__file__).parent / "correct" / CHAPTER.name).glob("*.py"))


# What a function could be without any work. (A derivative gets the same.)
TRIVIAL = ["np.array(x)", "np.zeros_like(floating(x))", "np.ones_like(floating(x))", "None", "x"]


def outcomes(source: str, *exercises: str) -> list[CheckOutcome]:
    """Run public and hidden checks on a module, in this process."""
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    return run_suite(Task(CHAPTER, program, LocalSession, exercises=exercises or None))


def trivial(exercise: str, expression: str) -> str:
    """Return a module in which both functions of an exercise return the expression."""
    functions = "".join(
        f"def {name}(x, slope=0.01):\n    return {expression}\n\n\n"
        for name in (exercise, f"{exercise}_grad")
    )
    return f"{strip(Source.read(CHAPTER, CHAPTER.source_file))}\n\n{functions}"


def not_passed(found: list[CheckOutcome]) -> dict[str, str]:
    return {check.id: check.message for check in found if check.status != "passed"}


def test_reference_passes_every_check():
    assert not_passed(outcomes(REFERENCE)) == {}


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_other_correct_solutions_pass_every_check(path):
    assert not_passed(outcomes(path.read_text(encoding="utf-8"))) == {}


def test_stub_is_not_started():
    found = outcomes(strip(Source.read(CHAPTER, CHAPTER.source_file)))

    assert {check.status for check in found} == {"not_started"}


@pytest.mark.parametrize("expression", TRIVIAL)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_trivial_functions_gain_nothing(exercise, expression):
    found = outcomes(trivial(exercise, expression), exercise)

    assert {check.status for check in found} <= {"failed", "crashed"}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_weights_favour_no_function(exercise):
    found = [check for check in outcomes(REFERENCE, exercise) if "gradient_check" not in check.id]

    derivatives = sum(check.weight for check in found if "_grad]" in check.id)
    curves = sum(check.weight for check in found if f"[{exercise}]" in check.id)
    assert derivatives == curves == 10
