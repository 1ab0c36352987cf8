"""Notebooks: nbgrader's metadata, the same bytes each time, and every lab that is refused."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.build.assemble import build_source, lab
from autograder.errors import UserError


def test_a_notebook_carries_the_metadata_of_nbgrader(chapter):
    book = nbformat.reads(lab(chapter), as_version=4)

    found = [
        (cell.cell_type, cell.source, dict(cell.metadata.get("nbgrader", {})))
        for cell in book.cells
    ]

    def meta(name, *, grade=False, locked=False, solution=False, **points):
        kind = {"grade": grade, "locked": locked, "solution": solution, "task": False}
        return {"grade_id": name, "schema_version": 3} | kind | points

    def checked(name, points):
        return ("code", f'check("{name}")', meta(name, grade=True, locked=True, points=points))

    assert found == [
        ("markdown", "# Functions", meta("locked-01", locked=True)),
        ("code", "import functions\n\nx = 3", {}),
        checked("double", 40),
        checked("Scale", 35),
        ("code", "x", {}),
        checked("train", 25),
        ("markdown", "Why two?\n\nOne sentence.", meta("why-question", locked=True)),
        ("markdown", "YOUR ANSWER HERE", meta("why", grade=True, solution=True, points=5)),
    ]


def test_a_notebook_has_fixed_ids_no_outputs_and_the_usual_kernel(chapter):
    book = json.loads(lab(chapter))

    assert [cell["id"] for cell in book["cells"]] == [
        "locked-01", "ch01_first-002", "double", "Scale", "ch01_first-005", "train",
        "why-question", "why",
    ]  # fmt: skip
    for cell in book["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert set(cell["metadata"]) <= {"nbgrader"}
    assert book["metadata"]["kernelspec"]["name"] == "python3"


def test_no_model_answer_is_left_in_a_notebook(chapter):
    assert "even" not in lab(chapter)
    assert "SOLUTION" not in lab(chapter)


def test_two_builds_give_the_same_bytes(chapter):
    assert lab(chapter) == lab(chapter)
    assert lab(chapter).endswith("}\n")


def test_line_ends_of_windows_give_the_same_notebook(course, chapter):
    before = lab(chapter)
    course.write(course.lab_source, course.lab.replace("\n", "\r\n"))

    assert lab(chapter) == before


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ('check="double"', 'check="triple"', 9, "check 'triple' is not in the chapter's manifest"),
        ('check="double"', 'check="why"', 9, "check 'why' is not in the chapter's manifest"),
        ('question="why"', 'question="how"', 18, "question 'how' is not in the chapter's manifest"),
        ('# %% check="train"\n', "", 24, '# %% check="train"'),
        ('check="train"', 'check="double"', 16, "stands already in line 9"),
        ('check="train"\n', 'check="train"\nx = 1\n', 16, "must have no body"),
        ('check="double"', "check=double", 9, "unknown cell option"),
        ('check="double"', 'chek="double"', 9, "unknown cell option 'chek'"),
        ('check="double"', '[markdown] check="double"', 9, "must be a code cell"),
        ('[markdown] question="why"', 'question="why"', 18, "must be a markdown cell"),
        ('check="double"', 'check="double" locked=true', 9, "not two of them"),
        ("locked=true", "locked=false", 1, "write locked=true"),
        ("[markdown] locked=true", "[raw]", 1, "raw cell"),
        ("# # Functions", "# ### BEGIN SOLUTION", 1, "hides nothing"),
        ("x = 3", "### BEGIN SOLUTION\nx = 3\n### END SOLUTION", 4, "hides nothing"),
        ("x = 3", "x = 3  ### BEGIN SOLUTION", 4, "hides nothing"),
        ("# ### BEGIN SOLUTION\n", "", 18, "must end with its model answer"),
        ("# ### END SOLUTION\n", "# ### END SOLUTION\n#\n# More.\n", 18, "must end with its"),
        ("# ### BEGIN SOLUTION\n", "# ## BEGIN SOLUTION\n", 18, "must end with its"),
        ("x = 3", "x = (3", 7, "not valid Python"),
        ("# %% [markdown] locked=true", "import os", 1, "must begin with a line # %%"),
    ],
)  # fmt: skip
def test_a_faulty_lab_is_refused_with_its_line(course, chapter, old, new, line, why):
    course.change(course.lab_source, old, new)

    with pytest.raises(UserError) as refused:
        lab(chapter)

    assert str(refused.value).startswith(f"solutions/ch01_first/lab.py:{line}: ")
    assert why in str(refused.value)


def test_a_lab_without_one_of_its_questions_is_refused(course, chapter):
    course.write(course.lab_source, course.lab[: course.lab.index("# %% [markdown] question")])

    with pytest.raises(UserError, match=r'lab\.py:17: .* # %% \[markdown\] question="why"'):
        lab(chapter)


def test_a_cell_line_inside_a_string_does_not_shift_the_lines(course, chapter):
    course.change(course.lab_source, "x = 3", 'x = """\n# %% no cell\n"""')
    course.change(course.lab_source, 'check="double"', 'check="triple"')

    with pytest.raises(UserError, match=r"lab\.py:11: check 'triple'"):
        lab(chapter)


def test_nbgrader_releases_the_notebook_as_it_was_built(
    course, chapter, tmp_path, sound_suites, monkeypatch
):
    """Its own assistant keeps every text: no answer cell is emptied, no cell is refused."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    build_source(chapter, tmp_path / "source" / chapter.name)
    config = Config()
    config.CourseDirectory.root = str(tmp_path)
    config.Exchange.root = str(tmp_path)
    # nbgrader calls the alembic of its own environment by name.
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )

    done = NbGraderAPI(config=config).generate_assignment(chapter.name)

    assert done["success"], done["log"]
    released = tmp_path / "release" / chapter.name
    assert (released / "functions.py").read_text(encoding="utf-8") == course.stub
    built = nbformat.reads(lab(chapter), as_version=4)
    book = nbformat.read(released / "lab.ipynb", as_version=4)
    assert [cell.source for cell in book.cells] == [cell.source for cell in built.cells]
    assert [cell.id for cell in book.cells] == [cell.id for cell in built.cells]
