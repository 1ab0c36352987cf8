"""What a lab notebook imports: paths, reports on an exercise, unwritten exercises, edited files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import matplotlib as mpl
import nbformat
import pytest
from learner_workspace import workspace
from nbclient import NotebookClient

from autograder import lab
from autograder.build.notebook import notebook
from autograder.build.regions import strip
from autograder.build.source import Source
from autograder.learner import state
from autograder.manifest import load_chapter
from autograder.project import find_project

PROJECT = find_project(Path(__file__))
CHAPTER = load_chapter(PROJECT, "ch03_activations")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
STUB = strip(Source.read(CHAPTER, CHAPTER.source_file))
LAB = nbformat.reads(notebook(Source.read(CHAPTER, CHAPTER.solution_dir / "lab.py")), as_version=4)


def executed(folder: Path, module: str, book: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Run a notebook beside a module, as a learner's "Run all cells" does; return its code cells.

    Raises when a cell ends with an error.
    """
    (folder / CHAPTER.file).write_text(module, encoding="utf-8")
    client = NotebookClient(
        nbformat.from_dict(book),
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    # A kernel draws into the notebook unless somebody chose another way, as `make check` does.
    ours = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    done = client.execute(env={**ours, "PYTHONPATH": str(PROJECT.root)})
    return [cell for cell in done.cells if cell.cell_type == "code"]


def cells(*sources: str) -> nbformat.NotebookNode:
    code = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=code)


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(out.text for out in cell.outputs if out.output_type == "stream")


def pictures(cell: nbformat.NotebookNode) -> list[str]:
    return [out.data["image/png"] for out in cell.outputs if "image/png" in out.get("data", {})]


SESSION = {
    "start": 'from autograder.lab import start\ncheck = start("ch03_activations")',
    "start again": 'check = start("ch03_activations")',
    "unwritten": "import activations\nprint(activations.relu(-1.0))",
    "half drawn": "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nactivations.tanh(1.0)",
    "drawn": "plt.plot([0, 1])",
    "other error": 'raise NotImplementedError("something else")',
    "edit": "from pathlib import Path\n"
    "written = Path('activations.py').write_text(Path('later.txt').read_text())",
    "written": "print(activations.relu(2.5))",
    "checked": 'check("relu")',
}


@pytest.fixture(scope="module")
def session(tmp_path_factory) -> dict[str, nbformat.NotebookNode]:
    """The cells of a learner's session, which begins with the stub and ends with the reference."""
    folder = tmp_path_factory.mktemp("session")
    (folder / "later.txt").write_text(REFERENCE, encoding="utf-8")
    book = cells(*SESSION.values())
    book.cells[list(SESSION).index("other error")].metadata["tags"] = ["raises-exception"]
    return dict(zip(SESSION, executed(folder, STUB, book), strict=True))


@pytest.fixture
def started(tmp_path, monkeypatch):
    """`check` of a lab started in plain Python, in a folder that holds the reference."""
    (tmp_path / CHAPTER.file).write_text(REFERENCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with mpl.rc_context():
        yield lab.start("ch03_activations")


def test_lab_runs_with_the_reference_and_every_check_passes(tmp_path):
    done = executed(tmp_path, REFERENCE, LAB)

    reports = [printed(cell) for cell in done if cell.source.startswith('check("')]
    assert [report.split()[:2] for report in reports] == [
        [exercise.name, "passed"] for exercise in CHAPTER.exercises
    ]
    assert all("more run at grading" in report for report in reports)
    assert sum(len(pictures(cell)) for cell in done) == 11
    assert not [out for cell in done for out in cell.outputs if out.get("name") == "stderr"]


def test_lab_runs_to_its_end_with_the_stub_and_says_what_is_not_written(tmp_path):
    done = executed(tmp_path, STUB, LAB)

    text = "".join(printed(cell) for cell in done)
    for exercise in CHAPTER.exercises:
        assert f"{exercise.name} is not written yet: open activations.py" in text
        assert f"{exercise.name}  not started" in text
    assert sum(len(pictures(cell)) for cell in done) == 1  # the digits; no half-drawn figure


def test_unwritten_exercise_ends_its_cell_with_one_line_also_after_two_starts(session):
    assert printed(session["unwritten"]) == (
        "relu is not written yet: open activations.py, write it, run this cell again\n"
    )


def test_half_drawn_figure_is_not_shown(session):
    assert pictures(session["half drawn"]) == []
    assert len(pictures(session["drawn"])) == 1


def test_other_errors_keep_their_traceback(session):
    (error,) = session["other error"].outputs

    assert error.output_type == "error"
    assert "something else" in "".join(error.traceback)


def test_edited_file_is_seen_without_a_restart(session):
    assert printed(session["written"]) == "2.5\n"
    assert "passed" in printed(session["checked"])


def test_file_beside_the_notebook_comes_first(started, tmp_path):
    assert sys.path[0] == str(tmp_path)


def test_without_a_file_beside_it_the_assignment_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))

    with mpl.rc_context():
        lab.start("ch03_activations")

    assert sys.path[0] == str(CHAPTER.assignment_dir)


def test_a_failing_check_shows_what_is_wrong_and_how_to_run_it_again(started, tmp_path, capsys):
    wrong = REFERENCE.replace("np.maximum(floating(x), 0)", "np.abs(floating(x))")
    (tmp_path / CHAPTER.file).write_text(wrong, encoding="utf-8")

    started("relu")

    shown = capsys.readouterr().out
    assert "relu(x): 2 of 6 values are wrong" in shown
    assert "run this cell again" in shown
    assert len(shown.splitlines()) <= 10


def test_unknown_exercise_is_one_sentence(started, capsys):
    started("rellu")

    shown = capsys.readouterr().out
    assert "no exercise 'rellu'" in shown
    assert "leaky_relu" in shown


def test_imported_chapters_can_be_imported_too(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", ["before"])
    (tmp_path / "ch03_activations").mkdir()
    (tmp_path / "ch03_activations" / CHAPTER.file).write_text(STUB, encoding="utf-8")
    monkeypatch.setattr(lab, "earlier_chapters", lambda chapter: [CHAPTER])

    lab._make_importable(load_chapter(PROJECT, "ch06_layers"), tmp_path / "ch06_layers")

    fetched = [str(tmp_path / "ch06_layers"), str(tmp_path / "ch03_activations")]
    assert sys.path == [*fetched, "before"]


@pytest.mark.parametrize(("place", "noted"), [("assignments/ch01_mini", True), ("fetched", False)])
def test_check_notes_progress_on_the_file_that_make_test_checks(
    tmp_path, monkeypatch, place, noted
):
    mini = workspace(tmp_path, "finished")
    folder = tmp_path / place
    folder.mkdir(exist_ok=True)
    module = (mini.assignments / "ch01_mini" / "mini.py").read_bytes()
    (folder / "mini.py").write_bytes(module)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))

    with mpl.rc_context():
        check = lab.start("ch01_mini")
    check("double")
    check("double")

    note = state.read(mini).of("ch01_mini", "double")
    assert (note.status, note.attempts) == (("passed", 1) if noted else ("", 0))
