"""Handing in again, marking again, and what people did in between."""

from __future__ import annotations

import getpass
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from classroom_course import (
    FIRST,
    HALF,
    NOTEBOOK,
    RIGHT,
    answered,
    chapter_of,
    copy_of,
    give_points,
    hand_in,
    make_course,
    needs_a_look,
)

from autograder.classroom import exchange, gradebook, handin, marking, notebooks, steps
from autograder.grading import run_all
from autograder.grading.grade import grader_error
from autograder.grading.result import dump

CRASH = "import sys; sys.exit(0)\n"


@pytest.fixture
def course(released, tmp_path):
    """A course without a roster, for students of any name."""
    return copy_of(released, tmp_path / "again")


def mark(course):
    """Collect and mark; return what was said, and the marks by student."""
    found = steps.collect(course, FIRST)
    _, marked = marking.grade_collected(course, chapter_of(course))
    said = [*found.odd, *(f"{one.student}: {line}" for one in marked for line in one.odd)]
    return said, {one.student: one for one in gradebook.read_marks(course)[FIRST]}


def time_in_gradebook(course, student):
    query = "select timestamp from submitted_assignment where student_id = ?"
    with sqlite3.connect(course.gradebook) as base:
        (found,) = base.execute(query, [student]).fetchone()
    base.close()
    return found


@pytest.mark.parametrize(
    ("name", "first", "second", "scores"),
    [
        ("better", HALF, RIGHT, (60.0, 100.0)),
        ("worse", RIGHT, HALF, (100.0, 60.0)),
        ("broken", RIGHT, CRASH, (100.0, 0.0)),
        ("emptied", RIGHT, "", (100.0, 0.0)),
    ],
)
def test_the_latest_hand_in_counts_whatever_it_is_worth(course, name, first, second, scores):
    hand_in(course, name, {"mini.py": first, NOTEBOOK: answered(course)})
    _, before = mark(course)
    then = time_in_gradebook(course, name)
    hand_in(course, name, {"mini.py": second, NOTEBOOK: "not a notebook"})
    said, after = mark(course)

    assert (before[name].total, after[name].total) == scores
    assert time_in_gradebook(course, name) > then
    assert [line for line in said if line.startswith(f"{name}: {NOTEBOOK} cannot be read")]


def test_a_resubmission_that_we_cannot_mark_keeps_no_old_score_under_the_new_time(
    course, monkeypatch
):
    hand_in(course, "unlucky", {"mini.py": RIGHT})
    _, before = mark(course)
    hand_in(course, "unlucky", {"mini.py": RIGHT + "# again\n"})
    monkeypatch.setattr(run_all, "mark", _grader_error)
    monkeypatch.setattr(
        run_all, "mark_all", lambda orders, *_: [(o, _grader_error(o)) for o in orders]
    )
    steps.collect(course, FIRST)
    _, marked = marking.grade_collected(course, chapter_of(course))

    (problem,) = [one.problem for one in marked if one.problem]
    after = {one.student: one for one in gradebook.read_marks(course)[FIRST]}
    assert before["unlucky"].total == 100.0
    assert problem == "no sandbox today"
    assert after["unlucky"].scores["double"] is None
    assert after["unlucky"].total == 0.0

    monkeypatch.undo()
    assert mark(course)[1]["unlucky"].total == 100.0


def _grader_error(order):
    return grader_error(order.submission, order.chapter, "no sandbox today"), {}


def test_a_folder_that_claims_to_be_newer_but_came_earlier_does_not_count(course):
    early = datetime.now(UTC) + timedelta(days=300)
    hand_in(course, "clock", {"mini.py": HALF}, at=early)
    hand_in(course, "clock", {"mini.py": RIGHT})

    _, marks = mark(course)

    assert marks["clock"].total == 100.0


def test_results_are_not_marked_again_and_do_not_grow(course):
    hand_in(course, "still", {"mini.py": RIGHT})
    mark(course)
    files = sorted(course.results.rglob("*"))
    results, _ = marking.grade_collected(course, chapter_of(course))
    text = dump(list(results))
    fresh = []
    results, _ = marking.grade_collected(
        course, chapter_of(course), on_result=lambda result, new: fresh.append(new)
    )

    assert dump(list(results)) == text
    assert set(fresh) == {False}
    assert sorted(course.results.rglob("*")) == files


# points given by hand


def hand_marked(course, name, answer="Because.", code=HALF):
    hand_in(course, name, {"mini.py": code, NOTEBOOK: answered(course, answer)})
    mark(course)
    give_points(course, name, "why", 7.0)


def test_points_given_by_hand_stay_and_need_no_second_look_when_nothing_changed(course):
    hand_marked(course, "calm")

    said, marks = mark(course)

    assert (marks["calm"].scores["why"], marks["calm"].total) == (7.0, 67.0)
    assert needs_a_look(course, "calm") == set()
    assert not [line for line in said if line.startswith("calm: the answer")]


