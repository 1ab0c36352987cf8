"""The instructor's pages in a browser: hand-ins, our scores and feedback, marks given by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from autograder.classroom import gradebook, marking, steps, student
from autograder.classroom.course import Course
from autograder.manifest import Chapter, load_chapter

CH = "ch03_activations"
ANSWER = "Far out the slope of the sigmoid is nearly 0, so next to no message comes through."
CHANGES = {  # a place of the reference, and what stands there in the hand-in
    "ada": ("", ""),
    "ben": ("1 - tanh(x) ** 2", "1 - np.square(x)"),
    "cleo": ("return sigmoid(x)", 'raise NotImplementedError("softplus")'),
    "dan": ("return np.tanh(floating(x))", 'raise NotImplementedError("tanh")'),
}


@pytest.fixture(scope="module")
def chapter(course: Course) -> Chapter:
    return load_chapter(course.project, CH)


@pytest.fixture(scope="module")
def hand_in(course: Course, chapter: Chapter, tmp_path_factory) -> Callable[..., None]:
    """Return a function that hands in as a student, with the code that one of the four wrote."""
    homes = {name: tmp_path_factory.mktemp(name) for name in CHANGES}
    code = chapter.source_file.read_text(encoding="utf-8")

    def hand_in(name: str, code_of: str) -> None:
        right, wrong = CHANGES[code_of]
        assert right in code
        student.fetch(course, CH, homes[name])
        work = homes[name] / CH
        (work / chapter.file).write_text(code.replace(right, wrong), encoding="utf-8")
        answer(work / "lab.ipynb", ANSWER)
        student.submit(course, chapter, homes[name], name)

    return hand_in


@pytest.fixture(scope="module")
def scores(course: Course, chapter: Chapter, hand_in) -> dict[str, float]:
    """Four hand-ins, of which two have been marked; what marking gave by student."""
    steps.release(course, chapter)
    for name in ("ada", "ben"):
        hand_in(name, name)
    steps.collect(course, CH)
    marking.grade_collected(course, chapter, jobs=2)
    for name in ("cleo", "dan"):
        hand_in(name, name)
    steps.collect(course, CH)
    return {"ada": 100.0, "ben": given(course, "ben")}


@pytest.fixture(scope="module")
def pages(scores, serving, opened) -> Iterator[Page]:
    """A page of a browser that the formgrader's address has let in."""
    with serving("formgrader", CH) as address, opened(address) as page:
        yield page


@pytest.fixture
def page(pages: Page) -> Page:
    """The list of hand-ins, loaded anew."""
    go_to_list(pages)
    return pages


def answer(notebook: Path, text: str) -> None:
    """Write the answer to the chapter's first question."""
    book = json.loads(notebook.read_text(encoding="utf-8"))
    (cell,) = [cell for cell in book["cells"] if cell["id"] == "saturation"]
    cell["source"] = text
    notebook.write_text(json.dumps(book), encoding="utf-8")


def given(course: Course, name: str) -> float:
    """Return the score that the sandbox's marking has stored."""
    from autograder.classroom.results import result_of

    return float(result_of(course, CH, name)["score"])


def go_to_list(page: Page) -> None:
    root = "/".join(page.url.split("/")[:3])
    page.goto(f"{root}/formgrader/manage_submissions/{CH}")
    expect(row(page, "ada")).to_be_visible()


def row(page: Page, name: str) -> Locator:
    return page.locator("#main-table tr", has=page.locator(f"td.student-id:text-is('{name}')"))


def shown(score: float) -> str:
    """Write a score as nbgrader's table does, of the chapter's 110 points."""
    return f"{round(score, 2):g} / 110"


def result_of(page: Page, exercise: str) -> Locator:
    """Return our feedback on an exercise."""
    name = page.locator(f"strong:text-is('{exercise}')")
    return page.locator(".dlfs-result", has=name)


def to_top(part: Locator) -> None:
    """Scroll until a part of the page stands below the bar at its top, with its heading."""
    part.evaluate("part => scrollTo(0, part.getBoundingClientRect().top + scrollY - 200)")


