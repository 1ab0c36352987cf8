"""Stubs put back function by function, solutions taken over, and nothing of the learner's lost."""

from __future__ import annotations

import ast
import shutil

import pytest
from learner_workspace import MORE_SOLUTION, STATES, stub, workspace, write

from autograder.build.regions import BEGIN
from autograder.cli import main
from autograder.errors import UserError
from autograder.learner import code
from autograder.learner.rescue import catch_up, put_parts, reset_chapter, reset_exercise
from autograder.learner.sources import solution
from autograder.manifest import all_chapters, load_chapter
from autograder.reports.practice import practise

STUB = '''
"""A module."""


@decorated
def first(x):
    """Return it."""
    raise NotImplementedError("one")


class Shared:
    """Two exercises in one class."""

    def forward(self, x):
        """Return y."""
        raise NotImplementedError("one")

    @property
    def params(self):
        """Return them."""
        return self._params

    @params.setter
    def params(self, value):
        """Set them."""
        raise NotImplementedError("two")


class Own:
    """One exercise."""

    def forward(self, x):
        """Return y."""
        y = x
        raise NotImplementedError("two")
'''.lstrip()

OWN = '''
import math


def helper(x):
    return x


def first(x, more=1):
    return [
        x,
        """
def first(x):
    in a string
""",
    ]  # mine


class Shared:
    def forward(self, x):
        return 1

    @property
    def params(self):
        return 2

    @params.setter
    def params(self, value):
        self.value = value

    def extra(self):
        return 3


class Own:
    def forward(self, x):
        return 4

    def another(self):
        return 5
'''.lstrip()


def parts(exercise: str) -> list[code.Part]:
    return code.parts_of(exercise, ast.parse(STUB))


def body_of(text: str, name: str, number: int = 0) -> str:
    found = [part for part in code.parts(ast.parse(text)) if part.name == name][number]
    return "\n".join(text.split("\n")[found.first - 1 : found.last])


def test_the_stub_says_what_belongs_to_an_exercise():
    assert [part.name for part in parts("one")] == ["first", "Shared.forward"]
    assert [part.name for part in parts("two")] == ["Shared.params", "Own"]
    assert parts("three") == []


def test_functions_and_methods_are_put_back_and_all_else_stays():
    text = put_parts(OWN, STUB, parts("one"))

    assert body_of(text, "first") == body_of(STUB, "first")
    assert body_of(text, "first").startswith("@decorated")
    assert body_of(text, "Shared.forward") == body_of(STUB, "Shared.forward")
    for name in ("helper", "Shared.extra", "Own", "Own.another"):
        assert body_of(text, name) == body_of(OWN, name)
    assert body_of(text, "Shared.params", 1) == body_of(OWN, "Shared.params", 1)


def test_the_setter_of_a_property_is_told_from_its_getter():
    text = put_parts(OWN, STUB, parts("two"))

    assert body_of(text, "Shared.params", 0) == body_of(OWN, "Shared.params", 0)
    assert body_of(text, "Shared.params", 1) == body_of(STUB, "Shared.params", 1)


def test_a_class_of_one_exercise_is_put_back_whole():
    text = put_parts(OWN, STUB, parts("two"))

    assert body_of(text, "Own") == body_of(STUB, "Own")


def test_a_missing_setter_is_added_beside_its_getter():
    own = "class Shared:\n    @property\n    def params(self):\n        return 2\n"

    text = put_parts(own, STUB, [parts("two")[0]])

    assert body_of(text, "Shared.params", 0) == body_of(own, "Shared.params", 0)
    assert body_of(text, "Shared.params", 1) == body_of(STUB, "Shared.params", 1)


def test_what_is_missing_is_added():
    text = put_parts("import math\n\n\nclass Shared:\n    x = 1", STUB, parts("one"))

    assert body_of(text, "first") == body_of(STUB, "first")
    assert body_of(text, "Shared.forward") == body_of(STUB, "Shared.forward")
    assert "x = 1" in text


def test_a_missing_class_comes_back_with_its_methods():
    text = put_parts("import math\n", STUB, parts("one"))

    assert body_of(text, "Shared") == body_of(STUB, "Shared")


def test_of_two_of_one_name_the_one_that_counts_is_put_back():
    text = put_parts(
        "def first(x):\n    return 1\n\n\ndef first(x):\n    return 2\n", STUB, parts("one")
    )

    assert "return 1" in text
    assert "return 2" not in text


