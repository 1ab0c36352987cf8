"""One mistake is reported once: what waits for an exercise that does not stand yet."""

from __future__ import annotations

from autograder.engine.outcome import CheckOutcome, exercise_status
from autograder.manifest import Chapter

# A loop without end is a mistake of its own, and what nobody has begun waits for nobody.
_BLAMED_ON_NEEDS = {"failed", "crashed"}


def settle_needs(chapter: Chapter, outcomes: list[CheckOutcome]) -> list[CheckOutcome]:
    """Turn what did not pass in an exercise whose needs have not passed into "waiting".

    What passed in such an exercise stays passed, what was not begun stays "not started".
    """
    by_exercise: dict[str, list[CheckOutcome]] = {}
    for outcome in outcomes:
        by_exercise.setdefault(outcome.exercise, []).append(outcome)
    settled: dict[str, CheckOutcome] = {}
    open_exercises: set[str] = set()
    for exercise in chapter.exercises:
        mine = by_exercise.get(exercise.name, [])
        missing = [need for need in exercise.needs if need in open_exercises]
        for outcome in mine:
            settled[outcome.id] = _settle(outcome, missing)
        if mine and exercise_status(mine) != "passed":
            open_exercises.add(exercise.name)
    return [settled[outcome.id] for outcome in outcomes]


def _settle(outcome: CheckOutcome, missing: list[str]) -> CheckOutcome:
    if not missing or not outcome.loaded or outcome.status not in _BLAMED_ON_NEEDS:
        return outcome
    return outcome.becomes("waiting", f"waits for {', '.join(missing)}; run again when it passes")
