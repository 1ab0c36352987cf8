"""The student's side of the exchange: fetch and submit, what is said and what is done."""

from __future__ import annotations

import getpass
import re
import shutil
from pathlib import Path

import pytest

from autograder.classroom import steps, student
from autograder.classroom.course import Course
from autograder.errors import UserError
from autograder.grading import intake
from autograder.manifest import load_chapter
from autograder.project import find_project

CH = "ch03_activations"
PROJECT = find_project(Path(__file__).parent)
CHAPTER = load_chapter(PROJECT, CH)
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")


def inbound(course: Course) -> list[str]:
    """Return what lies in the exchange, one `student+chapter` per hand-in."""
    folders = (course.exchange / course.id / "inbound").iterdir()
    return sorted("+".join(folder.name.split("+")[:2]) for folder in folders)


# fetch


def test_fetch_says_what_came_and_where_to_write(course, typed, tmp_path):
    status, said, _ = typed("fetch", "ch03", "--dir", tmp_path / "mine")

    code = tmp_path / "mine" / CH / "activations.py"
    assert status == 0
    assert said.splitlines() == [
        f"{code.parent}: activations.py, lab.ipynb",
        f"next: write your code in {code}; dlfs lab {CH} --dir {tmp_path / 'mine'} "
        "opens the notebook",
    ]
    assert code.is_file()


def test_fetch_overwrites_nothing_and_says_what_is_yours(course, typed, home):
    (home / CH / "activations.py").write_text("mine = 1\n", encoding="utf-8")

    _, said, _ = typed("fetch", CH, "--dir", home)

    assert f"{home / CH}: lab.ipynb is here already, as released\n" in said
    assert "activations.py is yours and stayed as before (the released differs" in said
    assert (home / CH / "activations.py").read_text(encoding="utf-8") == "mine = 1\n"


def test_a_notebook_that_was_only_run_counts_as_released(course, home):
    notebook = home / CH / "lab.ipynb"
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace('"execution_count": null', '"execution_count": 7'))
    assert notebook.read_text(encoding="utf-8") != text

    again = student.fetch(course, CH, home)

    assert (again.new, again.same, again.kept) == ((), ("activations.py", "lab.ipynb"), ())


def test_fetch_brings_back_a_file_that_is_gone(course, home):
    (home / CH / "lab.ipynb").unlink()

    again = student.fetch(course, CH, home)

    assert (again.new, again.same) == (("lab.ipynb",), ("activations.py",))


def test_fetch_without_a_chapter_lists_what_is_released(course, typed, home, tmp_path):
    assert typed("fetch", "--dir", home)[1].splitlines() == [
        "Test has released:",
        f"  {CH}  is here",
    ]
    assert typed("fetch", "--dir", tmp_path)[1].splitlines()[1:] == [f"  {CH}  make fetch CH={CH}"]


@pytest.mark.parametrize("verb", ["fetch", "submit"])
def test_a_chapter_that_is_not_released_is_one_sentence(course, typed, home, verb):
    shutil.copytree(PROJECT.assignments / "ch06_layers", home / "ch06_layers")
    who = ["--student", "ann"] if verb == "submit" else []

    status, _, complaint = typed(verb, "ch06", "--dir", home, *who)

    assert status == 1
    assert complaint.startswith("dlfs: ch06_layers has not been released to ")
    assert complaint.endswith(f"yet; so far: {CH}\n")


@pytest.mark.parametrize("words", [["fetch", CH], ["submit", CH]])
def test_an_exchange_that_is_not_there_is_one_sentence(course, typed, words):
    shutil.rmtree(course.exchange)

    status, _, complaint = typed(*words)

    assert status == 1
    assert f"{course.exchange} is not there" in complaint
    assert str(course.root / "course.toml") in complaint
    assert complaint.count("\n") == 1


def test_settings_that_may_not_be_read_are_one_sentence(course, typed, monkeypatch):
    before = Path.open

    def locked(path: Path, *words, **settings):
        if path.name == "course.toml":
            raise PermissionError(13, "Permission denied", str(path))
        return before(path, *words, **settings)

    monkeypatch.setattr(Path, "open", locked)

    status, _, complaint = typed("fetch")

    assert status == 1
    assert re.fullmatch(r"dlfs: .*course\.toml cannot be read: ask your instructor.*\n", complaint)


# submit


def test_submit_says_what_arrived_and_what_the_public_checks_say(course, typed, home):
    wrong = REFERENCE.replace("1 - tanh(x) ** 2", "1 - np.square(x)")
    (home / CH / "activations.py").write_text(wrong, encoding="utf-8")

    status, said, _ = typed("submit", CH, "--dir", home, "--student", "ann")

    (arrived,) = (course.exchange / "test" / "inbound").iterdir()
    number = intake.read(arrived, CHAPTER).content_hash
    first, second, *checks = said.splitlines()
    assert status == 0
    assert re.fullmatch(
        rf"{CH} handed in by ann at \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d CES?T: "
        r"activations\.py, lab\.ipynb",
        first,
    )
    assert second == f"  hash {number[:12]}: its marks are filed under it"
    assert "  sigmoid     passed       11 of 11" in checks
    assert [line for line in checks if line.startswith("  tanh        failed")]
    assert re.fullmatch(r"\d+ of 56 public checks pass; \d+ more run at grading", checks[-2])
    assert checks[-1].startswith("it is handed in all the same; make test CH=ch03_activations")


