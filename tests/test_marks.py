"""The line that an instructor reads of each hand-in."""

from __future__ import annotations

import pytest

from autograder.grading.result import ExerciseResult, Result
from autograder.reports.marks import result_line

NAMES = "abcdefg"


def result(*statuses: str) -> Result:
    exercises = tuple(
        ExerciseResult(name, 10.0 * (status == "passed"), 10.0, status, ())
        for name, status in zip(NAMES, statuses, strict=False)
    )
    total = sum(exercise.score for exercise in exercises)
    head = ("ch01_mini", "ann", "ann", "0", "0", None, "graded", ())
    return Result(*head, total, 100.0, exercises)


@pytest.mark.parametrize(
    ("statuses", "says"),
    [
        (["passed"] * 3, "all passed"),
        (["not_started"] * 7, "all not started"),
        (["passed", "failed", "passed"], "b failed"),
        (["failed", "passed", "timeout", "failed"], "a, d failed; c out of time"),
        (["not_started"] * 5 + ["waiting", "passed"], "5 exercises not started; f waiting"),
    ],
)
def test_the_exercises_of_one_state_stand_together(statuses, says):
    line = result_line(result(*statuses), width=6)

    assert line == f"ann    {10 * statuses.count('passed'):>6} of 100  {says}"