def saved(kind: str) -> Callable[[Response], bool]:
    """Return what tells that the server has kept a score or a comment."""
    return lambda got: got.ok and got.request.method == "PUT" and f"/api/{kind}/" in got.url


def autograde(page: Page, name: str) -> None:
    row(page, name).locator(".autograde a").click()
    modal = page.locator(".modal.in")
    expect(modal).to_be_visible()
    expect(modal.locator(".modal-title")).to_have_text("Success")
    modal.get_by_role("button", name="OK").click()
    expect(modal).to_be_hidden()
    expect(row(page, name).locator(".score")).not_to_be_empty()


def open_graded(page: Page, name: str) -> None:
    """Go to the page on which a hand-in is looked at and marked by hand."""
    row(page, name).locator(".student-name a").click()
    page.locator("#main-table td.name a").click()
    page.evaluate("jQuery.fx.off = true")  # it scrolls slowly to whatever gets the focus
    # What was typed before the page has loaded its scores and comments would be lost.
    expect(page.locator("#relu")).to_have_attribute("placeholder", re.compile(r"\d"))
    expect(page.locator("#saturation-comment")).to_have_attribute("placeholder", re.compile("."))


def test_the_hand_ins_are_listed_with_our_scores(page, scores, shoot):
    shoot(page, "formgrader")

    assert 50 < scores["ben"] < scores["ada"]
    for name, score in scores.items():
        expect(row(page, name).locator(".score")).to_have_text(shown(score))
        expect(row(page, name).locator(".status")).to_have_text("needs manual grading")
    for name in ("cleo", "dan"):
        expect(row(page, name).locator(".status")).to_have_text("needs autograding")


def test_its_own_autograde_button_marks_in_the_sandbox(page, course):
    autograde(page, "cleo")

    score = given(course, "cleo")
    assert 50 < score < 100
    expect(row(page, "cleo").locator(".score")).to_have_text(shown(score))


def test_a_graded_page_shows_our_feedback(page, shoot):
    open_graded(page, "ben")

    result = result_of(page, "tanh")
    expect(result).to_contain_text("tanh_grad(x): 5 of 6 values are wrong")
    expect(result.get_by_text("code in which 1 - x^2 is returned")).to_have_count(1)
    to_top(result)
    shoot(page, "graded")


def test_the_feedback_page_shows_the_same(page, course, opened, shoot):
    (feedback,) = [page for page in steps.feedback(course, CH) if page.student == "ben"]

    assert feedback.path is not None
    with opened(feedback.path.as_uri()) as own:
        result = result_of(own, "tanh")
        expect(result).to_contain_text("tanh_grad(x): 5 of 6 values are wrong")
        to_top(result)
        shoot(own, "feedback")


def test_a_written_answer_is_marked_by_hand_and_stays(page, course, chapter, hand_in, shoot):
    autograde(page, "dan")
    open_graded(page, "dan")
    answer = page.locator(".nbgrader_cell", has=page.locator("#saturation"))
    expect(answer).to_contain_text("next to no message")
    with page.expect_response(saved("grade")):
        page.locator("#saturation").fill("4")
        page.locator("#saturation-comment").click()
    with page.expect_response(saved("comment")):
        page.locator("#saturation-comment").fill("Right. And with modest weights?")
        page.locator("#zero_gradient-comment").click()
    to_top(answer)
    shoot(page, "by_hand")

    hand_in("dan", "ada")
    steps.collect(course, CH)
    go_to_list(page)
    autograde(page, "dan")

    expect(row(page, "dan").locator(".score")).to_have_text(shown(104))
    open_graded(page, "dan")
    expect(page.locator("#saturation")).to_have_value("4")
    expect(page.locator("#saturation-comment")).to_have_value("Right. And with modest weights?")
    (marks,) = [m for m in gradebook.read_marks(course)[CH] if m.student == "dan"]
    assert marks.scores["saturation"] == 4.0
