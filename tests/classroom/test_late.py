"""Late hand-ins: how many days, what a policy makes of them, where one reads of it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from classroom_course import (
    FIRST,
    HALF,
    NOTEBOOK,
    RIGHT,
    SECOND,
    answered,
    chapter_of,
    copy_of,
    give_points,
    hand_in,
    make_course,
)

from autograder.classroom import api, arrival, gradebook, lateness, marking, steps
from autograder.classroom.late import HandIn, Lateness, Policy, days_late, latenesses
from autograder.cli import main

BERLIN = ZoneInfo("Europe/Berlin")
SECOND_LATER = timedelta(seconds=1)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


DUE = berlin("2026-11-20 23:59")


# how many days


@pytest.mark.parametrize(
    ("due", "arrived", "days"),
    [
        ("2026-11-20 23:59", "2026-11-20 20:00:00", 0),
        ("2026-11-20 23:59", "2026-11-20 23:59:00", 0),  # exactly on time
        ("2026-11-20 23:59", "2026-11-20 23:59:01", 1),  # a second late
        ("2026-11-20 23:59", "2026-11-21 23:59:00", 1),
        ("2026-11-20 23:59", "2026-11-21 23:59:01", 2),
        ("2026-11-20 23:59", "2027-11-20 23:59:00", 365),
        ("2026-10-24 23:59", "2026-10-25 23:59:00", 1),  # a day of 25 hours
        ("2026-10-24 23:59", "2026-10-25 23:59:01", 2),
        ("2026-03-28 23:59", "2026-03-29 23:59:00", 1),  # a day of 23 hours
        ("2026-03-28 23:59", "2026-03-29 23:59:01", 2),
        ("2026-03-28 23:59", "2026-03-30 23:59:00", 2),
    ],
)
def test_a_day_ends_at_the_due_time_of_the_clock_on_the_wall(due, arrived, days):
    assert days_late(berlin(arrived), berlin(due), BERLIN) == days


def test_a_microsecond_late_is_late():
    assert days_late(DUE + timedelta(microseconds=1), DUE, BERLIN) == 1


def test_the_hour_that_comes_twice_counts_once():
    due = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # the second 02:30

    assert days_late(due - timedelta(hours=1), due, BERLIN) == 0
    assert days_late(due + SECOND_LATER, due, BERLIN) == 1


# what a policy makes of it


def one(policy: Policy, days: float) -> Lateness:
    hand_in = HandIn(FIRST, DUE + timedelta(days=days), DUE, DUE)
    return latenesses([hand_in], policy, BERLIN)[FIRST]


@pytest.mark.parametrize(
    ("policy", "days", "penalty", "sentence"),
    [
        (Policy("per_day", 0.1), 0, 0, ""),
        (Policy("none"), 0.5, 0, "1 day late: no penalty"),
        (Policy("zero"), 0.5, 80, "1 day late: counts 0"),
        (Policy("per_day", 0.1), 0.5, 8, "1 day late: -10 %"),
        (Policy("per_day", 0.1), 2.5, 24, "3 days late: -30 %"),
        (Policy("per_day", 0.125), 0.5, 10, "1 day late: -12.5 %"),
        (Policy("per_day", 0.1), 40, 80, "40 days late: counts 0"),
        (Policy("grace", 1, 3), 2, 0, "2 days late: 2 grace days spent"),
        (Policy("grace", 0.1, 3), 4, 8, "4 days late: 3 grace days spent, -10 %"),
        (Policy("grace", 1, 3), 4, 80, "4 days late: counts 0"),
        (Policy("grace", 1, 0), 1, 80, "1 day late: counts 0"),
    ],
)
def test_what_a_policy_takes_of_80_points_and_says(policy, days, penalty, sentence):
    lateness = one(policy, days)

    assert lateness.penalty(80.0) == pytest.approx(penalty)
    assert lateness.sentence == sentence


@pytest.mark.parametrize("score", [0.0, -1.0, 1e-12, 100.0])
def test_a_penalty_never_exceeds_the_score(score):
    for policy in (Policy("zero"), Policy("per_day", 0.3), Policy("grace", 1, 0)):
        assert 0 <= one(policy, 9).penalty(score) <= max(score, 0)


def grace(days: int, *late_by: tuple[str, int]) -> dict[str, int]:
    hand_ins = []
    for week, (chapter, late_days) in enumerate(late_by):
        due = DUE + timedelta(weeks=week)
        hand_ins.append(HandIn(chapter, due + timedelta(days=late_days), due, due))
    spent = [
        {
            name: one.free_days
            for name, one in latenesses(order, Policy("grace", 1, days), BERLIN).items()
        }
        for order in (hand_ins, hand_ins[::-1])
    ]
    assert spent[0] == spent[1]
    return spent[0]


def test_grace_days_are_spent_in_the_order_of_the_due_dates_whatever_is_marked_first():
    assert grace(3, ("b", 2), ("a", 2), ("c", 1)) == {"b": 2, "a": 0, "c": 1}


def test_grace_days_that_would_save_nothing_are_kept():
    assert grace(3, ("a", 5), ("b", 3)) == {"a": 0, "b": 3}


def test_an_extension_does_not_change_the_order_in_which_grace_days_are_spent():
    week = timedelta(weeks=1)
    first = HandIn("a", DUE + 3 * week + timedelta(days=1), DUE + 3 * week, DUE)
    second = HandIn("b", DUE + week + timedelta(days=1), DUE + week, DUE + week)

    spent = latenesses([second, first], Policy("grace", 1, 1), BERLIN)

    assert (spent["a"].free_days, spent["b"].free_days) == (1, 0)


# when a hand-in arrived


@pytest.fixture
def inbound(tmp_path):
    folder = tmp_path / "ann+ch+then+x"
    folder.mkdir()
    (folder / "mini.py").write_text("x = 1\n")
    return folder


@pytest.fixture
def ledger(tmp_path):
    return arrival.Ledger(tmp_path / "arrivals.json")


def test_the_name_counts_where_the_file_system_agrees(inbound, ledger):
    named = arrival.changed(inbound) - timedelta(seconds=30)

    assert ledger.arrival(inbound, named) == (named, False)


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
def test_a_name_that_the_file_system_contradicts_does_not_count(inbound, ledger, days):
    named = arrival.changed(inbound) + timedelta(days=days)

    assert ledger.arrival(inbound, named) == (arrival.changed(inbound), True)


def test_times_that_a_student_can_set_do_not_count(inbound, ledger):
    before = arrival.changed(inbound)
    for path in (inbound / "mini.py", inbound):
        os.utime(path, (0, 0))

    assert arrival.changed(inbound) >= before


def test_a_file_that_is_changed_later_makes_the_whole_hand_in_later(inbound, ledger, monkeypatch):
    named = arrival.changed(inbound)
    assert ledger.arrival(inbound, named) == (named, False)
    (inbound / "mini.py").write_text("x = 2\n")
    later = named + timedelta(days=1)
    monkeypatch.setattr(arrival, "changed", lambda folder: later)

    assert ledger.arrival(inbound, named) == (later, True)


def test_an_exchange_that_is_restored_makes_nobody_late(inbound, ledger, tmp_path, monkeypatch):
    named = arrival.changed(inbound)
    ledger.arrival(inbound, named)
    ledger.save()
    shutil.move(inbound, tmp_path / "backup")
    shutil.copytree(tmp_path / "backup", inbound)
    monkeypatch.setattr(arrival, "changed", lambda folder: named + timedelta(days=9))

    again = arrival.Ledger(ledger.path)

    assert again.arrival(inbound, named) == (named, False)


def test_a_damaged_ledger_is_begun_anew(inbound, tmp_path):
    (tmp_path / "arrivals.json").write_text('{"x": 5, "y": [')
    named = arrival.changed(inbound)

    assert arrival.Ledger(tmp_path / "arrivals.json").arrival(inbound, named) == (named, False)


# the whole round


POLICY = '[late]\npolicy = "per_day"\nfraction = 0.1\n'


def dated(policy: str = POLICY, **ago: float) -> str:
    """Return settings whose chapters were due so many days ago."""
    now = datetime.now(UTC)
    due = [
        f'{name} = "{now - timedelta(days=days):%Y-%m-%d %H:%M:%S}"' for name, days in ago.items()
    ]
    return "\n".join(['timezone = "UTC"', "[due]", *due, policy])


@pytest.fixture(scope="module")
def late_class(released, tmp_path_factory):
    """Ann was late by two days, bob has an extension, cy handed nothing in."""
    in_a_week = datetime.now(UTC) + timedelta(days=7)
    extension = f'[extensions.{FIRST}]\nbob = "{in_a_week:%Y-%m-%d %H:%M}"\n'
    settings = dated(**{FIRST: 1.5}) + extension
    course = copy_of(released, tmp_path_factory.mktemp("late"), settings, "ann bob cy")
    chapter = chapter_of(course)
    for student in ("ann", "bob"):
        hand_in(course, student, {"mini.py": HALF, NOTEBOOK: answered(course)})
    steps.collect(course, FIRST)
    marking.grade_collected(course, chapter)
    return course, chapter


def marks(course, chapter=FIRST):
    return {one.student: one for one in gradebook.read_marks(course)[chapter]}


def test_the_penalty_reaches_gradebook_and_export(late_class):
    course, _ = late_class
    ann, bob, cy = (marks(course)[name] for name in ("ann", "bob", "cy"))

    assert (ann.penalty, ann.total) == (pytest.approx(12), pytest.approx(48))
    assert (bob.penalty, bob.total) == (0, 60)
    assert (cy.penalty, cy.total) == (None, 0)
    lines = gradebook.csv_text({FIRST: gradebook.read_marks(course)[FIRST]}).splitlines()
    assert lines[0].endswith(f"{FIRST}.why,{FIRST}.late,{FIRST}.total,total")
    assert lines[1].endswith(",60,0,,12,48,48")
    assert lines[3].endswith(",,,,,0,0")


def test_due_date_and_extension_are_in_nbgraders_own_gradebook(late_class):
    course, _ = late_class
    query = "select student_id, extension from submitted_assignment order by student_id"
    with sqlite3.connect(course.gradebook) as base:
        (due,) = base.execute("select duedate from assignment").fetchone()
        extensions = dict(base.execute(query).fetchall())
    base.close()

    assert datetime.fromisoformat(due).replace(tzinfo=UTC) == course.dates.due[FIRST]
    assert extensions["ann"] is None
    assert extensions["bob"] is not None


def test_the_student_reads_the_penalty_and_why(late_class):
    course, _ = late_class
    steps.feedback(course, FIRST)
    ann, bob = ((course.feedback(s, FIRST) / "lab.html").read_text() for s in ("ann", "bob"))

    assert "2 days late: -20 %." in ann
    assert "Late submission penalty (Score: -12.0)" in ann
    assert ", extended for you: in time." in bob
    assert "Late submission penalty" not in bob


def test_points_given_by_hand_are_late_as_well(late_class):
    course, _ = late_class
    give_points(course, "ann", "why", 10.0)

    assert marks(course)["ann"].total == pytest.approx(56)

    give_points(course, "ann", "why", 0.0)


def test_marking_again_gives_the_same_penalty(late_class):
    course, chapter = late_class
    before = gradebook.csv_text(gradebook.read_marks(course))
    steps.collect(course, FIRST)
    marking.grade_collected(course, chapter)

    assert gradebook.csv_text(gradebook.read_marks(course)) == before


def test_grade_says_it_on_the_students_line(late_class, capsys, monkeypatch):
    course, chapter = late_class
    monkeypatch.chdir(chapter.project.root)

    main(["grade", "--chapter", FIRST, "--course", str(course.root), "--jobs", "1"])

    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    assert lines["ann"].endswith("2 days late: -20 %")
    assert "late" not in lines["bob"]


def test_feedback_says_who_waits_for_marks_given_by_hand(late_class, capsys, monkeypatch):
    course, chapter = late_class
    give_points(course, "ann", "why", 0.0)
    monkeypatch.chdir(chapter.project.root)

    status = main(["feedback", FIRST, "--course", str(course.root)])

    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert "  hand these out yourself, they came without the exchange: ann, bob" in lines
    assert "  answers wait to be marked by hand (formgrader): bob" in lines


@pytest.fixture(scope="module")
def grace_class(released, tmp_path_factory):
    """Two grace days; both chapters two days late, the second one marked first."""
    policy = '[late]\npolicy = "grace"\ndays = 2\nfraction = 0.25\n'
    settings = dated(policy, **{FIRST: 1.5, SECOND: 1.4})
    course = copy_of(released, tmp_path_factory.mktemp("grace"), settings)
    chapters = [chapter_of(course, name) for name in (FIRST, SECOND)]
    hand_in(course, "ann", {"mini.py": RIGHT}, SECOND)
    steps.collect(course, SECOND)
    marking.grade_collected(course, chapters[1])
    return course, chapters


def test_grace_days_go_to_the_earlier_chapter_also_when_it_comes_in_later(grace_class):
    course, (first, _) = grace_class
    alone = marks(course, SECOND)["ann"].total
    hand_in(course, "ann", {"mini.py": RIGHT}, FIRST)
    steps.collect(course, FIRST)
    marking.grade_collected(course, first)

    assert alone == 100.0
    assert marks(course, FIRST)["ann"].total == 100.0
    assert marks(course, SECOND)["ann"].total == 50.0


def test_a_due_date_that_is_moved_counts_at_once(released, tmp_path):
    course = copy_of(released, tmp_path, dated(**{FIRST: 0.5}))
    hand_in(course, "ann", {"mini.py": RIGHT})
    steps.collect(course, FIRST)
    marking.grade_collected(course, chapter_of(course))
    before = marks(course)["ann"].total

    moved = make_course(course.project, tmp_path, dated(**{FIRST: -1}))
    undated = make_course(course.project, tmp_path)

    assert before == 90.0
    assert marks(moved)["ann"].total == 100.0
    assert marks(undated)["ann"].penalty is None
    assert lateness.explained(undated, FIRST, "ann") == ""


def test_a_backdated_hand_in_is_counted_from_when_it_came_and_the_instructor_reads_it(
    released, tmp_path
):
    course = copy_of(released, tmp_path, dated(**{FIRST: 0.5}))
    folder = hand_in(course, "mallory", {"mini.py": RIGHT}, at=datetime(2026, 1, 1, tzinfo=UTC))
    (folder / "timestamp.txt").write_text("2026-01-01 00:00:00.000000 UTC")
    os.utime(folder, (0, 0))

    found = steps.collect(course, FIRST)

    assert lateness.of_class(course, FIRST)["mallory"].days == 1
    (line,) = [line for line in found.odd if "its name says" in line]
    assert line.startswith("mallory: counted from 20")
    assert line.endswith("its name says 2026-01-01 00:00:00 UTC")


def test_nbgraders_own_button_takes_the_penalty_too(released, tmp_path):
    course = copy_of(released, tmp_path, dated(**{FIRST: 0.5}))
    hand_in(course, "ann", {"mini.py": RIGHT})
    steps.collect(course, FIRST)
    with api.opened(course) as nb:
        outcome = nb.autograde(FIRST, "ann")
    with sqlite3.connect(course.gradebook) as base:
        (penalty,) = base.execute(
            "select late_submission_penalty from submitted_notebook"
        ).fetchone()
    base.close()

    assert outcome["success"], outcome
    assert penalty == pytest.approx(10.0)
