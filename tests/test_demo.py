"""The demo: the sample class is made by small changes, and a wrong mark does not go unnoticed."""

import ast
import dataclasses
import difflib
from pathlib import Path

import pytest

from autograder.classroom.gradebook import Marks
from autograder.demo import round as demo_round
from autograder.demo import sample, show
from autograder.demo.sample import CHAPTERS, CLASS, FULL, NONE, SLIPS, SOME
from autograder.demo.verdict import judge, unnamed
from autograder.errors import UserError
from autograder.grading.result import Check, ExerciseResult, Result
from autograder.manifest import load_chapter
from autograder.mistakes.statistics import Count
from autograder.project import find_project

PROJECT = find_project(Path(__file__).parent)
CHAPTER = load_chapter(PROJECT, CHAPTERS[0])
STUDENTS = {student.id: student for student in CLASS}


@pytest.fixture(params=CHAPTERS)
def chapter(request):
    return load_chapter(PROJECT, request.param)


def changed_lines(chapter, code):
    """Return the lines of the reference that `code` does not have."""
    lines = difflib.ndiff(sample.reference(chapter).splitlines(), code.splitlines())
    return [line[2:].strip() for line in lines if line.startswith("- ")]


def result_of(student, chapter, **changes):
    """Return the Result that a student deserves, apart from `changes` (exercise to score)."""
    exercises = []
    for exercise in chapter.exercises:
        deserved = student.deserves(chapter)[exercise.name]
        due = {FULL: 1.0, SOME: 0.5, NONE: 0.0}[deserved.points] * exercise.points
        score, status = changes.get(exercise.name, (due, deserved.states[0]))
        check = Check("c", "a check", True, status, score, float(exercise.points), "")
        one = ExerciseResult(exercise.name, score, float(exercise.points), status, (check,))
        exercises.append(one)
    total = sum(one.score for one in exercises)
    head = (chapter.name, student.id, student.id, "0", "0", None, "graded", ())
    return Result(*head, total, 100.0, tuple(exercises))


def marks_of(result, **changes):
    scores = {one.name: one.score for one in result.exercises}
    return Marks(result.student, "", "", scores | changes)


# the sample class


def test_the_perfect_student_hands_in_the_reference_without_its_markers(chapter):
    code = STUDENTS["ada"].code(chapter)

    assert "###" not in code
    assert "NotImplementedError" not in code


def test_half_of_the_exercises_are_left_as_they_are_in_the_stub(chapter):
    student = STUDENTS["ben"]
    done = [e.name for e in chapter.exercises if student.deserves(chapter)[e.name].points == FULL]

    code = student.code(chapter)

    assert 0 < len(done) < len(chapter.exercises)
    assert not [name for name in done if f'NotImplementedError("{name}")' in code]
    assert code.count("raise NotImplementedError") > 0


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_typical_mistake_changes_one_line_of_one_exercise(name):
    chapter = load_chapter(PROJECT, name)
    (student,) = [s for s in CLASS if SOME in {d.points for d in s.deserves(chapter).values()}]

    changed = changed_lines(chapter, student.code(chapter))

    assert changed == [sample.SLIPS[name].right]
    others = [s for s in CLASS if s.id in {"dan", "eve"} and s.id != student.id]
    assert others[0].code(chapter) == sample.reference(chapter)


def test_the_syntax_error_is_one(chapter):
    code = STUDENTS["finn"].code(chapter)

    assert len(changed_lines(chapter, code)) == 1
    with pytest.raises(SyntaxError):
        ast.parse(code)


@pytest.mark.parametrize(("student", "line"), [("gita", sample.LOOP), ("hugo", sample.EXIT)])
def test_hostile_code_stands_in_one_exercise_that_no_other_needs(chapter, student, line):
    (name,) = [n for n, d in STUDENTS[student].deserves(chapter).items() if d.points == NONE]

    code = STUDENTS[student].code(chapter)

    assert line in code
    assert f'NotImplementedError("{name}")' not in code
    assert not [e.name for e in chapter.exercises if name in e.needs]


def test_a_slip_that_has_left_the_reference_is_named():
    slip = sample.Slip("tanh", "return 42", "return 43")

    with pytest.raises(UserError, match="'return 42' must occur once"):
        sample.slipped(CHAPTER, slip)


# the verdict


@pytest.mark.parametrize("student", CLASS, ids=lambda student: student.id)
def test_what_is_deserved_is_accepted(chapter, student):
    result = result_of(student, chapter)

    assert judge(student, chapter, result, marks_of(result)).wrong == ()


