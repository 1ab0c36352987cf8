"""The classroom: nbgrader's whole round in a course of its own, and what must never get through."""

import json
import math
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from autograder.classroom import (
    api,
    feedback,
    gradebook,
    handin,
    marking,
    notebooks,
    results,
    steps,
    student,
)
from autograder.classroom.course import open_course
from autograder.errors import UserError
from autograder.manifest import load_chapter
from autograder.project import find_project

CH = "ch03_activations"
NOTEBOOK = "lab.ipynb"
PROJECT = find_project(Path(__file__).parent)
CHAPTER = load_chapter(PROJECT, CH)
REFERENCE = (CHAPTER.source_file).read_text(encoding="utf-8")
ROSTER = "id,first_name,last_name,email\nann,Ann,Lee,ann@example.org\nzoe,Zoe,Roth,\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of its own with ch03 released."""
    root = tmp_path_factory.mktemp("course")
    text = 'id = "test"\nname = "Test"\nroster = "roster.csv"\ncache = "cache"\n'
    (root / "course.toml").write_text(text, encoding="utf-8")
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    made = open_course(PROJECT, root)
    steps.release(made, CHAPTER)
    return made


@pytest.fixture
def hand_in(course, tmp_path):
    """Return a function that fetches ch03, changes it and hands it in."""

    def hand_in(name, code=None, notebook=None, extra=lambda folder: None):
        folder = tmp_path / name
        student.fetch(course, CH, folder)
        work = folder / CH
        if code is not None:
            (work / CHAPTER.file).write_text(code, encoding="utf-8")
        if notebook is not None:
            book = json.loads((work / NOTEBOOK).read_text(encoding="utf-8"))
            notebook(book)
            (work / NOTEBOOK).write_text(json.dumps(book), encoding="utf-8")
        extra(work)
        return student.submit(course, CHAPTER, folder, name)

    return hand_in


@pytest.fixture
def made_up(monkeypatch):
    """Replace marking by made-up Results; the fixture maps students to fractions or states."""
    fractions = {}

    def result_of(course, chapter, student, unsafe=False):
        return made_up_result(chapter, student, fractions.get(student, 0.5))

    monkeypatch.setattr(results, "result_of", result_of)
    return fractions


def made_up_result(chapter, name, fraction, message="expected 1, got 2"):
    if fraction == "grader_error":
        return {"chapter": chapter, "student": name, "status": fraction, "notes": ["no sandbox"]}
    exercises = [made_up_exercise(e.name, e.points, fraction, message) for e in CHAPTER.exercises]
    return {"chapter": chapter, "student": name, "status": "graded", "exercises": exercises}


def made_up_exercise(name, points, fraction, message="expected 1, got 2"):
    status = "passed" if fraction == 1 else "failed"
    check = {"id": f"public::{name}", "title": f"{name} on a small example", "public": True}
    check |= {"status": status, "message": message, "mistake": None}
    check |= {"points": points * fraction, "max_points": float(points)}
    score = {"name": name, "score": points * fraction, "max_score": float(points)}
    return score | {"status": status, "checks": [check]}


def scores(course, name):
    """Return what nbgrader's own gradebook holds: automatic scores by cell, straight from SQL."""
    query = """select base_cell.name, grade.auto_score from grade
        join base_cell on base_cell.id = grade.cell_id
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        where submitted_assignment.student_id = ?"""
    with sqlite3.connect(course.gradebook) as base:
        found = dict(base.execute(query, [name]).fetchall())
    base.close()
    return {exercise.name: found.get(exercise.name) for exercise in CHAPTER.exercises}


def full():
    return {exercise.name: float(exercise.points) for exercise in CHAPTER.exercises}


def give_points(course, name, question, points):
    """Mark a written answer by hand, as the formgrader does."""
    with api.opened(course) as nb, nb.gradebook as book:
        grade = book.find_grade(question, "lab", CH, name)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def secrets_of_the_chapter():
    """Return lines that only the reference and the hidden suite hold."""
    solution, inside = set(), False
    for line in REFERENCE.splitlines():
        if "### " in line:
            inside = "BEGIN" in line
        elif inside and len(line.strip()) > 12:
            solution.add(line.strip())
    hidden = (CHAPTER.suite_dir / "test_hidden.py").read_text(encoding="utf-8")
    checks = {line.strip() for line in hidden.splitlines() if line.startswith(("def ", "    got"))}
    assert len(solution) >= 5
    assert len(checks) >= 5
    return solution | checks


def assert_no_secret(folder):
    texts = {p: p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file()}
    assert texts
    for secret in secrets_of_the_chapter():
        assert not [path for path, text in texts.items() if secret in text], secret


