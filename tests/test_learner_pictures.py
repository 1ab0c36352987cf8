"""Pictures from a learner's code: what is wrong is said, and broken code breaks no page."""

from __future__ import annotations

import re
import shutil

import pytest
from conftest import ROOT
from learner_workspace import replaced, stub, workspace, write
from matplotlib.figure import Figure

from autograder.cli import main
from autograder.learner import state
from autograder.learner.gallery import draw_all
from autograder.learner.overview import survey
from autograder.learner.page import page
from autograder.learner.pictures import Easel
from autograder.learner.sources import solution
from autograder.manifest import Chapter, all_chapters, load_chapter
from autograder.project import Project

PNG = b"\x89PNG"
WITH_PICTURES = [path.parent.name for path in sorted(Project(ROOT).suites.glob("*/plots.py"))]


@pytest.fixture
def mini(tmp_path) -> Chapter:
    return load_chapter(workspace(tmp_path / "project", "finished"), "ch01_mini")


def edit(chapter: Chapter, changes: dict[str, str]) -> None:
    write(chapter.stub_file, replaced(chapter.stub_file.read_text(encoding="utf-8"), changes))


def drawn(chapter: Chapter, limit: float = 30.0) -> dict:
    return {one.name: one for one in draw_all(chapter, limit)}


def test_a_picture_is_drawn_from_the_learners_code(mini):
    found = drawn(mini)

    assert list(found) == ["line", "falling"]
    assert all(one.png.startswith(PNG) and not one.faults for one in found.values())


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("while True: pass", "took more than 3 s"),
        ("exit(3)", "SystemExit in double: 3 (mini.py:8)"),
        ("(lambda f: f(f))(lambda f: f(f))", "RecursionError in <lambda>"),
        ('raise NotImplementedError("double")', "double is not written yet (mini.py:8)"),
        ('return "<script>"', "the check cannot use what your code returned"),
    ],
)
def test_broken_code_costs_its_own_picture_only(mini, body, why):
    edit(mini, {"return 2.0 * x": body, "return double(double(x))": "return 4.0 * x"})

    found = drawn(mini, limit=3.0)

    assert found["line"].why.startswith(why)
    assert not found["line"].png
    assert found["falling"].png


def test_a_loss_that_rises_is_said(mini):
    edit(mini, {"return double(double(x))": "return -4.0 * x"})

    assert drawn(mini)["falling"].faults == (
        "the loss does not fall: -12 at the start, -4 at the end",
    )


def test_a_file_that_is_no_python_gives_reasons(mini):
    write(mini.stub_file, "def double(x:\n")

    assert all("the file cannot be loaded" in one.why for one in drawn(mini).values())


def test_the_page_is_self_contained_and_takes_no_text_as_markup(mini):
    edit(mini, {"return 2.0 * x": 'raise ValueError("<script>alert(1)</script>")'})
    project = mini.project
    found = survey(all_chapters(project), state.read(project))

    text = page(found)

    assert "&lt;script&gt;alert(1)" in text
    assert not re.search(r"<script|https?:|src=\"(?!data:image/png;base64,)|@import|url\(", text)
    assert text.count("<table>") == 2
    assert "double" in text


def test_nothing_is_run_for_an_untouched_chapter(tmp_path):
    project = workspace(tmp_path / "project", "untouched")
    write(project.suites / "ch01_mini" / "plots.py", "raise SystemExit('was run')")

    text = page(survey(all_chapters(project), state.read(project)))

    assert "not started" in text
    assert "<img" not in text


# The pictures of the course


@pytest.fixture
def course(project, tmp_path):
    """A copy of the course in which every stub is solved; returns how to get a chapter of it."""

    def chapter(name: str, changes: dict[str, str]) -> Chapter:
        shutil.copytree(project.suites, tmp_path / "autograder" / "suites", dirs_exist_ok=True)
        shutil.copytree(project.solutions, tmp_path / "solutions", dirs_exist_ok=True)
        copy = Project(tmp_path)
        wanted = load_chapter(copy, name)
        for each in all_chapters(copy):
            write(each.stub_file, solution(each))
        edit(wanted, changes)
        return wanted

    return chapter


def faults(chapter: Chapter) -> list[str]:
    found = draw_all(chapter)
    assert found
    assert not [one.why for one in found if one.why]
    return [fault for one in found for fault in one.faults]


