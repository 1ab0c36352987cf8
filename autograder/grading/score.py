"""Points: an exercise's points are shared among its checks in proportion to their weights.

The inputs of public checks are known, so that a table of answers passes them. They count where a
hidden check of the same exercise passes.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from autograder.engine.outcome import CheckOutcome, exercise_status
from autograder.grading.result import Check, ExerciseResult
from autograder.manifest import Chapter, Exercise

_DIGITS = 4  # of a mark that is not a whole number
_UNPROVEN = "right, but these inputs are known: counts when a check with other inputs passes"


def score(chapter: Chapter, outcomes: list[CheckOutcome]) -> tuple[ExerciseResult, ...]:
    """Return every exercise of the manifest with its points; one without a check gets none."""
    return tuple(
        _exercise(exercise, [check for check in outcomes if check.exercise == exercise.name])
        for exercise in chapter.exercises
    )


def total(exercises: tuple[ExerciseResult, ...]) -> float:
    """Return the sum of the exercises' scores, rounded like them."""
    return _number(sum((Fraction(str(item.score)) for item in exercises), Fraction(0)))


def _exercise(exercise: Exercise, outcomes: list[CheckOutcome]) -> ExerciseResult:
    proven = _proven(outcomes)
    weights = sum(outcome.weight for outcome in outcomes)
    checks, earned = [], Fraction(0)
    for outcome in outcomes:
        share = Fraction(exercise.points * outcome.weight, weights)
        passed = outcome.status == "passed"
        got = share if passed and proven else Fraction(0)
        if passed and not proven:
            outcome = replace(outcome, message=_UNPROVEN)
        earned += got
        checks.append(_check(outcome, got, share))
    status = exercise_status(outcomes)
    return ExerciseResult(
        exercise.name, _number(earned), float(exercise.points), status, tuple(checks)
    )


def _proven(outcomes: list[CheckOutcome]) -> bool:
    """Say whether what passed counts: a hidden check is among it, or there is none."""
    hidden = [outcome for outcome in outcomes if not outcome.public]
    return not hidden or any(outcome.status == "passed" for outcome in hidden)


def _check(outcome: CheckOutcome, got: Fraction, share: Fraction) -> Check:
    return Check(
        outcome.id,
        outcome.title,
        outcome.public,
        outcome.status,
        _number(got),
        _number(share),
        outcome.message,
        outcome.mistake,
    )


def _number(value: Fraction) -> float:
    return round(float(value), _DIGITS)