def cell_of(book, name):
    found = [c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name]
    return found[0]


# release


def test_the_release_holds_the_stub_and_the_notebook_and_no_secret(course):
    names = sorted(path.name for path in course.outbound(CH).iterdir())

    assert names == [CHAPTER.file, NOTEBOOK]
    assert_no_secret(course.outbound(CH))
    stub = (course.outbound(CH) / CHAPTER.file).read_text(encoding="utf-8")
    assert 'raise NotImplementedError("relu")' in stub


def test_releasing_again_changes_nothing_and_says_so(course):
    assert steps.release(course, CHAPTER).endswith("released again: nothing changed")


def test_a_release_that_fails_keeps_the_one_before(course, monkeypatch):
    from nbgrader.converters import GenerateAssignment

    def fail(*_):
        raise RuntimeError("no disk")

    monkeypatch.setattr(GenerateAssignment, "convert_single_notebook", fail)
    before = sorted(path.name for path in course.release(CH).iterdir())

    with pytest.raises(UserError, match="no disk"):
        steps.release(course, CHAPTER)

    assert sorted(path.name for path in course.release(CH).iterdir()) == before


@pytest.mark.parametrize("text", ["### BEGIN SOLUTION", "x = 1  ### END HIDDEN TESTS"])
def test_a_source_with_a_solution_or_hidden_check_is_refused(tmp_path, text):
    (tmp_path / "activations.py").write_text(text, encoding="utf-8")

    with pytest.raises(UserError, match=r"activations\.py holds '(BEGIN|END) "):
        notebooks.refuse_secrets(tmp_path)


def test_a_release_with_a_secret_in_it_reaches_nobody(course, monkeypatch):
    from autograder.build import assemble

    def leak(chapter, folder):
        (folder / chapter.file).write_text(REFERENCE, encoding="utf-8")

    monkeypatch.setattr(assemble, "build_source", leak)

    with pytest.raises(UserError, match=r"activations\.py holds 'BEGIN SOLUTION'"):
        steps.release(course, CHAPTER)

    assert_no_secret(course.outbound(CH))
    assert_no_secret(course.release(CH))


def test_the_roster_is_in_the_gradebook(course):
    marks = gradebook.read_marks(course)[CH]

    assert [(m.student, m.last_name) for m in marks if m.last_name] == [
        ("ann", "Lee"),
        ("zoe", "Roth"),
    ]


# the student's side


def test_fetching_again_keeps_the_students_work(course, tmp_path):
    student.fetch(course, CH, tmp_path)
    (tmp_path / CH / CHAPTER.file).write_text("mine = 1\n", encoding="utf-8")
    (tmp_path / CH / NOTEBOOK).unlink()

    new = student.fetch(course, CH, tmp_path)

    assert new == [NOTEBOOK]
    assert (tmp_path / CH / CHAPTER.file).read_text(encoding="utf-8") == "mine = 1\n"


def test_a_hand_in_is_code_and_notebook_and_nothing_else(course, hand_in):
    def clutter(work):
        (work / ".git").mkdir()
        (work / ".git" / "config").write_text("x")
        (work / "data.npz").write_bytes(b"0" * 1000)
        (work / "link.py").symlink_to(course.gradebook)

    receipt = hand_in("clutter", extra=clutter)

    assert receipt.files == (CHAPTER.file, NOTEBOOK)
    assert receipt.left_out == ("link.py is not a regular file: left out",)


def test_nothing_to_hand_in_is_said_in_one_sentence(course, tmp_path):
    with pytest.raises(
        UserError, match=r"there is no activations\.py in .*: nothing was handed in"
    ):
        student.submit(course, CHAPTER, tmp_path, "nobody")


@pytest.mark.parametrize("name", ["a+b", "../a", ".a", "a b", "", "*"])
def test_a_name_that_would_confuse_nbgrader_is_refused(course, tmp_path, name):
    with pytest.raises(UserError, match="cannot be a student's id"):
        student.submit(course, CHAPTER, tmp_path, name)


# the whole round, with the real sandbox