@pytest.mark.parametrize(
    ("student", "changes"),
    [
        ("ada", {"relu": (19.0, "failed")}),
        ("ben", {"relu": (1.0, "failed")}),
        ("cleo", {"sigmoid": (0.0, "crashed")}),
        ("dan", {"tanh": (20.0, "failed")}),
        ("dan", {"relu": (15.0, "failed")}),
        ("finn", {"relu": (0.0, "failed")}),
        ("gita", {"softplus": (0.0, "failed")}),
        ("hugo", {"softplus": (2.0, "crashed")}),
    ],
)
def test_a_mark_that_is_not_deserved_is_found(student, changes):
    result = result_of(STUDENTS[student], CHAPTER, **changes)

    verdict = judge(STUDENTS[student], CHAPTER, result, marks_of(result))

    (sentence,) = verdict.wrong
    assert sentence.startswith(next(iter(changes)))


def test_a_gradebook_that_differs_from_the_result_is_found():
    result = result_of(STUDENTS["ada"], CHAPTER)

    for booked in (19.0, None):
        verdict = judge(STUDENTS["ada"], CHAPTER, result, marks_of(result, relu=booked))
        assert verdict.wrong[0] == f"relu: the gradebook holds {booked}, the result 20"


def test_a_missing_result_or_line_is_found():
    result = result_of(STUDENTS["ada"], CHAPTER)
    error = dataclasses.replace(result, status="grader_error", notes=("no sandbox",))

    assert judge(STUDENTS["ada"], CHAPTER, None, marks_of(result)).wrong == ("there is no result",)
    assert judge(STUDENTS["ada"], CHAPTER, result, None).wrong
    assert judge(STUDENTS["ada"], CHAPTER, error, marks_of(result)).wrong == ("no sandbox",)


# the round


def shorten(monkeypatch, *ids):
    """Play with one chapter and the students named."""
    for module in (demo_round, show):
        monkeypatch.setattr(module, "CHAPTERS", CHAPTERS[:1])
        monkeypatch.setattr(module, "CLASS", tuple(STUDENTS[name] for name in ids))


def test_the_round_ends_with_the_marks_and_starts_clean_again(monkeypatch, tmp_path, capsys):
    shorten(monkeypatch, "ada", "cleo")
    course = demo_round._new_course(PROJECT, tmp_path / "demo")
    (course.root / "old").write_text("from an earlier run")

    status = demo_round.run_demo(PROJECT, tmp_path / "demo", jobs=1)

    printed = capsys.readouterr().out
    assert status == 0, printed
    assert "the marks are as they should be: 2 of 2" in printed
    assert "dlfs submit ch03_activations" in printed
    assert not (course.root / "old").exists()
    lines = (course.root / "marks.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] + line[line.rindex(",") :] for line in lines[1:]] == [
        "ada,100",
        "cleo,0",
    ]
    assert (course.root / "feedback" / "ada" / CHAPTERS[0] / "lab.html").exists()


def test_a_wrong_mark_ends_the_demo_with_status_1(capsys):
    student = STUDENTS["ada"]
    result = result_of(student, CHAPTER, relu=(0.0, "failed"))
    verdict = judge(student, CHAPTER, result, marks_of(result))

    assert demo_round._conclude([verdict], [], 1.0) == 1
    assert "the marks are NOT as they should be: 0 of 1" in capsys.readouterr().out
    assert demo_round._conclude([], ["cleo: no page"], 1.0) == 1


def test_a_real_course_is_never_thrown_away(tmp_path):
    (tmp_path / "course.toml").write_text('id = "mine"\nname = "Mine"\n', encoding="utf-8")

    with pytest.raises(UserError, match="holds a course that is not the demo's"):
        demo_round._new_course(PROJECT, tmp_path)

    assert (tmp_path / "course.toml").exists()


def test_a_folder_that_is_no_course_is_never_thrown_away(tmp_path):
    (tmp_path / "thesis.txt").write_text("important")

    with pytest.raises(UserError, match=r"course\.toml is missing"):
        demo_round._new_course(PROJECT, tmp_path)

    assert (tmp_path / "thesis.txt").exists()


# what the class misunderstood


def named(*places):
    return [Count(chapter, exercise, "an-id", ("dan",), 8) for chapter, exercise in places]


def test_every_slip_must_be_named_and_nothing_else():
    chapters = [load_chapter(PROJECT, name) for name in CHAPTERS]
    made = [(chapter, slip.exercise) for chapter, slip in SLIPS.items()]

    assert unnamed(named(*made), CLASS, chapters) == []
    assert unnamed(named(made[0]), CLASS, chapters) == [
        "ch06_layers: the mistake in MeanSquaredError was not named"
    ]
    assert unnamed(named(*made, ("ch06_layers", "Dense")), CLASS, chapters) == [
        "ch06_layers: a mistake in Dense that nobody made"
    ]
    assert unnamed([], [STUDENTS["ada"]], chapters) == []