def test_chapter_3_shows_a_derivative_that_does_not_fit_its_curve(course):
    changes = {"return s * (1 - s)": "return s * (1 + s)"}

    # softplus has the right derivative: it does not use the wrong one.
    (fault,) = faults(course("ch03_activations", changes))
    assert fault.startswith("sigmoid_grad does not fit the slope of its curve, first at x = -4")


def test_chapter_6_shows_a_loss_that_rises(course):
    changes = {"value -= lr * grads[name]": "value += lr * 0.01 * grads[name]"}

    found = faults(course("ch06_layers", changes))

    assert len(found) == 2
    assert all(fault.startswith("the loss does not fall") for fault in found)


@pytest.mark.parametrize("name", WITH_PICTURES)
def test_the_reference_shows_nothing_wrong(course, name):
    assert faults(course(name, {})) == []


@pytest.mark.parametrize("name", WITH_PICTURES)
def test_an_untouched_stub_has_no_pictures_and_says_why(course, name):
    chapter = course(name, {})
    write(chapter.stub_file, stub(chapter))

    found = draw_all(chapter)

    assert found
    assert not any(one.png or one.faults for one in found)
    assert all("is not written yet (" in one.why for one in found)


def test_chapter_7_draws_what_is_written_and_shows_steps_of_another_formula(course):
    changes = {
        "            v *= self.mu\n": "            v *= 0\n",
        "self.t[key] += 1": 'raise NotImplementedError("Adam")',
        "self.net, self.loss, ": 'raise NotImplementedError("Trainer")\n        _, _, ',
    }

    found = drawn(course("ch07_optimizers", changes))

    assert [name for name, one in found.items() if not one.png] == ["weight_decay", "digits"]
    assert found["steps"].faults == (
        "Momentum: step 2 is 0.2, by the formula 0.38",
        "Nesterov: step 2 is 0.38, by the formula 0.542",
    )


def test_chapter_9_shows_pixels_that_hear_one_window_only(course):
    changes = {
        "windows[..., i, j] += pieces[..., i, j]": "windows[..., i, j] = pieces[..., i, j]",
        "margin = kernel_size // 2": 'raise NotImplementedError("build_convnet")',
    }

    found = drawn(course("ch09_conv", changes))

    assert found["confusion"].why.startswith("build_convnet is not written yet")
    assert len(found["way_home"].faults) == 3
    assert found["way_home"].faults[0] == (
        "3 x 3, stride 1, pad 0: to pixel (0, 1) 2 ones must come home, not 1"
    )


def test_chapter_11_shows_a_gradient_that_does_not_reach_back(course):
    changes = {
        "self.steps[t].backward(dout[:, t], dstate)": "self.steps[t].backward(dout[:, t])",
        "self.vocab_size, self.dtype = ": 'raise NotImplementedError("CharModel")\n        _, _ = ',
    }

    found = drawn(course("ch11_recurrent", changes))

    assert found["language"].why.startswith("CharModel is not written yet")
    assert [fault.split(", measured")[0] for fault in found["reach"].faults] == [
        f"{cell}: the gradient of the input of step 28 is 0"
        for cell in ("RNNCell", "GRUCell", "LSTMCell")
    ]


def test_chapter_12_shows_pixels_that_do_not_become_blocks(course):
    changes = {
        "x.repeat(self.factor, axis=2).repeat(self.factor, axis=3)": (
            "np.tile(x, (1, 1, self.factor, self.factor))"
        ),
        "self.noise, self.rng = noise, rng": 'raise NotImplementedError("Autoencoder")',
    }

    found = drawn(course("ch12_autoencoder", changes))

    assert found["restored"].why.startswith("Autoencoder is not written yet")
    assert found["enlarged"].faults[0] == "each pixel must become a block of 3 x 3 equal ones"
    assert not found["neighbours"].faults


def test_above_a_picture_stand_three_faults_and_how_many_more():
    easel = Easel(student=None, make_rng=None, module=None, figure=Figure())

    for number in range(5):
        easel.wrong(f"fault {number}")

    assert easel.figure.get_suptitle() == "fault 0\nfault 1\nfault 2\nand 2 more"


def test_plot_writes_pictures_and_a_page_of_them(mini, monkeypatch, capsys):
    monkeypatch.chdir(mini.project.root)
    edit(mini, {"return double(double(x))": "return -4.0 * x"})

    assert main(["plot", "ch01"]) == 1

    folder = mini.project.root / "plots" / "ch01_mini"
    assert sorted(path.name for path in folder.iterdir()) == [
        "falling.png",
        "index.html",
        "line.png",
    ]
    assert "falling: the loss does not fall" in capsys.readouterr().out