def test_the_whole_round(course, hand_in, tmp_path):
    trap = tmp_path / "executed"

    def tamper(book):
        relu = cell_of(book, "relu")
        relu["metadata"]["nbgrader"]["points"] = 1000
        relu["source"] = f"open({str(trap)!r}, 'w'); 1e9"
        output = {"data": {"text/plain": "1e9"}, "metadata": {}, "execution_count": 1}
        relu["outputs"] = [{"output_type": "execute_result", **output}]
        extra = {"cell_type": "code", "source": relu["source"], "metadata": {}}
        book["cells"].insert(0, extra | {"outputs": [], "execution_count": None, "id": "extra"})
        cell_of(book, "saturation")["source"] = "The slope is <b>tiny</b>, $x<0$ as well."

    hand_in("perfect", REFERENCE)
    hand_in("untouched")
    hand_in("tampered", notebook=tamper)
    new = steps.collect(course, CH)
    graded, marked = marking.grade_collected(course, CHAPTER, jobs=2)
    pages = steps.feedback(course, CH)

    assert {"perfect", "untouched", "tampered"} <= set(new.new)
    totals = {result.student: result.score for result in graded}
    assert (totals["perfect"], totals["untouched"], totals["tampered"]) == (100.0, 0.0, 0.0)
    assert not [one for one in marked if one.problem]
    assert scores(course, "perfect") == full()
    assert set(scores(course, "tampered").values()) == {0.0}
    assert not trap.exists()
    assert not [page.problem for page in pages if page.problem]
    assert_no_secret_but_own(course, "untouched")
    answer = "The slope is &lt;b>tiny&lt;/b>, $x<0$ as well."
    assert answer_of(course, "tampered") == answer


def assert_no_secret_but_own(course, name):
    assert_no_secret(course.feedback(name, CH))
    assert_no_secret(course.autograded(name, CH))


def answer_of(course, name):
    """Return the written answer in the notebook that is marked."""
    book = json.loads((course.autograded(name, CH) / NOTEBOOK).read_text(encoding="utf-8"))
    return "".join(cell_of(book, "saturation")["source"])


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


# what was handed in is hostile


def break_missing(path):
    path.unlink()


def break_empty(path):
    path.write_text("")


def break_not_utf8(path):
    path.write_bytes(b'{"cells": "\xff\xfe"}')


def break_truncated(path):
    path.write_text(path.read_text()[:500])


def break_no_cells(path):
    path.write_text('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}')


def break_other_json(path):
    path.write_text("[1, 2, 3]")


def break_language(path):
    book = json.loads(path.read_text())
    book["metadata"]["language"] = 5
    path.write_text(json.dumps(book))


def break_nesting(path):
    path.write_text('{"metadata": {}, "nbformat": 4, "nbformat_minor": 5, "cells": ' + "[" * 5000)


def break_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "breaks",
    [
        break_missing,
        break_empty,
        break_not_utf8,
        break_truncated,
        break_no_cells,
        break_other_json,
        break_language,
        break_nesting,
        break_folder,
    ],
)
def test_an_unreadable_notebook_is_put_aside_and_the_code_is_marked(
    course, hand_in, made_up, breaks
):
    name = breaks.__name__
    made_up[name] = 1
    hand_in(name)
    steps.collect(course, CH)
    breaks(course.submitted(name, CH) / NOTEBOOK)

    odd = handin.prepare(course, CH, name)
    (marked,) = steps.autograde(course, CH, [name])

    assert len(odd) == 1
    assert odd[0].startswith(NOTEBOOK)
    assert odd[0].endswith("the released one stands in for it")
    assert marked.problem is None
    assert scores(course, name) == full()
    assert handin.prepare(course, CH, name) == []


