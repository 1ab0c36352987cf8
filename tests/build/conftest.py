"""A small course of one chapter for the tests of the build, and what it must be built into."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.build import assemble
from autograder.manifest import Chapter, load_chapter
from autograder.project import Project

MANIFEST = """\
title = "Functions"
module = "functions"

[[exercises]]
name = "double"
title = "Twice x"
points = 40
hints = ["a", "b", "c"]

[[exercises]]
name = "Scale"
title = "A layer"
points = 35
hints = ["a", "b", "c"]

[[exercises]]
name = "train"
title = "All of it"
points = 25
needs = ["double", "Scale"]
hints = ["a", "b", "c"]

[[questions]]
name = "why"
points = 5
"""

MODULE = '''\
"""Functions."""

import numpy as np
### BEGIN SOLUTION
import math
### END SOLUTION

PAIRS = {"a":  1}   # two spaces, kept


### BEGIN SOLUTION
def _secret(x):
    return math.sqrt(2) * x


### END SOLUTION
def double(x: float) -> float:
    """Return 2 x.

    double(2.0) is 4.0.
    """
    n = np.size(x)
    ### BEGIN SOLUTION
    # a comment that tells all

    return _secret(_secret(x)) if n else x
    ### END SOLUTION


def double_grad(x):
    if x is None:
        ### BEGIN SOLUTION double
        return 2.0
        ### END SOLUTION
    return None


class Scale:
    """A layer."""

    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        """Return factor times x."""
        ### BEGIN SOLUTION
        self.x = x
        return self.factor * x
        ### END SOLUTION
'''

STUB = '''\
"""Functions."""

import numpy as np

PAIRS = {"a":  1}   # two spaces, kept


def double(x: float) -> float:
    """Return 2 x.

    double(2.0) is 4.0.
    """
    n = np.size(x)
    raise NotImplementedError("double")


def double_grad(x):
    if x is None:
        raise NotImplementedError("double")
    return None


class Scale:
    """A layer."""

    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        """Return factor times x."""
        raise NotImplementedError("Scale")
'''

LAB = """\
# %% [markdown] locked=true
# # Functions

# %%
import functions

x = 3

# %% check="double"

# %% check="Scale"

# %% A title of jupytext's
x

# %% check="train"

# %% [markdown] question="why"
# Why two?
#
# One sentence.
#
# ### BEGIN SOLUTION
# Because it is *even*.
# ### END SOLUTION
"""

SUITE = '''\
import pytest

exercise = pytest.mark.exercise


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=exercise(name)) for name in ("double", "Scale")
])
def test_{kind}(student, name):
    """It works."""


@exercise("train", weight=2)
def test_{kind}_train(student):
    """It trains."""
'''


@dataclass
class Course:
    """The chapter, its texts, and the ways in which the tests change them."""

    chapter: Chapter
    manifest: str = MANIFEST
    module: str = MODULE
    stub: str = STUB
    lab: str = LAB

    @property
    def lab_source(self) -> Path:
        return self.chapter.solution_dir / "lab.py"

    @property
    def stub_on_disk(self) -> str:
        return self.chapter.stub_file.read_bytes().decode()

    def write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def change(self, path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new, 1))

    def change_source(self) -> None:
        """Change the reference in a place that the stub shows."""
        self.change(self.chapter.source_file, "Return 2 x", "Return twice x")

    def git(self, *words: str) -> None:
        settings = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.hooksPath=/dev/null"]
        subprocess.run(["git", *settings, *words], cwd=self.chapter.project.root, check=True)

    def commit(self) -> None:
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-qm", "work", "--allow-empty")


@pytest.fixture
def course(tmp_path, monkeypatch) -> Course:
    """The course as its author left it. Git of the surroundings, as in a hook, is out of sight."""
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    suite, solution = tmp_path / "autograder/suites/ch01_first", tmp_path / "solutions/ch01_first"
    texts = {
        suite / "chapter.toml": MANIFEST,
        suite / "test_public.py": SUITE.format(kind="public"),
        suite / "test_hidden.py": SUITE.format(kind="hidden"),
        solution / "functions.py": MODULE,
        solution / "lab.py": LAB,
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return Course(load_chapter(Project(tmp_path), "ch01_first"))


@pytest.fixture
def chapter(course) -> Chapter:
    return course.chapter


@pytest.fixture
def sound_suites(monkeypatch) -> None:
    """Leave out the validation of the suites, which starts a process of its own."""
    monkeypatch.setattr(assemble, "check_suites", lambda chapter: None)
