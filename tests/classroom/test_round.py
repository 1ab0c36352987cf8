"""nbgrader's whole round in a course of its own: release, hand in, mark, give back."""

from __future__ import annotations

from pathlib import Path

import pytest
from classroom_ch03 import (
    CH,
    CHAPTER,
    NOTEBOOK,
    PROJECT,
    REFERENCE,
    answer_of,
    assert_no_secret,
    cell_of,
    full,
    scores,
)

from autograder.classroom import api, gradebook, marking, notebooks, steps, student
from autograder.classroom.course import open_course
from autograder.errors import UserError

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

    assert new.new == (NOTEBOOK,)
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


# the course's surroundings


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
