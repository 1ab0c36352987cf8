"""The student's bundle of the real course: the same bytes everywhere, and it works alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.bundle import contents, texts
from autograder.bundle.contents import student_bundle
from autograder.bundle.leaks import leaks
from autograder.bundle.package import write_folder, zip_bytes
from autograder.bundle.parts import student_verbs
from autograder.bundle.secrets import Secrets
from autograder.classroom import steps
from autograder.classroom.course import open_course
from autograder.cli import VERBS, main
from autograder.engine.hidden import COUNTS, hidden_counts, left_out
from autograder.engine.plugin import Task
from autograder.grading.result import text_of
from autograder.manifest import load_chapter
from autograder.mistakes.library import RECORDED, record
from autograder.mistakes.pool import chapter_recipes
from autograder.sandbox import LocalSession, Program

ROOT = Path(__file__).resolve().parents[1]
CH = "ch03_activations"
MODULE = f"assignments/{CH}/activations.py"
DLFS = "import sys; from autograder.cli import main; sys.exit(main())"

Done = subprocess.CompletedProcess[str]


class Copy:
    """An unpacked bundle, run with the project's interpreter but nothing else of the project."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root, self.home = root, home

    def dlfs(self, *words: str) -> Done:
        return self.python(DLFS, *words)

    def python(self, code: str, *words: str) -> Done:
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=self.root,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "PYTHONPATH": str(self.root),
                "PYTHONDONTWRITEBYTECODE": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "COLUMNS": "100",
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, exercise: str, *bodies: str) -> None:
        """Write the functions of an exercise of chapter 3."""
        text = self.read(MODULE)
        for body in bodies:
            text = text.replace(f'raise NotImplementedError("{exercise}")', body, 1)
        (self.root / MODULE).write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def unpacked(bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle") / "unpacked"
    write_folder(bundle, folder)
    return folder


@pytest.fixture
def copy(unpacked, tmp_path):
    return Copy(shutil.copytree(unpacked, tmp_path / "my copy"), tmp_path)


@pytest.fixture(scope="module")
def solved(project, bundle):
    """The bundle with the solution of chapter 3; what is the same in both is not made twice."""

    def same(chapter):
        return {path: data for path, data in bundle.files.items() if chapter.name in path}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "_chapter", same)
        return student_bundle(open_course(project), [load_chapter(project, CH)])


# The same bytes


def backwards_copy(root: Path) -> None:
    """Copy the course, its files in another order and with other times."""
    skipped = shutil.ignore_patterns("__pycache__", "demo", "full", "exchange", "*.db")
    rooms = ["tests", "solutions", "grading", "docs", "datasets", "autograder"]
    for name in rooms:
        shutil.copytree(ROOT / name, root / name, ignore=skipped, copy_function=shutil.copyfile)
    for path in sorted(ROOT.iterdir(), reverse=True):
        if path.is_file():
            shutil.copyfile(path, root / path.name)


def test_other_conditions_give_the_same_bytes(solved, tmp_path):
    """Another folder, umask, time zone, language, hash seed, order and age of the files."""
    root = tmp_path / "another place"
    backwards_copy(root)
    words = ["bundle", "--solutions", CH, "--out", str(tmp_path / "out")]

    done = subprocess.run(
        [sys.executable, "-c", f"import os; os.umask(0o077); {DLFS}", *words],
        cwd=root,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(root),
            "PYTHONHASHSEED": "7",
            "TZ": "Pacific/Kiritimati",
            "LC_ALL": "C",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "dlfs.zip").read_bytes() == zip_bytes(solved)
    assert "solutions: ch03_activations" in done.stdout


def test_recording_twice_gives_the_same_text(project, bundle):
    chapter = load_chapter(project, CH)

    again = text_of(record(chapter, chapter_recipes(chapter)))

    assert again.encode() == bundle.files[f"autograder/suites/{CH}/{RECORDED}"]


# It works alone

