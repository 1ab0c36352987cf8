"""A project of two small chapters in three states of work, for the learner's verbs."""

from __future__ import annotations

from pathlib import Path

from mini_chapter import MINI_HIDDEN, MINI_MANIFEST, MINI_PUBLIC, MINI_SOLUTION

from autograder.build.regions import strip
from autograder.build.source import Source
from autograder.learner.sources import solution
from autograder.manifest import Chapter, all_chapters
from autograder.project import Project

STATES = ("untouched", "half", "finished")

WHY = 'name = "double"\nwhy = "Everything that grows begins with doubling."'

MORE_MANIFEST = """
title = "More"
module = "more"
imports = ["ch01_mini"]

[[exercises]]
name = "Scale"
title = "A layer that doubles"
points = 70
hints = ["Look.", "Think.", "double"]

[[exercises]]
name = "together"
title = "All parts together"
points = 30
needs = ["Scale"]
hints = ["Look.", "Think.", "Nothing to write."]
"""

MORE_SOLUTION = '''
"""A layer on the function of the chapter before."""

from mini import double


class Scale:
    """The layer y = 2 x."""

    def __init__(self):
        self.calls = 0

    def forward(self, x):
        """Return y."""
        ### BEGIN SOLUTION
        self.calls += 1
        return double(x)
        ### END SOLUTION

    def backward(self, dout):
        """Return dx."""
        ### BEGIN SOLUTION
        return double(dout)
        ### END SOLUTION
'''

MORE_PUBLIC = '''
"""Public checks of the second chapter."""

import numpy as np

from autograder.suite import equal, exercise


@exercise("Scale")
def test_forward(student):
    """Scale.forward of an example."""
    x = np.array([1.0, -2.0])

    equal("Scale.forward", student.Scale().forward(x), [2.0, -4.0], x=x)


@exercise("Scale")
def test_backward(student):
    """Scale.backward of an example."""
    dout = np.array([1.0, 0.5])
    layer = student.Scale()
    layer.forward(dout)

    equal("Scale.backward", layer.backward(dout), [2.0, 1.0], dout=dout)


@exercise("together")
def test_together(student):
    """two layers in a row."""
    x = np.array([1.0])

    equal("twice", student.Scale().forward(student.Scale().forward(x)), [4.0], x=x)
'''

MINI_PLOTS = '''
"""Pictures of the mini chapter."""

import numpy as np

from autograder.learner.pictures import picture


@picture("double")
def line(easel):
    """The line of double."""
    x = np.linspace(-1.0, 1.0, 11)
    axes = easel.axes()
    easel.curve(axes, x, np.asarray(easel.student.double(x)), label="double")


@picture("quadruple")
def falling(easel):
    """A loss made of quadruple."""
    easel.losses(easel.axes(), [float(easel.student.quadruple(v)) for v in (3.0, 2.0, 1.0)])
'''

HALF = {'raise NotImplementedError("double")': "return 2.0 * x"}
WRONG = {'raise NotImplementedError("quadruple")': "return 3.0 * x  # <not yet>"}


def workspace(root: Path, state: str) -> Project:
    """Write the project and bring it into one of STATES."""
    texts = {
        "autograder/suites/ch01_mini/chapter.toml": MINI_MANIFEST.replace('name = "double"', WHY),
        "autograder/suites/ch01_mini/test_public.py": MINI_PUBLIC,
        "autograder/suites/ch01_mini/test_hidden.py": MINI_HIDDEN,
        "autograder/suites/ch01_mini/plots.py": MINI_PLOTS,
        "solutions/ch01_mini/mini.py": MINI_SOLUTION,
        "autograder/suites/ch02_more/chapter.toml": MORE_MANIFEST,
        "autograder/suites/ch02_more/test_public.py": MORE_PUBLIC,
        "solutions/ch02_more/more.py": MORE_SOLUTION,
    }
    for name, text in texts.items():
        write(root / name, text.lstrip("\n"))
    project = Project(root)
    for chapter in all_chapters(project):
        write(chapter.stub_file, stub(chapter) if state != "finished" else solution(chapter))
    if state == "half":
        mini = all_chapters(project)[0]
        write(mini.stub_file, replaced(mini.stub_file.read_text(encoding="utf-8"), HALF | WRONG))
    return project


def stub(chapter: Chapter) -> str:
    return strip(Source.read(chapter, chapter.source_file))


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
