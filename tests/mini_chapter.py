"""A chapter of two functions to try the engine on."""

from __future__ import annotations

import textwrap
from pathlib import Path

from autograder.manifest import Chapter, load_chapter
from autograder.project import Project

MINI_MANIFEST = """
title = "Mini"
module = "mini"

[[exercises]]
name = "double"
title = "Twice as much"
points = 60
hints = ["Look.", "Think.", "2 * x"]

[[exercises]]
name = "quadruple"
title = "Four times as much"
points = 40
needs = ["double"]
hints = ["Look.", "Think.", "double twice"]
"""

MINI_SOLUTION = '''
"""Functions of one array."""

import numpy as np


def double(x):
    """Return 2x."""
    ### BEGIN SOLUTION
    return 2.0 * x
    ### END SOLUTION


def quadruple(x):
    """Return 4x."""
    ### BEGIN SOLUTION
    return double(double(x))
    ### END SOLUTION
'''

MINI_PUBLIC = '''
"""Public checks of the mini chapter."""

import numpy as np

from autograder.suite import equal, exercise


@exercise("double")
def test_double_of_an_example(student):
    """double of an example."""
    x = np.array([1.0, -2.0])

    equal("double(x)", student.double(x), [2.0, -4.0], x=x)


@exercise("quadruple")
def test_quadruple_of_an_example(student):
    """quadruple of an example."""
    x = np.array([1.0, -2.0])

    equal("quadruple(x)", student.quadruple(x), [4.0, -8.0], x=x)
'''

MINI_HIDDEN = '''
"""Hidden checks of the mini chapter."""

from autograder.suite import equal, exercise, unchanged


@exercise("double", weight=2)
def test_double_of_random_numbers(student, reference, rng):
    """double of random numbers."""
    x = rng.normal(size=(3, 4))

    equal("double(x)", unchanged("double(x)", student.double, x), reference.double(x), x=x)


@exercise("quadruple")
def test_quadruple_of_random_numbers(student, reference, rng):
    """quadruple of random numbers."""
    x = rng.normal(size=(3, 4))

    equal("quadruple(x)", student.quadruple(x), reference.quadruple(x), x=x)
'''


def mini_source(
    double: str = 'raise NotImplementedError("double")',
    quadruple: str = 'raise NotImplementedError("quadruple")',
    head: str = "import numpy as np",
) -> str:
    """Return a hand-in for the mini chapter with these function bodies."""
    bodies = {"double": double, "quadruple": quadruple}
    functions = [
        f"def {name}(x):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
        for name, body in bodies.items()
    ]
    return "\n\n".join([head, *functions])


def write_mini(root: Path) -> Chapter:
    """Write a project that holds nothing but the mini chapter; return the chapter."""
    files = {
        "autograder/suites/ch01_mini/chapter.toml": MINI_MANIFEST,
        "autograder/suites/ch01_mini/test_public.py": MINI_PUBLIC,
        "autograder/suites/ch01_mini/test_hidden.py": MINI_HIDDEN,
        "solutions/ch01_mini/mini.py": MINI_SOLUTION,
        "assignments/ch01_mini/mini.py": mini_source(),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return load_chapter(Project(root), "ch01_mini")