IMPORT_ALL = """
import importlib, pathlib, sys
for name in sys.argv[1].split(","):
    sys.modules[name] = None  # as if it were not installed
for path in sorted(pathlib.Path("autograder").rglob("*.py")):
    if "suites" not in path.parts and path.name != "__init__.py":
        name = ".".join(path.with_suffix("").parts)
        if name != "autograder.classroom.exchange":  # nbgrader's own, loaded by nbgrader
            module = importlib.import_module(name)
            assert str(pathlib.Path.cwd()) in module.__file__, module.__file__
import datasets
print(len(sys.modules), len(datasets.load("mnist5k").x_train))
"""
EXTRAS = "nbgrader,nbformat,nbconvert,jupytext,jupyterlab,mlxtend,hypothesis,torch,traitlets"


def test_everything_in_it_can_be_imported_with_the_small_install(copy):
    done = copy.python(IMPORT_ALL, EXTRAS)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" 4000\n")


def test_its_help_lists_its_verbs_and_no_others(project, copy):
    done = copy.dlfs("--help")

    listed = re.findall(r"^    ([a-z]+)(?: |$)", done.stdout, flags=re.MULTILINE)
    assert [verb for verb in VERBS if verb in listed] == listed
    assert set(listed) == set(student_verbs(project))
    assert "invalid choice: 'grade'" in copy.dlfs("grade").stderr


def test_it_counts_the_hidden_checks_that_it_does_not_have(project, copy):
    counts = hidden_counts(load_chapter(project, CH))

    whole, one = copy.dlfs("test", CH), copy.dlfs("test", CH, "relu")

    assert min(counts.values()) > 0
    assert f"; {sum(counts.values())} more run at grading" in whole.stdout
    assert f"; {counts['relu']} more run at grading" in one.stdout
    assert "the hidden checks are not part of this copy" in copy.dlfs("test", CH, "--all").stderr


@pytest.mark.parametrize("text", ["", "{", "[]", '{"double": null}'])
def test_a_damaged_count_is_no_count(mini, text):
    task = Task(mini, Program(mini.module, {}), LocalSession)
    (mini.suite_dir / COUNTS).write_text('{"double": 3, "other": 4}', encoding="utf-8")
    assert left_out(task) == 0  # they are all here
    (mini.suite_dir / "test_hidden.py").unlink()
    assert left_out(task) == 7
    assert left_out(replace(task, exercises=("double",))) == 3

    (mini.suite_dir / COUNTS).write_text(text, encoding="utf-8")

    assert left_out(task) == 0


def test_it_names_a_mistake_helps_and_starts_again(copy):
    pristine = copy.read(MODULE)
    copy.write("relu", "return np.maximum(floating(x), 0)", "return x > 0")

    failed = copy.dlfs("test", CH, "relu")
    assert failed.returncode == 1
    assert "gives the same numbers as code in which bools are returned" in failed.stdout
    assert "hint 1 of 3" in copy.dlfs("hint", "relu").stdout

    for words in (("compare", "relu"), ("catchup", "ch06")):
        done = copy.dlfs(*words)
        assert done.returncode == 1
        assert done.stderr == (
            f"dlfs: {CH}: its solution is not part of this copy of the course; "
            "where a course hands it out later, make update brings it\n"
        )

    assert copy.dlfs("reset", "relu").returncode == 0
    assert copy.read(MODULE) == pristine


def test_released_solutions_can_be_compared_and_taken_over(solved, bundle, tmp_path):
    write_folder(solved, tmp_path / "copy")
    copy = Copy(tmp_path / "copy", tmp_path)
    copy.write("relu", "return np.maximum(floating(x), 0)", "return (x > 0) * floating(x) ** 0")

    assert "the reference" in copy.dlfs("compare", "relu").stdout
    assert "the course's solution is in place" in copy.dlfs("catchup", "ch06").stdout
    assert "BEGIN SOLUTION" not in copy.read(MODULE)
    assert copy.dlfs("reset", CH).returncode == 0
    assert copy.read(MODULE) == bundle.files[MODULE].decode()
    assert set(solved.files) - set(bundle.files) == {f"solutions/{CH}/activations.py"}