@pytest.mark.parametrize("code", ["import os\nos._exit(3)\n", "def relu(:\n"])
def test_code_that_cannot_be_run_is_handed_in(course, typed, home, code):
    (home / CH / "activations.py").write_text(code, encoding="utf-8")

    status, said, _ = typed("submit", CH, "--dir", home, "--student", "ann")

    assert status == 0
    assert "handed in by ann" in said
    assert "0 of 56 public checks pass" in said
    assert inbound(course) == [f"ann+{CH}"]


def test_checks_that_cannot_be_run_at_all_come_after_the_receipt(course, typed, home, monkeypatch):
    def broken(*_args, **_settings):
        raise UserError("no child")

    monkeypatch.setattr("autograder.learner.standing.practise_in", broken)

    status, said, _ = typed("submit", CH, "--dir", home, "--student", "ann")

    assert status == 0
    assert said.splitlines()[-1] == "the public checks could not be run: no child"
    assert inbound(course) == [f"ann+{CH}"]


def test_what_has_not_changed_is_not_handed_in_again(course, typed, home):
    order = ("submit", CH, "--dir", home, "--student", "ann", "--no-checks")
    first = typed(*order)[1]

    status, said, _ = typed(*order)

    when = re.search(r" at (.*): activations", first)[1]
    assert status == 0
    assert said.startswith(f"nothing has changed since ann handed {CH} in at {when}: ")
    assert said.splitlines()[1:] == first.splitlines()[1:]
    assert inbound(course) == [f"ann+{CH}"]


@pytest.mark.parametrize("change", ["code", "notebook", "lost", "another"])
def test_what_is_new_is_handed_in(course, typed, home, change):
    order = ["submit", CH, "--dir", home, "--student", "ann", "--no-checks"]
    typed(*order)
    if change == "lost":
        shutil.rmtree(next((course.exchange / "test" / "inbound").iterdir()))
    elif change == "another":
        order[order.index("ann")] = "zoe"
    else:
        file = home / CH / {"code": "activations.py", "notebook": "lab.ipynb"}[change]
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    said = typed(*order)[1]

    assert " handed in by " in said
    assert len(inbound(course)) == (1 if change == "lost" else 2)


def test_submit_says_what_stays_behind_and_what_is_missing(course, typed, home):
    (home / CH / "lab.ipynb").unlink()
    (home / CH / "link.py").symlink_to("activations.py")

    _, said, _ = typed("submit", CH, "--dir", home, "--student", "ann", "--no-checks")

    assert said.splitlines()[0].endswith(": activations.py")
    assert said.splitlines()[2:] == [
        "  link.py is not a regular file: left out",
        "  lab.ipynb is not among them: its answers will count nothing",
    ]


@pytest.mark.parametrize(
    ("due", "state"), [("2999-01-01 12:00", "in time"), ("2020-01-01 12:00", r"\d+ days late")]
)
def test_submit_says_whether_it_is_late(course, typed, home, due, state):
    with (course.root / "course.toml").open("a", encoding="utf-8") as file:
        file.write(f'[due]\n{CH} = "{due}"\n')

    _, said, _ = typed("submit", CH, "--dir", home, "--student", "ann", "--no-checks")

    assert re.fullmatch(rf"  due {due} CET: {state}", said.splitlines()[2])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([CH, "--student", "nan"], "'nan' is not on the roster of Test: look at its spelling"),
        ([CH, "--student", "a+b"], "'a+b' cannot be a student's id"),
        ([CH], "is not on the roster of Test: say who you are: STUDENT=your-id"),
        ([], "say which chapter to hand in, for example make submit CH=ch"),
    ],
)
def test_who_or_what_is_not_clear_is_one_sentence(course, typed, home, words, says):
    status, _, complaint = typed("submit", *words, "--dir", home)

    assert status == 2
    assert says in complaint
    assert complaint.count("\n") == 1
    assert inbound(course) == []


def test_where_accounts_are_the_students_own_no_other_id_is_taken(course, typed, home):
    file = course.root / "course.toml"
    file.write_text("one_account = false\n" + file.read_text(encoding="utf-8"), encoding="utf-8")

    status, _, complaint = typed("submit", CH, "--dir", home, "--student", "ann")

    assert status == 2
    assert f"this one is {getpass.getuser()}: leave 'ann' out" in complaint


def test_without_a_module_nothing_is_handed_in(course, typed, tmp_path):
    status, _, complaint = typed("submit", CH, "--dir", tmp_path, "--student", "ann")

    assert status == 1
    assert f"there is no activations.py in {tmp_path / CH}: nothing was handed in" in complaint
    assert inbound(course) == []


def test_work_in_a_clone_is_nothing_odd(course, home, typed):
    shutil.copy(CHAPTER.assignment_dir / "lab.ipynb", home / CH)
    typed("submit", CH, "--dir", home, "--student", "ann", "--no-checks")

    found = steps.collect(course, CH)

    assert (found.new, found.odd) == (("ann",), ())
