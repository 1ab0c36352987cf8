"""One class in which every hand-in is odd, through one round; then the same round again.

Each pitfall is a student. In every case the .py that is there gets its honest mark, the batch goes
on, and the instructor reads one line. docs/nbgrader.md has the table.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from classroom_course import (
    FIRST,
    NOTEBOOK,
    RIGHT,
    answered,
    chapter_of,
    copy_of,
    hand_in,
    released_notebook,
)
from odd_hand_ins import ANSWER, ODD

from autograder.classroom import gradebook, handin, marking, notebooks, steps
from autograder.classroom.course import Course


@dataclass
class Round:
    """What one collection and marking gave, and what was said."""

    said: dict[str, set[str]]
    scores: dict[str, float]
    problems: list[str]
    book: str
    files: dict[str, int]


@pytest.fixture(scope="module")
def odd_class(released, tmp_path_factory) -> Course:
    listed = " ".join(name for name in ODD if name != "stranger")
    course = copy_of(released, tmp_path_factory.mktemp("odd"), students=listed)
    for name, odd in ODD.items():
        folder = hand_in(course, name, {"mini.py": RIGHT, NOTEBOOK: answered(course, ANSWER)})
        odd.make(course, folder)
    return course


def play(course: Course) -> Round:
    found = steps.collect(course, FIRST)
    results, marked = marking.grade_collected(course, chapter_of(course), jobs=2)
    said: dict[str, set[str]] = {name: set() for name in ODD}
    for line in found.odd:
        name, sentence = line.split(": ", 1)
        said[name].add(sentence)
    for result in results:
        said[result.student] |= set(result.notes)
    for one in marked:
        said[one.student] |= set(one.odd)
    return Round(
        said=said,
        scores={result.student: result.score for result in results},
        problems=[f"{one.student}: {one.problem}" for one in marked if one.problem],
        book=gradebook.csv_text(gradebook.read_marks(course)),
        files={
            room: sum(1 for _ in (course.root / room).rglob("*"))
            for room in ("submitted", "autograded", "results")
        },
    )


@pytest.fixture(scope="module")
def first(odd_class) -> Round:
    return play(odd_class)


def test_no_odd_hand_in_stops_the_batch(first):
    assert first.problems == []
    assert set(first.scores) == set(ODD)


@pytest.mark.parametrize("name", ODD)
def test_the_code_gets_its_honest_mark_and_the_instructor_reads_one_line(odd_class, first, name):
    odd = ODD[name]
    path = odd_class.autograded(name, FIRST) / NOTEBOOK
    cells = notebooks.answers(notebooks.read(path))

    assert first.scores[name] == odd.score
    asked = notebooks.answers(notebooks.read(odd_class.release(FIRST) / NOTEBOOK))["why"]
    assert cells["why"] == (odd.answer or asked)
    expected = [text for text in (odd.line, odd.also) if text]
    assert len(first.said[name]) == len(expected), first.said[name]
    assert all(any(text in line for line in first.said[name]) for text in expected)


def test_the_same_scores_are_in_the_gradebook(odd_class, first):
    marks = {one.student: one for one in gradebook.read_marks(odd_class)[FIRST]}

    assert {name: marks[name].total for name in ODD} == {n: odd.score for n, odd in ODD.items()}
    assert marks["stranger"].last_name == ""


def test_nothing_of_the_course_or_of_others_came_along(odd_class, first):
    course = odd_class

    for name in ODD:
        assert handin.irregular(course.submitted(name, FIRST)) == []
    assert not (course.submitted("linked_gradebook", FIRST) / "notes.txt").exists()
    assert not (course.submitted("linked_folder", FIRST) / "up").exists()
    assert (
        len(list(course.submitted("many_files", FIRST).iterdir())) <= handin.MAX_FILES + 1
    )  # timestamp.txt
    assert "BEGIN SOLUTION" not in _texts(course.root / "submitted")


def test_collecting_and_marking_again_changes_nothing_and_grows_nothing(odd_class, first):
    before = _stamps(odd_class)
    again = play(odd_class)

    assert again.scores == first.scores
    assert again.book == first.book
    assert again.files == first.files
    assert again.problems == []
    assert _stamps(odd_class) == before


def test_feedback_is_made_for_all_of_them(odd_class, first):
    pages = steps.feedback(odd_class, FIRST)

    assert {page.student for page in pages} == set(ODD)
    assert [page.problem for page in pages if page.problem] == []


def _stamps(course: Course) -> dict[str, str]:
    return {path.parts[-3]: path.read_text() for path in course.root.glob("submitted/*/*/timest*")}


def _texts(folder: Path) -> str:
    return "\n".join(p.read_text(errors="replace") for p in folder.rglob("*.py") if p.is_file())


# what nbgrader makes of hand-ins is undone where only the notebook is looked at


@pytest.mark.parametrize(
    "metadata",
    [{"language": 5}, {"deep": json.loads("[" * 100 + "]" * 100)}],
    ids=["language", "nesting"],
)
def test_metadata_that_nbconvert_stumbles_over_makes_a_notebook_unreadable(
    released, tmp_path, metadata
):
    content = released_notebook(released)
    content["metadata"] |= metadata
    (tmp_path / NOTEBOOK).write_text(json.dumps(content))

    assert notebooks.trouble(tmp_path / NOTEBOOK) == "has unusual metadata"


def test_a_notebook_as_released_is_not_odd(released):
    path = released.release(FIRST) / NOTEBOOK

    assert notebooks.changes(notebooks.read(path), notebooks.read(path)) == []


def test_the_sentences_about_one_hand_in_are_bounded():
    said = handin.brief([f"{number} is odd" for number in range(100)])

    assert len(said) == handin.MAX_SENTENCES
    assert said[-1] == "and 96 more entries like these"
