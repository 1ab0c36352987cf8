"""The house: Makefile, pins, README and CHANGELOG agree with each other and with the program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import autograder
from autograder.cli import VERBS

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11", "3.12", "3.13")

# Targets that are no verbs of `dlfs`.
HOUSEKEEPING = {"help", "check", "attack", "faults", "lint", "clean"}


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a fresh shell, not as a child of the make that may run these tests."""
    return subprocess.run(
        ["make", *words],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def targets() -> dict[str, str]:
    """Every target with a line of help, and its recipe."""
    found = re.findall(r"^([a-z]+):.*## .*\n((?:\t.*\n)*)", MAKEFILE, flags=re.MULTILINE)
    return dict(found)


# The front door


def test_every_verb_has_a_target_and_every_target_a_verb():
    assert set(targets()) == set(VERBS) | HOUSEKEEPING


@pytest.mark.parametrize("verb", VERBS)
def test_a_target_is_one_line_over_its_verb(verb):
    lines = targets()[verb].splitlines()

    assert len(lines) == 1
    # Without a shell in between, Ctrl-C ends a server and leaves no complaint of make's.
    assert re.match(rf"\t@(exec )?\$\(DLFS\) {verb}\b", lines[0])


def test_make_alone_lists_every_verb_on_one_line_each():
    done = make(ROOT)

    usage, *lines = done.stdout.splitlines()
    assert usage.startswith("usage: make VERB")
    assert [line.split()[0] for line in lines] == list(targets())
    assert max(map(len, lines)) <= 100


def test_readme_names_only_targets_that_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    named = set(re.findall(r"(?:^|`|\$ )\s*make ([a-z]+)", readme, flags=re.MULTILINE))

    assert {"demo", "check", "test"} <= named
    assert named <= set(targets())


# The environment that make keeps, with a stand-in for Python that notes what is asked of it.

STAND_IN = """#!/bin/sh
case "$*" in
    *version_info*) exit {too_old} ;;
    *ensurepip*) exit {no_venv} ;;
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && cp "$0" .venv/bin/dlfs ;;
    *) echo "$*" >> calls ;;
esac
"""


@pytest.fixture
def checkout(tmp_path):
    """A copy of what make reads, in a folder with a space in its name; make() runs it."""
    return Checkout(tmp_path / "a clone")


class Checkout:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, folder)
        self.python()

    def python(self, too_old: int = 0, no_venv: int = 0) -> None:
        script = self.folder / "stand in"
        script.write_text(STAND_IN.format(too_old=too_old, no_venv=no_venv), encoding="utf-8")
        script.chmod(0o755)

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        return make(self.folder, f"PYTHON={self.folder / 'stand in'}", *words)

    def calls(self) -> list[str]:
        """What pip was asked to install and what dlfs was asked to do since the last look."""
        notes = self.folder / "calls"
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        notes.unlink(missing_ok=True)
        return [line.split("constraints.txt -e ")[-1] for line in lines]


def test_a_verb_brings_what_it_needs_the_first_time_only(checkout):
    first = checkout.make("test", "CH=ch03_activations", "EX=relu", "ALL=1")
    assert first.returncode == 0, first.stderr
    assert checkout.calls() == [".", "test ch03_activations relu --all"]

    second = checkout.make("test")
    assert second.stdout == ""
    assert checkout.calls() == ["test"]

    checkout.make("release", "CH=ch03_activations")
    assert checkout.calls() == [".[instructor]", "release ch03_activations"]

    checkout.make("submit", "CH=ch03_activations")
    assert checkout.calls() == ["submit ch03_activations"]


def test_set_up_is_announced_in_one_line(checkout):
    done = checkout.make("export")

    # Not on standard output: `make export > marks.csv` holds marks only.
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "setting up notebooks and nbgrader" in done.stderr


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_a_changed_requirement_installs_again(checkout, changed):
    checkout.make("test")
    checkout.calls()

    stamp = (checkout.folder / ".venv" / ".student").stat()
    os.utime(checkout.folder / changed, (stamp.st_mtime + 10, stamp.st_mtime + 10))
    checkout.make("test")

    assert checkout.calls() == [".", "test"]


def test_verbs_asked_for_together_install_one_after_the_other(checkout):
    checkout.make("-j4", "release", "test", "export")

    assert checkout.calls() == [".[instructor]", "release", "test", "export"]


@pytest.mark.parametrize(
    ("words", "call"),
    [
        (["grade", "CH=ch03_activations"], "grade --chapter ch03_activations"),
        (["submit", "CH=ch03_activations", "STUDENT=ada"], "submit ch03_activations --student ada"),
        (
            ["lab", "CH=ch03_activations", "STUDENT=ada", "PORT=9000", "OPEN=0"],
            "lab ch03_activations --student ada --port 9000 --no-browser",
        ),
        (["formgrader", "CH=", "OPEN=1"], "formgrader"),
        (["test", "EX=Dense"], "test Dense"),
        (["test", "ALL=0"], "test"),
    ],
)
def test_variables_become_the_words_of_the_verb(checkout, words, call):
    checkout.make(*words)

    assert checkout.calls()[-1] == call


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [("too_old", "Python 3.11, 3.12 or 3.13 is needed"), ("no_venv", "apt install python3-venv")],
)
def test_an_unfit_python_gets_one_sentence(checkout, lacking, sentence):
    checkout.python(**{lacking: 1})

    done = checkout.make("test")

    assert done.returncode != 0
    assert sentence in done.stderr.splitlines()[0]
    assert not (checkout.folder / ".venv").exists()