def test_a_file_that_is_no_python_is_left_alone(tmp_path):
    chapter = all_chapters(workspace(tmp_path, "half"))[0]
    write(chapter.stub_file, "def double(x:\n")

    with pytest.raises(UserError, match="is not valid Python"):
        reset_exercise(chapter, chapter.exercise("double"))

    assert chapter.stub_file.read_text() == "def double(x:\n"
    assert reset_chapter(chapter).kept.read_text() == "def double(x:\n"
    assert chapter.stub_file.read_text() == stub(chapter)


def test_line_ends_stay_as_they_were(tmp_path):
    chapter = all_chapters(workspace(tmp_path, "finished"))[0]
    chapter.stub_file.write_bytes(solution(chapter).replace("\n", "\r\n").encode())

    reset_exercise(chapter, chapter.exercise("double"))

    content = chapter.stub_file.read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n")
    assert b'raise NotImplementedError("double")\r\n' in content


@pytest.mark.parametrize("state", STATES)
def test_resetting_every_exercise_gives_the_stub(tmp_path, state):
    for chapter in all_chapters(workspace(tmp_path, state)):
        for exercise in chapter.exercises:
            if code.own_parts(chapter, exercise.name):
                reset_exercise(chapter, exercise)

        assert ast.dump(ast.parse(chapter.stub_file.read_text())) == ast.dump(
            ast.parse(stub(chapter))
        )


def test_every_version_is_kept_once(tmp_path):
    chapter = all_chapters(workspace(tmp_path, "half"))[0]
    first = chapter.stub_file.read_bytes()

    kept = [reset_chapter(chapter).kept for _ in range(3)]

    assert [path.name for path in kept] == ["mini-1.py", "mini-2.py", "mini-2.py"]
    assert kept[0].read_bytes() == first


def test_a_solution_is_taken_over_without_its_markers_and_passes(tmp_path):
    project = workspace(tmp_path, "half")
    mini = load_chapter(project, "ch01_mini")

    ((chapter, rescued),) = catch_up(load_chapter(project, "ch02_more"))

    assert chapter == mini
    assert "return 3.0 * x" in rescued.kept.read_text()
    assert BEGIN not in mini.stub_file.read_text()
    assert practise(mini).first_open is None


def test_a_chapter_that_passes_stays_as_it_is(tmp_path):
    project = workspace(tmp_path, "finished")
    mini = load_chapter(project, "ch01_mini")
    write(mini.stub_file, mini.stub_file.read_text() + "# mine\n")

    assert catch_up(load_chapter(project, "ch02_more")) == [(mini, None)]

    assert mini.stub_file.read_text().endswith("# mine\n")


# A copy without solutions


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    project = workspace(tmp_path / "bundle", "half")
    shutil.rmtree(project.solutions)
    for hidden in project.suites.glob("*/test_hidden.py"):
        hidden.unlink()
    monkeypatch.chdir(project.root)
    return project


@pytest.mark.parametrize(
    "line", ["catchup ch02", "compare double", "compare double --anyway", "reset double"]
)
def test_without_solutions_one_sentence_says_so(bundle, line, capsys):
    before = (bundle.assignments / "ch01_mini" / "mini.py").read_text()

    assert main(line.split()) == 1

    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("dlfs: ch01_mini: ")
    assert "is not part of this copy of the course" in sentence
    assert (bundle.assignments / "ch01_mini" / "mini.py").read_text() == before


@pytest.mark.parametrize("line", ["hint double", "progress --no-page", "test ch01", "plot ch01"])
def test_without_solutions_the_other_verbs_work(bundle, line, capsys):
    assert main(line.split()) in (0, 1)

    said = capsys.readouterr()
    assert said.err == ""
    assert "double" in said.out or "line: drawn" in said.out


def test_a_bundle_may_bring_its_stubs_and_released_solutions(bundle, capsys):
    more = load_chapter(bundle, "ch02_more")
    write(more.source_file, MORE_SOLUTION)
    stubs = stub(more)
    more.source_file.unlink()
    write(bundle.assignments / ".stubs" / "ch02_more" / "more.py", stubs)
    write(more.stub_file, "x = 1\n")

    assert main(["reset", "Scale"]) == 0

    assert body_of(more.stub_file.read_text(), "Scale") == body_of(stubs, "Scale")
