"""A course in a dozen small files, in two versions, for what does not need the real one.

As a script, `python small_bundle.py FOLDER`, it kills an update before each thing that it does to
the file system, one after the other, and prints how often.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from autograder.bundle.finish import finish_update
from autograder.bundle.package import Bundle, sealed, write_folder
from autograder.bundle.update import Installed, carry_out, keep_aside, plan
from autograder.project import Project

STUB = '''import numpy as np


def double(x):
    """Return 2 x."""
    raise NotImplementedError("double")


def half(x):
    """Return x / 2."""
    raise NotImplementedError("half")
'''
NEW_STUB = STUB.replace("Return 2 x.", "Return x + x.").replace("x / 2.", "x / 2, a float.")
WRITTEN = STUB.replace('raise NotImplementedError("double")', "return 2 * x  # mine")
MERGED = WRITTEN.replace("x / 2.", "x / 2, a float.")

MODULE = "assignments/ch01_mini/mini.py"
LAB = "assignments/ch01_mini/lab.ipynb"
HELPER = "assignments/ch01_mini/helper.py"


def lab(*cells: str, output: str = "") -> str:
    made = [{"cell_type": "code", "source": cell, "outputs": [output]} for cell in cells]
    return json.dumps({"cells": made})


def files(module: str, notebook: str, **more: str) -> dict[str, bytes]:
    texts = {
        MODULE: module,
        LAB: notebook,
        "assignments/.stubs/ch01_mini/mini.py": module,
        "assignments/.stubs/ch01_mini/lab.ipynb": notebook,
        "autograder/suites/ch01_mini/chapter.toml": 'title = "Small"\n',
        "grading/course.toml": 'id = "small"\n',
    }
    return {path: text.encode() for path, text in {**texts, **more}.items()}


def first() -> Bundle:
    texts = {
        "CHANGELOG.md": "## 1.0.0\n\n- Old news,\n  in two lines.\n",
        "VERSION": "1.0.0\n",
        "autograder/engine.py": "x = 1\n",
        "autograder/gone/old.py": "y = 1\n",
        "pyproject.toml": "[project]\n",
    }
    return sealed(files(STUB, lab("1 + 1"), **texts), "small", "1.0.0")


def second() -> Bundle:
    texts = {
        "CHANGELOG.md": "## 1.1.0\n\n- Half says more.\n\n- Old news,\n  in two lines.\n",
        "VERSION": "1.1.0\n",
        "autograder/engine.py": "x = 2\n",
        "pyproject.toml": "[project]\n# new\n",
        "assignments/ch02_next/next.py": "z = 1\n",
        "assignments/.stubs/ch02_next/next.py": "z = 1\n",
        "autograder/suites/ch02_next/chapter.toml": 'title = "Next"\n',
    }
    return sealed(files(NEW_STUB, lab("1 + 2"), **texts), "small", "1.1.0")


def tiny(module: str, version: str, **more: str) -> Bundle:
    """As little as there can be of everything that an update does."""
    texts = {MODULE: module, "assignments/.stubs/ch01_mini/mini.py": module, **more}
    return sealed({path: text.encode() for path, text in texts.items()}, "small", version)


def copy_of(bundle: Bundle, root: Path) -> Path:
    """Unpack a bundle, and work in it a little."""
    write_folder(bundle, root)
    (root / MODULE).write_text(WRITTEN, encoding="utf-8")
    (root / HELPER).write_text("mine = 1\n", encoding="utf-8")
    return root


def update(root: Path, bundle: Bundle) -> None:
    copy = Installed.at(Project(root))
    todo = plan(copy, bundle)
    keep_aside(copy, todo)
    carry_out(copy, bundle, todo, ["report"])


def texts_below(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


EARLIER = tiny(STUB, "1", **{"autograder/gone/old.py": "y = 1\n"})
LATER = tiny(NEW_STUB, "2", **{"autograder/engine.py": "x = 2\n"})
_EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree"}


def _kill_before(number: int, root: Path) -> bool:
    """Update in a child that ends at once before its nth change; say whether it got that far."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = number

    def count(event: str, args: tuple) -> None:
        nonlocal left
        writes = event == "open" and isinstance(args[2], int) and args[2] & os.O_ACCMODE
        if event in _EVENTS or writes:
            left -= 1
            if left < 0:
                os._exit(9)

    sys.addaudithook(count)
    update(root, LATER)
    os._exit(0)


def _kill_everywhere(folder: Path) -> int:
    start = copy_of(EARLIER, folder / "start")
    expected = shutil.copytree(start, folder / "expected")
    update(expected, LATER)
    number = 0
    while True:
        root = shutil.copytree(start, folder / str(number))
        killed = _kill_before(number, root)
        assert (root / MODULE).read_text(encoding="utf-8") in (WRITTEN, MERGED), number
        assert (root / HELPER).is_file(), number
        finish_update(root)
        index = (root / ".bundle.json").read_text(encoding="utf-8")
        done = index == (expected / ".bundle.json").read_text(encoding="utf-8")
        if not done:  # nothing was changed, but for copies that were kept
            for path, text in texts_below(start).items():
                assert (root / path).read_text(encoding="utf-8") == text, (number, path)
        update(root, LATER)
        found = {p: t for p, t in texts_below(root).items() if not Path(p).name.startswith(".m")}
        assert found == texts_below(expected), number
        shutil.rmtree(root)
        if not killed:
            return number
        number += 1


if __name__ == "__main__":
    os.fsync = lambda _: None  # a process is killed here, not the machine
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 (what finish_update says)
    try:
        print(_kill_everywhere(Path(sys.argv[1])))
    except AssertionError as error:
        print("FAILED", error)