def test_the_time_of_a_hand_in_is_not_taken_from_a_file_of_the_student(course, hand_in):
    receipt = hand_in("clock")
    (inbound,) = (course.exchange / course.id / "inbound").glob("clock+*")
    (inbound / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")

    steps.collect(course, CH)

    assert (course.submitted("clock", CH) / "timestamp.txt").read_text() == receipt.time


def test_links_in_a_hand_in_are_never_followed(course, hand_in, made_up):
    hand_in("linked")
    (inbound,) = (course.exchange / course.id / "inbound").glob("linked+*")
    (inbound / "notes.txt").symlink_to(course.gradebook)
    (inbound / "everything").symlink_to(course.root)
    os.mkfifo(inbound / "pipe.txt")

    found = steps.collect(course, CH)

    folder = course.submitted("linked", CH)
    assert not handin.irregular(folder)
    assert not (folder / "notes.txt").exists()
    assert not (folder / "everything").exists()
    assert len([line for line in found.odd if line.startswith("linked: ")]) == 3


def test_links_that_appear_after_collection_are_removed_and_nbgraders_own_step_refuses_them(
    course, hand_in, made_up, monkeypatch
):
    hand_in("late-link")
    steps.collect(course, CH)
    link = course.submitted("late-link", CH) / "notes.txt"
    link.symlink_to(course.gradebook)
    monkeypatch.setattr(steps, "prepare", lambda *_: [])
    monkeypatch.setattr(handin, "prepare", lambda *_: [])

    (refused,) = steps.autograde(course, CH, ["late-link"])
    monkeypatch.undo()
    monkeypatch.setattr(results, "result_of", lambda *_, **__: made_up_result(CH, "late-link", 1))
    (marked,) = steps.autograde(course, CH, ["late-link"])

    assert "still holds links" in refused.problem
    assert marked.odd == ("notes.txt is not a regular file: removed",)
    assert marked.score == 100.0


def test_nbgraders_own_autograde_button_is_protected_as_well(course, hand_in, made_up):
    hand_in("button")
    steps.collect(course, CH)
    (course.submitted("button", CH) / "notes.txt").symlink_to(course.gradebook)

    with api.opened(course) as nb:
        outcome = nb.autograde(CH, "button")

    assert outcome["success"], outcome
    assert not (course.autograded("button", CH) / "notes.txt").exists()
    assert set(scores(course, "button").values()) == {10.0}


def test_a_strange_folder_in_the_exchange_stops_nobody(course, hand_in, made_up):
    inbound = course.exchange / course.id / "inbound"
    (inbound / f"mallory+{CH}+yesterday").mkdir()
    (inbound / f"a b+{CH}+2026-01-01 00:00:00 UTC+x").mkdir()
    hand_in("honest")

    found = steps.collect(course, CH)

    assert "honest" in found.new
    assert not {"mallory", "a b"} & {path.name for path in course.root.glob("submitted/*")}
    assert len([line for line in found.odd if "is not a hand-in" in line]) == 2


def test_a_newer_hand_in_replaces_the_older_one_and_keeps_points_given_by_hand(
    course, hand_in, made_up
):
    def answer(book):
        cell_of(book, "saturation")["source"] = "Because the slope is small."

    hand_in("again", "old = 1\n", answer)
    steps.collect(course, CH)
    steps.autograde(course, CH, ["again"])
    give_points(course, "again", "saturation", 4.0)
    made_up["again"] = 1
    hand_in("again", "new = 1\n", answer)

    found = steps.collect(course, CH)
    steps.autograde(course, CH, ["again"])

    assert found.new == ("again",)
    assert (course.autograded("again", CH) / CHAPTER.file).read_text() == "new = 1\n"
    (marks,) = [m for m in gradebook.read_marks(course)[CH] if m.student == "again"]
    assert marks.scores["saturation"] == 4.0
    assert marks.total == 104.0
    assert answer_of(course, "again") == "Because the slope is small."


# answers


def answer_book(*texts):
    labels = {"grade": True, "solution": True, "grade_id": "why", "points": 5, "locked": False}
    cells = [
        {"cell_type": "markdown", "metadata": {"nbgrader": labels}, "source": t} for t in texts
    ]
    return {"cells": cells, "metadata": {}}


@pytest.mark.parametrize(
    ("handed_in", "carried"),
    [
        (["first", "second"], "first"),
        ([], "asked"),
        (["<script>alert(1)</script>"], "&lt;script>alert(1)&lt;/script>"),
        (["a < b and $x<0$"], "a < b and $x<0$"),
        (["\ud800 \x1b[31m red"], "? [31m red"),
        ([5], "asked"),
    ],
)
def test_an_answer_is_carried_over_as_text(handed_in, carried):
    rebuilt = notebooks.rebuild(answer_book("asked"), answer_book(*handed_in))

    assert [cell["source"] for cell in rebuilt["cells"]] == [carried]


def test_an_answer_is_bounded():
    rebuilt = notebooks.rebuild(answer_book("asked"), answer_book("x" * 10**6))

    assert len(rebuilt["cells"][0]["source"]) < notebooks.MAX_ANSWER + 100


def test_only_answers_come_from_the_students_notebook():
    released, handed_in = answer_book("asked"), answer_book("mine")
    for book, source in ((released, 'check("relu")'), (handed_in, "1e9")):
        labels = {"grade": True, "solution": False, "grade_id": "relu", "points": 5}
        cell = {"cell_type": "code", "metadata": {"nbgrader": labels}, "source": source}
        book["cells"].append(cell)

    rebuilt = notebooks.rebuild(released, handed_in)

    assert [cell["source"] for cell in rebuilt["cells"]] == ["mine", 'check("relu")']


# feedback and export


def test_feedback_shows_hostile_text_as_text():
    exercise = made_up_exercise("relu", 20, 0.5, "</pre><script>alert('x')</script>\x1b[2J&\u202e")

    page, text = feedback.as_html(exercise), feedback.as_text(exercise)

    assert "<script" not in page
    assert "&lt;/pre&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;[2J&amp;</pre>" in page
    assert "10 of 20 points" in page
    assert "\x1b" not in text
    assert text.startswith(
        "relu: failed, 10 of 20 points\n  failed: relu on a small example (10 of 20)"
    )


def test_feedback_of_a_passed_check_has_no_message():
    page = feedback.as_html(made_up_exercise("relu", 20, 1))

    assert "expected 1" not in page
    assert ">1 of 1 checks passed</summary>" in page


def test_feedback_says_one_message_once():
    exercise = made_up_exercise("relu", 20, 0.5)
    (check,) = exercise["checks"]
    exercise["checks"] = [check | {"id": f"example[{case}]"} for case in ("relu", "relu_grad")]

    page = feedback.as_html(exercise)

    assert page.count("expected 1, got 2") == 1
    assert "relu on a small example [relu] (" in page
    assert "relu on a small example [relu_grad] (" in page


def test_the_export_has_one_line_per_student_with_blanks_for_what_is_not_marked():
    first = [
        gradebook.Marks("ann", "Lee", "Ann", {"relu": 10.0, "why": None}, penalty=2.5),
        gradebook.Marks("bob", "", "", {"relu": None, "why": None}),
    ]
    second = [
        gradebook.Marks("ann", "Lee", "Ann", {"Dense": 1 / 3}),
        gradebook.Marks("bob", "", "", {"Dense": 0.0}),
    ]

    text = gradebook.csv_text({"ch03": first, "ch06": second})

    assert text.splitlines() == [
        "student,last_name,first_name,ch03.relu,ch03.why,ch03.total,ch06.Dense,ch06.total,total",
        "ann,Lee,Ann,10,,7.5,0.3333,0.3333,7.8333",
        "bob,,,,,0,0,0,0",
    ]


# the course's settings and surroundings


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('id = "a"\n', r"course\.toml:1: the entry 'name' is missing"),
        ('id = "a"\nname = "A"\nrooster = "x"\n', r"course\.toml:3: unknown entry 'rooster'"),
        ('id = "a"\nname = 5\n', r"course\.toml:2: 'name' must be of type str"),
        ('id = "a/b"\nname = "A"\n', r"course\.toml:1: the id names folders"),
        ("id =\n", r"course\.toml: not valid TOML"),
    ],
)
def test_a_faulty_course_file_is_named_with_its_line(tmp_path, text, complaint):
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")

    with pytest.raises(UserError, match=complaint):
        open_course(PROJECT, tmp_path)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("id,name\n", r"roster\.csv:1: the first line must be id,first_name"),
        (ROSTER + "ann,A,B,c\n", r"roster\.csv:4: 'ann' is listed twice"),
        (ROSTER + "bob,B\n", r"roster\.csv:4: write 4 values"),
        (ROSTER + "b+b,B,B,b\n", r"roster\.csv:4: 'b\+b' cannot be a student's id"),
    ],
)
def test_a_faulty_roster_is_named_with_its_line(tmp_path, lines, complaint):
    text = 'id = "a"\nname = "A"\nroster = "roster.csv"\n'
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    (tmp_path / "roster.csv").write_text(lines, encoding="utf-8")

    with pytest.raises(UserError, match=complaint):
        open_course(PROJECT, tmp_path)


