"""The student's pages in a browser: the lab with their own code, the assignment list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from autograder.classroom import steps, student
from autograder.classroom.course import Course
from autograder.manifest import load_chapter

CH, LATER = "ch03_activations", "ch06_layers"
BODIES = {
    "relu": ("np.maximum(floating(x), 0)", "(x > 0).astype(floating(x).dtype)"),
    "tanh": ("np.tanh(floating(x))", "1 - tanh(x) ** 2"),
}
# Cells get their height when they come into view, so a step may miss: until nothing moves any more.
TO_BOTTOM = """cell => {
    const before = cell.getBoundingClientRect().bottom;
    cell.scrollIntoView({block: 'end'});
    const moved = Math.abs(cell.getBoundingClientRect().bottom - before) > 1;
    cell.still = moved ? 0 : (cell.still || 0) + 1;
    return cell.still > 9;
}"""


@pytest.fixture(scope="module")
def home(course: Course, tmp_path_factory) -> Path:
    """The folder of a student who has fetched one of two chapters, and written one exercise."""
    for name in (CH, LATER):
        steps.release(course, load_chapter(course.project, name))
    folder = tmp_path_factory.mktemp("ada")
    student.fetch(course, CH, folder)
    write(folder / CH / "activations.py", "relu")
    return folder


@pytest.fixture(scope="module")
def pages(home: Path, serving, opened) -> Iterator[Page]:
    with (
        serving("lab", CH, "--dir", str(home), "--student", "ada") as address,
        opened(address) as page,
    ):
        yield page


@pytest.fixture
def page(pages: Page) -> Page:
    """The lab of the chapter, its kernel ready."""
    pages.get_by_role("tab", name="lab.ipynb").click()
    expect(pages.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible()
    expect(pages.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    return pages


def write(module: Path, exercise: str) -> None:
    """Fill in an exercise's two functions, as a student does in an editor."""
    text, todo = module.read_text(encoding="utf-8"), f'raise NotImplementedError("{exercise}")'
    for value in BODIES[exercise]:
        assert todo in text
        text = text.replace(todo, f"return {value}", 1)
    module.write_text(text, encoding="utf-8")


def cell(page: Page, code: str) -> Locator:
    """Return the code cell that begins with some text."""
    return page.locator(".jp-CodeCell").filter(
        has=page.locator(".cm-line:first-child", has_text=code)
    )


def run(page: Page, *codes: str) -> None:
    for code in codes:
        cell(page, code).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")


def choose(page: Page, menu: str, entry: str) -> None:
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def listed(page: Page, part: str) -> Locator:
    """Return a part of the assignment list: "released", "fetched" or "submitted"."""
    return page.locator(f"#{part}_assignments_list")


def test_the_lab_shows_states_and_pictures_of_the_students_own_code(page, home, shoot):
    choose(page, "Run", "Run All Cells")

    expect(cell(page, 'check("softplus")')).to_contain_text("softplus  not started")
    expect(cell(page, 'check("relu")')).to_contain_text("relu  passed       11 of 11")
    expect(cell(page, "draw(activations.relu").locator("img")).to_have_count(1)
    expect(cell(page, "draw(activations.tanh")).to_contain_text("tanh is not written yet")
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.wait_for_function(TO_BOTTOM, arg=cell(page, 'check("relu")').element_handle())
    shoot(page, "lab")


def test_a_cell_that_is_run_again_sees_what_was_saved(page, home):
    drawing = "draw(activations.tanh"
    run(page, "from autograder.lab", "import activations", drawing)
    expect(cell(page, drawing)).to_contain_text("tanh is not written yet")

    write(home / CH / "activations.py", "tanh")
    run(page, drawing)

    expect(cell(page, drawing).locator("img")).to_have_count(1)


def test_the_assignment_list_fetches_and_hands_in(page, course, home, shoot):
    page.keyboard.press("Control+s")
    choose(page, "Nbgrader", "Assignment List")
    expect(listed(page, "released")).to_contain_text(LATER)
    listed(page, "released").get_by_role("button", name="Fetch").click()
    expect(listed(page, "fetched")).to_contain_text(LATER)
    row = listed(page, "fetched").locator(".list_item", has_text=CH)
    row.get_by_role("button", name="Submit").click()
    expect(listed(page, "submitted")).to_contain_text(CH)
    shoot(page, "assignments")

    assert sorted(path.name for path in (home / LATER).iterdir()) == ["lab.ipynb", "layers.py"]
    (arrived,) = (course.exchange / course.id / "inbound").iterdir()
    assert arrived.name.startswith(f"ada+{CH}+")
    assert {path.name for path in arrived.glob("*.*")} >= {"activations.py", "lab.ipynb"}
