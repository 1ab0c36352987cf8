"""Scores that nbgrader would misread, and marks that cannot be given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from classroom_ch03 import CH, CHAPTER, full, made_up_exercise, made_up_result, scores

from autograder.classroom import results, steps
from autograder.errors import UserError

# scores that nbgrader would take for full credit


def exercise_cell(points=10.0):
    from nbformat.v4 import new_code_cell

    labels = {
        "grade": True,
        "solution": False,
        "grade_id": "relu",
        "points": points,
        "locked": True,
    }
    return new_code_cell('check("relu")', metadata={"nbgrader": labels})


def nbgraders_score(cell):
    from nbgrader.utils import determine_grade

    return determine_grade(cell)[0]


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        ["nan"],
        ["-1.0"],
        ["True"],
        ["False"],
        ["None"],
        ["'0.5'"],
        ["np.float64(0.5)"],
    ],
)
def test_nbgrader_takes_what_it_cannot_read_for_full_credit_and_the_zero_prevents_it(outputs):
    from nbformat.v4 import new_notebook, new_output

    from autograder.classroom.preprocessors import _clear

    cell = exercise_cell()
    cell.outputs = [new_output("execute_result", {"text/plain": text}) for text in outputs]
    assert nbgraders_score(cell) == 10.0  # the reason for the rest of this file

    _clear(new_notebook(cells=[cell]))

    assert nbgraders_score(cell) == 0.0


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0.0, 0.0),
        (0, 0.0),
        (7.25, 7.25),
        (10, 10.0),
        (1 / 3, 1 / 3),
        (1e-7, 1e-7),
        (np.float64(0.5), 0.5),
        (-1.0, 0.0),
        (1e9, 10.0),
    ],
)
def test_a_score_arrives_as_a_plain_float_within_bounds(score, expected):
    from autograder.classroom.preprocessors import write_score

    cell = exercise_cell()

    write_score(cell, made_up_exercise("relu", 10, 1) | {"score": score})

    assert nbgraders_score(cell) == pytest.approx(expected, abs=1e-15)
    assert type(nbgraders_score(cell)) is float


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf, True, None, "10", "nan", [10]])
def test_a_score_that_is_no_number_is_refused_and_leaves_zero(score):
    from autograder.classroom.preprocessors import write_score

    cell = exercise_cell()

    with pytest.raises(UserError, match="finite number"):
        write_score(cell, made_up_exercise("relu", 10, 1) | {"score": score})

    assert nbgraders_score(cell) == 0.0


def test_points_that_changed_after_the_release_are_refused():
    from autograder.classroom.preprocessors import write_score

    with pytest.raises(UserError, match="worth 10 points in the gradebook and 20"):
        write_score(exercise_cell(10.0), made_up_exercise("relu", 20, 1))


# marks that cannot be given


def test_a_hand_in_that_cannot_be_marked_loses_its_old_score_and_stops_nobody(
    course, hand_in, made_up
):
    hand_in("error")
    hand_in("next")
    steps.collect(course, CH)
    first = {one.student: one for one in steps.autograde(course, CH, ["error", "next"])}
    made_up |= {"error": "grader_error", "next": 1}

    marked = {one.student: one for one in steps.autograde(course, CH, ["error", "next"])}

    assert (first["error"].score, first["error"].problem) == (50.0, None)
    assert marked["error"].problem == f"{CH} of error could not be marked: no sandbox"
    assert set(scores(course, "error").values()) == {None}
    assert not course.autograded("error", CH).exists()
    assert scores(course, "next") == full()


def test_a_result_of_somebody_else_is_refused(course, monkeypatch):
    other = made_up_result(CH, "eve", 1)
    monkeypatch.setattr(results, "result_of", lambda *_, **__: other)

    with pytest.raises(UserError, match="belongs to somebody else"):
        results.exercises_of(course, CH, "adam")


@pytest.mark.parametrize("names", [["relu"], [e.name for e in CHAPTER.exercises] + ["extra"]])
def test_a_result_with_other_exercises_than_the_release_gives_no_score(
    course, hand_in, monkeypatch, names
):
    result = made_up_result(CH, "drift", 1)
    result["exercises"] = [made_up_exercise(name, 20, 1) for name in names]
    monkeypatch.setattr(results, "result_of", lambda *_, **__: result)
    hand_in("drift")
    steps.collect(course, CH)

    (marked,) = steps.autograde(course, CH, ["drift"])

    assert marked.score is None
    assert "disagree about" in marked.problem
    assert set(scores(course, "drift").values()) == {None}


def test_a_score_that_nbgrader_misread_does_not_get_past_us(course, hand_in, made_up, monkeypatch):
    from nbgrader.preprocessors import saveautogrades

    monkeypatch.setattr(saveautogrades.utils, "determine_grade", lambda cell, log: (1.0, 20.0))
    hand_in("misread")
    steps.collect(course, CH)

    (marked,) = steps.autograde(course, CH, ["misread"])

    assert marked.problem.startswith("the gradebook holds 1.0 for leaky_relu where marking gave 10")
    assert set(scores(course, "misread").values()) == {None}