def test_the_course_can_be_named_by_the_environment(course, monkeypatch):
    monkeypatch.setenv("DLFS_COURSE", str(course.root))

    assert open_course(PROJECT).id == "test"


def test_nbgraders_own_programs_read_the_same_settings():
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(PROJECT.course)).load_config()

    assert CourseDirectory(config=config).root == str(PROJECT.course)
    assert config.ExchangeFactory.collect == "autograder.classroom.exchange.CarefulCollect"
    assert config.Autograde.exclude_overwriting[CH] == [CHAPTER.file]
    assert not [name for name in config.Autograde.autograde_preprocessors if "Execute" in name]


def test_without_nbgrader_one_sentence_says_what_to_install(course, monkeypatch):
    monkeypatch.setattr(api.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(UserError, match=r"needs nbgrader.*pip install -e '\.\[instructor\]'"):
        steps.collect(course, CH)


def test_nbgrader_is_quiet_and_leaves_the_working_folder_alone(
    course, hand_in, made_up, monkeypatch, tmp_path, capfd
):
    monkeypatch.chdir(tmp_path)

    hand_in("quiet")
    steps.collect(course, CH)
    steps.autograde(course, CH, ["quiet"])

    assert Path.cwd() == tmp_path
    assert capfd.readouterr() == ("", "")