def test_clean_leaves_work_and_marks_alone(checkout):
    kept = ["assignments/ch03/activations.py", "grading/gradebook.db", ".venv/bin/dlfs", "mine.py"]
    caches = ["assignments/ch03/__pycache__/a.pyc", ".mypy_cache/b", "tests/__pycache__/c.pyc"]
    for name in ["autograder/x", "datasets/x", "solutions/x", *kept, *caches]:
        path = checkout.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    done = checkout.make("clean")

    assert done.returncode == 0, done.stderr
    assert all((checkout.folder / name).exists() for name in kept)
    assert not any((checkout.folder / name).exists() for name in caches)


# The pins


def pins(python: str) -> dict[str, Requirement]:
    """The pins that hold on Linux with that Python, by name; a name pinned twice is an error."""
    found: dict[str, Requirement] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pin = Requirement(line)
        place = {"python_version": python, "sys_platform": "linux"}
        if pin.marker is None or pin.marker.evaluate(place):
            assert pin.name not in found, f"{pin.name} is pinned twice for Python {python}"
            found[pin.name] = pin
    return found


def declared() -> list[Requirement]:
    """All requirements of pyproject.toml, those of the extras included, other than on itself."""
    extras = PROJECT["optional-dependencies"].values()
    words = [*PROJECT["dependencies"], *(word for extra in extras for word in extra)]
    return [one for one in map(Requirement, words) if one.name != "dlfs"]


def closure(requirement: Requirement, seen: set[tuple[str, str]]) -> set[str]:
    """Names of all that is installed for a requirement, from the installed metadata."""
    names = {canonicalize_name(requirement.name)}
    for extra in ("", *requirement.extras):
        key = (canonicalize_name(requirement.name), extra)
        if key in seen:
            continue
        seen.add(key)
        for word in distribution(requirement.name).requires or []:
            need = Requirement(word)
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                names |= closure(need, seen)
    return names


@pytest.mark.parametrize("python", PYTHONS)
def test_every_declared_requirement_is_pinned_within_its_range(python):
    pinned = pins(python)

    for requirement in declared():
        (pin,) = pinned[canonicalize_name(requirement.name)].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), requirement


def test_everything_that_they_bring_along_is_pinned():
    names = closure(Requirement("dlfs[dev]"), set()) - {"dlfs"}

    assert len(names) > 100
    assert names - set(pins("3.11")) - set(pins("3.13")) == set()


def test_pins_are_plain_versions():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    for line in lines:
        assert re.fullmatch(r"|#.*|[a-z0-9-]+==[0-9][0-9a-z.]*( ; \w+ (<|>=|==) \"[\w.]+\")?", line)


def test_numpy_is_new_where_it_exists():
    assert str(pins("3.11")["numpy"].specifier).startswith("==2.4.")
    assert str(pins("3.12")["numpy"].specifier).startswith("==2.5.")


def test_torch_comes_with_bench_only():
    holders = [
        extra
        for extra, words in PROJECT["optional-dependencies"].items()
        if any(word.startswith("torch") or "bench" in word for word in words)
    ]

    assert holders == ["bench"]


# Words


def test_the_changelog_begins_with_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    newest = re.search(r"^## (\S+)", text, flags=re.MULTILINE)

    assert newest is not None
    assert newest[1] == autograder.__version__


def committed_texts() -> list[Path]:
    """What the project is made of. Not assignments/: built from solutions/, and learners' own."""
    rooms = (".ci", "autograder", "datasets", "docs", "solutions", "tests")
    files = [path for path in ROOT.iterdir() if path.is_file()]
    files += [path for room in rooms for path in (ROOT / room).rglob("*") if path.is_file()]
    ignored = {"__pycache__", ".ipynb_checkpoints", "full"}
    binary = {".npz", ".png", ".pyc"}
    return [p for p in files if not ignored & set(p.parts) and p.suffix not in binary]


@pytest.mark.parametrize(
    "pattern",
    [
        re.escape(str(ROOT) + os.sep),
        r"/(home|Users)/[a-z]\w*/|/ro" + r"ot/\.|\\Users\\",
        r"pypi\.(org|python)|python" + "hosted|download.py" + r"torch|--(extra-)?index-" + "url",
    ],
    ids=["this checkout", "a home folder", "a registry"],
)
def test_no_file_names_a_machine(pattern):
    this_file = Path(__file__)
    texts = [path for path in committed_texts() if path != this_file]

    named = [p for p in texts if re.search(pattern, p.read_text(encoding="utf-8"))]

    assert len(texts) > 30
    assert named == []