def test_it_fetches_and_hands_in(project, copy, secrets, tmp_path):
    root = tmp_path / "course"
    root.mkdir()
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    settings = f'id = "throwaway"\nname = "Thrown away"\nexchange = "{exchange}"\n'
    (root / "course.toml").write_text(settings, encoding="utf-8")
    course = open_course(project, root)
    words = ["--student", "ada", "--no-checks"]
    steps.release(course, load_chapter(project, CH))
    shutil.rmtree(copy.root / "assignments" / CH)
    (copy.root / "grading" / "course.toml").write_text(
        texts.settings(root / "course.toml"), encoding="utf-8"
    )

    both = "from autograder.cli import main; main(['fetch', *w[:1]]); main(['submit', *w])"
    done = copy.python(f"import sys; w = sys.argv[1:]; {both}", CH, *words)

    assert f"assignments/{CH}: activations.py, lab.ipynb" in done.stdout, done.stderr
    assert f"{CH} handed in by ada" in done.stdout, done.stderr
    assert len(list((exchange / "throwaway" / "inbound").iterdir())) == 1
    assert leaks(exchange / "throwaway" / "outbound", secrets) == []


def test_any_command_finishes_an_update_that_was_interrupted(copy):
    stage = copy.root / ".update"
    (stage / "new").mkdir(parents=True)
    (stage / "new" / "VERSION").write_text("9.9.9\n", encoding="utf-8")
    steps = '{"put": ["VERSION"], "remove": ["CHANGELOG.md"], "report": ["next: make test"]}'
    (stage / "journal.json").write_text(steps, encoding="utf-8")

    done = copy.dlfs("--version")

    assert "an update was interrupted; it is finished now\nnext: make test\n" in done.stderr
    assert copy.read("VERSION") == "9.9.9\n"
    assert not (copy.root / "CHANGELOG.md").exists()
    assert not stage.exists()


# Making one


@pytest.fixture
def made(monkeypatch, project, bundle, secrets):
    """Let `dlfs bundle` have this session's bundle and secrets instead of making them again."""
    monkeypatch.setattr(contents, "student_bundle", lambda course, released: bundle)
    monkeypatch.setattr(Secrets, "of", lambda project, released: secrets)
    monkeypatch.chdir(project.root)


def test_a_bundle_is_a_zip_and_a_folder(made, bundle, tmp_path, capsys):

    assert main(["bundle", "--out", str(tmp_path)]) == 0

    said = capsys.readouterr().out.splitlines()
    assert (tmp_path / "dlfs.zip").read_bytes() == zip_bytes(bundle)
    assert (tmp_path / "dlfs" / "VERSION").read_text() == f"{bundle.version}\n"
    assert said[1] == f"version {bundle.version}, state {bundle.digest[:12]}"
    assert said[2] == "solutions: none"
    assert "fetch and submit will not work from it" in said[3]


def test_a_bundle_that_leaks_is_not_made(made, monkeypatch, project, bundle, tmp_path, capsys):
    text = (project.solutions / CH / "activations.py").read_bytes()
    leaking = type(bundle)({**bundle.files, "notes.txt": text}, "dlfs", "1", bundle.hashes)
    monkeypatch.setattr(contents, "student_bundle", lambda course, released: leaking)

    assert main(["bundle", "--out", str(tmp_path)]) == 1
    assert "notes.txt holds text of the solution of ch03_activations" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_any_folder_can_be_looked_through(made, tmp_path, capsys):
    (tmp_path / "test_hidden.py").touch()

    assert main(["bundle", "--check", str(tmp_path)]) == 1
    assert capsys.readouterr().out == "test_hidden.py is not for students\n"
