"""The demo: the sample class is made by small changes, and a wrong mark does not go unnoticed."""

import ast
import dataclasses
import difflib
import json
from pathlib import Path

import pytest

from autograder.classroom.gradebook import Marks
from autograder.demo import besides, sample, show
from autograder.demo import round as demo_round
from autograder.demo.code import Slip, reference, slipped
from autograder.demo.sample import CHAPTERS, CLASS, FULL, NONE, SLIPS, SOME
from autograder.demo.verdict import LATE_FRACTION, judge, unnamed, unsaid
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
    lines = difflib.ndiff(reference(chapter).splitlines(), code.splitlines())
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


def marks_of(result, penalty=None, **changes):
    """Return what the gradebook should hold for a Result, apart from `changes`."""
    student = STUDENTS[result.student]
    scores = {one.name: one.score for one in result.exercises}
    scores |= student.by_hand.get(result.chapter, {})
    if penalty is None and student.late:
        penalty = LATE_FRACTION * result.score
    return Marks(result.student, "", "", scores | changes, penalty)


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
    assert others[0].code(chapter) == reference(chapter)


def test_the_syntax_error_is_one(chapter):
    code = STUDENTS["finn"].code(chapter)

    assert len(changed_lines(chapter, code)) == 1
    with pytest.raises(SyntaxError):
        ast.parse(code)


@pytest.mark.parametrize(
    ("student", "line"), [("gita", sample.LOOP), ("hugo", sample.EXIT), ("kim", sample.READ)]
)
def test_hostile_code_stands_in_one_exercise_that_no_other_needs(chapter, student, line):
    (name,) = [n for n, d in STUDENTS[student].deserves(chapter).items() if d.points == NONE]

    code = STUDENTS[student].code(chapter)

    assert line in code
    assert f'NotImplementedError("{name}")' not in code
    assert not [e.name for e in chapter.exercises if name in e.needs]


def test_a_slip_that_has_left_the_reference_is_named():
    slip = Slip("tanh", "return 42", "return 43")

    with pytest.raises(UserError, match="'return 42' must occur once"):
        slipped(CHAPTER, slip)


def test_a_notebook_is_cut_off_and_no_longer_one(tmp_path):
    released = (CHAPTER.assignment_dir / besides.NOTEBOOK).read_bytes()
    (tmp_path / besides.NOTEBOOK).write_bytes(released)

    STUDENTS["iris"].folder(tmp_path)

    with pytest.raises(ValueError):
        json.loads((tmp_path / besides.NOTEBOOK).read_bytes())


def test_an_answer_stands_in_the_cell_of_its_question(tmp_path):
    released = (CHAPTER.assignment_dir / besides.NOTEBOOK).read_text(encoding="utf-8")
    (tmp_path / besides.NOTEBOOK).write_text(released, encoding="utf-8")

    STUDENTS["ada"].folder(tmp_path)

    before, after = json.loads(released), json.loads((tmp_path / besides.NOTEBOOK).read_text())
    pairs = zip(before["cells"], after["cells"], strict=True)
    (changed,) = [new for old, new in pairs if old != new]
    assert changed["source"] == besides.ANSWER
    assert changed["metadata"]["nbgrader"]["grade_id"] == besides.QUESTION


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
        ("kim", {"softplus": (2.0, "crashed")}),
        ("lena", {"relu": (0.0, "failed")}),
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


def test_a_penalty_that_is_missing_or_undeserved_is_found():
    late, in_time = (result_of(STUDENTS[name], CHAPTER) for name in ("lena", "ben"))

    (sentence,) = judge(STUDENTS["lena"], CHAPTER, late, marks_of(late, penalty=0.0)).wrong
    assert sentence.endswith("book 100 in the place of 90")
    (sentence,) = judge(STUDENTS["ben"], CHAPTER, in_time, marks_of(in_time, penalty=4.0)).wrong
    assert sentence.endswith("book 36 in the place of 40")


def test_points_by_hand_that_are_gone_are_found():
    result = result_of(STUDENTS["ada"], CHAPTER)

    wrong = judge(STUDENTS["ada"], CHAPTER, result, marks_of(result, saturation=None)).wrong

    assert wrong[0] == "saturation: the gradebook holds None, by hand 4"
    assert wrong[1].endswith("book 100 in the place of 104")


def test_a_result_that_holds_a_line_of_a_secret_file_is_found():
    student = STUDENTS["kim"]
    read = Path("/etc/passwd").read_text(encoding="utf-8")
    result = dataclasses.replace(result_of(student, CHAPTER), notes=(read,))

    (sentence,) = judge(student, CHAPTER, result, marks_of(result)).wrong

    assert sentence == "the result holds a line of /etc/passwd"


def test_what_is_odd_must_be_said_once_and_nothing_else():
    said = [
        "iris: lab.ipynb cannot be read: the released one stands in",
        "jack: notes.py is a link",
    ]

    assert unsaid(CLASS, CHAPTER, said) == []
    assert unsaid(CLASS, CHAPTER, said[:1]) == ["ch03_activations: 0 lines on jack's notes.py"]
    assert unsaid(CLASS, CHAPTER, [*said, said[0]]) == [
        "ch03_activations: 2 lines on iris's lab.ipynb"
    ]
    assert unsaid(CLASS, CHAPTER, [*said, "ada: is clever"]) == [
        "ch03_activations: nothing is odd, yet it says: ada: is clever"
    ]


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
    shorten(monkeypatch, "ada", "iris", "jack", "lena")
    course = demo_round._new_course(PROJECT, tmp_path / "demo")
    (course.root / "old").write_text("from an earlier run")

    status = demo_round.run_demo(PROJECT, tmp_path / "demo", jobs=1)

    printed = capsys.readouterr().out
    assert status == 0, printed
    assert "the marks are as they should be: 4 of 4" in printed
    assert "dlfs submit ch03_activations" in printed
    assert "jack: notes.py is not a regular file: left out" in printed
    assert not (course.root / "old").exists()
    lines = (course.root / "marks.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] + line[line.rindex(",") :] for line in lines[1:]] == [
        "ada,104",
        "iris,100",
        "jack,100",
        "lena,90",
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