def test_points_given_by_hand_stay_when_only_the_score_of_the_code_changes(course):
    hand_marked(course, "coder")
    hand_in(course, "coder", {"mini.py": RIGHT, NOTEBOOK: answered(course)})

    _, marks = mark(course)

    assert marks["coder"].total == 107.0
    assert needs_a_look(course, "coder") == set()


def test_a_changed_answer_keeps_its_points_and_wants_another_look(course):
    hand_marked(course, "writer")
    hand_in(course, "writer", {"mini.py": HALF, NOTEBOOK: answered(course, "Something else.")})

    said, marks = mark(course)

    line = "the answer to why was handed in anew: the 7 points given by hand stay, look at it again"
    assert marks["writer"].scores["why"] == 7.0
    assert needs_a_look(course, "writer") == {"why"}
    assert said.count(f"writer: {line}") == 1


def test_a_score_that_was_overruled_stays_and_wants_another_look_when_the_code_changes(course):
    hand_in(course, "overruled", {"mini.py": HALF})
    mark(course)
    give_points(course, "overruled", "quadruple", 30.0)
    before = mark(course)[1]["overruled"].total
    looked = needs_a_look(course, "overruled")
    hand_in(course, "overruled", {"mini.py": RIGHT})

    said, marks = mark(course)

    assert (before, looked) == (90.0, set())
    assert marks["overruled"].scores["quadruple"] == 30.0
    assert needs_a_look(course, "overruled") == {"quadruple"}
    line = "quadruple was marked anew: the 30 points given by hand stay, look at it again"
    assert f"overruled: {line}" in said


# the exchange


def test_a_hand_in_from_another_account_is_left_where_it_is(released, tmp_path):
    here = getpass.getuser()
    course = copy_of(released, tmp_path, "one_account = false\n")
    hand_in(course, here, {"mini.py": RIGHT})
    forged = hand_in(course, "victim", {"mini.py": HALF})

    found = steps.collect(course, FIRST)

    assert found.students == (here,)
    assert found.odd == (
        f"inbound folder '{forged.name}' was made by {here}: left there",
        f"{here}: {NOTEBOOK} is missing: the released one stands in for it",
    )


def test_an_account_that_is_gone_is_named_by_its_number():
    assert exchange._account(2**31 - 7) == f"the unknown account {2**31 - 7}"


def test_a_hand_in_that_is_a_link_is_left_where_it_is(released, tmp_path):
    course = copy_of(released, tmp_path / "course")
    folder = hand_in(course, "eve", {"mini.py": RIGHT})
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")

    found = steps.collect(course, FIRST)

    assert found.students == ()
    assert found.odd == (f"inbound folder '{folder.name}' is not a hand-in: left there",)


def test_a_hand_in_that_cannot_be_copied_stops_nobody(released, tmp_path, monkeypatch):
    course = copy_of(released, tmp_path)
    hand_in(course, "ann", {"mini.py": RIGHT, NOTEBOOK: answered(course)})
    hand_in(course, "bob", {"mini.py": RIGHT, NOTEBOOK: answered(course)})

    def fail_for_ann(source, target, wanted):
        if "ann" in target.parts:
            raise OSError(28, "No space left on device")
        return handin.copy_regular(source, target, wanted)

    monkeypatch.setattr(exchange, "copy_regular", fail_for_ann)
    found = steps.collect(course, FIRST)
    monkeypatch.undo()
    again = steps.collect(course, FIRST)

    line = "ann: could not be collected (No space left on device): collect again"
    assert (found.new, found.odd) == (("bob",), (line,))
    assert (again.new, again.odd) == (("ann",), ())


def test_a_roster_that_grows_reaches_the_gradebook_at_the_next_collection(released, tmp_path):
    course = copy_of(released, tmp_path)
    hand_in(course, "ann", {"mini.py": RIGHT})
    steps.collect(course, FIRST)

    listed = make_course(course.project, tmp_path, students="ann bob")
    steps.collect(listed, FIRST)

    marks = {one.student: one.last_name for one in gradebook.read_marks(listed)[FIRST]}
    assert marks == {"ann": "Roth", "bob": "Roth"}


def test_the_answer_that_was_marked_is_the_one_that_was_handed_in(course):
    hand_in(course, "quoted", {"mini.py": RIGHT, NOTEBOOK: answered(course, "<b>x</b> & $a<b$")})
    mark(course)

    path = course.autograded("quoted", FIRST) / NOTEBOOK
    assert notebooks.answers(notebooks.read(path))["why"] == "&lt;b>x&lt;/b> & $a&lt;b$"
