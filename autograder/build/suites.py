"""Validation of a chapter's two suites.

every check belongs to one exercise of the manifest:   @exercise("relu"), exactly once
every exercise has a public and a hidden check
every check has a docstring (its title in reports) and a name of its own
a public check does not use the reference: a student's copy has none
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from autograder.build.source import Source, refuse_exercise
from autograder.errors import UserError
from autograder.manifest import Chapter

PUBLIC = "test_public.py"
HIDDEN = "test_hidden.py"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def check_suites(chapter: Chapter) -> None:
    """Refuse, with file and line, the first check that does not fit the chapter."""
    seen: dict[str, str] = {}
    sources = {name: Source.read(chapter, chapter.suite_dir / name) for name in (PUBLIC, HIDDEN)}
    for source in sources.values():
        _check_text(source, seen)
    collected = _collect(chapter, list(sources.values()))
    for name, source in sources.items():
        tests = [test for test in collected if test["file"] == name]
        exercises = {_exercise(source, test) for test in tests}
        for exercise in chapter.exercises:
            if exercise.name not in exercises:
                refuse_exercise(chapter, exercise.name, f"has no check in {name}")


def _check_text(source: Source, seen: dict[str, str]) -> None:
    """Check what the text alone tells; `seen` maps the name of each test to its place."""
    tree = source.tree()
    for test in _tests(source, tree):
        if test.name in seen:
            source.refuse(test.lineno, f"{test.name} is also the name of {seen[test.name]}")
        if not (ast.get_docstring(test) or "").strip():
            source.refuse(test.lineno, f"{test.name} has no docstring: its first line is the title")
        seen[test.name] = f"{source.path.name}:{test.lineno}"
    if source.path.name == PUBLIC:
        _refuse_reference(source, tree)


def _tests(source: Source, tree: ast.Module) -> Iterator[Function]:
    for node in tree.body:
        if isinstance(node, Function) and node.name.startswith("test"):
            yield node
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            source.refuse(node.lineno, "write checks as functions of the module, not in a class")


def _refuse_reference(source: Source, tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.arg == "reference":
            source.refuse(node.lineno, f"a public check has no reference: move it to {HIDDEN}")


def _collect(chapter: Chapter, sources: list[Source]) -> list[dict[str, Any]]:
    """Return file, line, name and exercises of every test that pytest finds."""
    command = [sys.executable, "-m", "autograder.build.collect"]
    done = subprocess.run(
        [*command, *(str(source.path) for source in sources)],
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        found = {"errors": [done.stderr.strip() or "it ended without a word"]}
    if found["errors"]:
        why = found["errors"][0].strip().splitlines()[-1].removeprefix("E").strip()
        raise UserError(f"pytest cannot collect the suites of {chapter.name}: {why}")
    return found["tests"]


def _environment() -> dict[str, str]:
    """Return the environment of the child: this program importable, no plugins but ours."""
    mine = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    path = os.pathsep.join(folder for folder in sys.path if folder)
    return mine | {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _exercise(source: Source, test: dict[str, Any]) -> str:
    """Return the exercise that a collected test belongs to."""
    line, named = test["line"], test["exercises"]
    if len(named) != 1:
        source.refuse(
            line, f'{test["test"]} must carry exactly one @exercise("..."), not {len(named)}'
        )
    known = [exercise.name for exercise in source.chapter.exercises]
    if named[0] not in known:
        source.refuse(
            line,
            f"{test['test']} is for {named[0]!r}, which is not an exercise of the chapter: "
            f"choose one of {', '.join(known)}",
        )
    return named[0]
