"""Which of the engine's modules a student needs: all that the learner's verbs can reach.

The one list is `Makefile`: its learners' verbs. From their modules, and from those that are named
in a text (`python -m autograder.engine.child`), imports are followed, also those inside functions.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.project import Project

# Reached by no import: what a notebook imports, and what nbgrader loads by name.
ROOTS = ("autograder.cli", "autograder.lab", "autograder.classroom.exchange")

STAFF, EVERYBODY = "# (staff", "# staff)"  # the lines around what a student's copy leaves out


def without_staff(text: str) -> str:
    """Return a file without the parts that are only for those who teach or write the course."""
    kept, staff = [], False
    for line in text.splitlines(keepends=True):
        staff = staff or line.strip() == STAFF
        if not staff:
            kept.append(line)
        staff = staff and line.strip() != EVERYBODY
    return re.sub(r"\n{3,}", "\n\n", "".join(kept))


def student_verbs(project: Project) -> list[str]:
    """Return the verbs of a student's copy: the targets that its Makefile keeps."""
    makefile = without_staff((project.root / "Makefile").read_text(encoding="utf-8"))
    targets = re.findall(r"^([a-z]+):.*## ", makefile, flags=re.MULTILINE)
    verbs = project.root / "autograder" / "verbs"
    return [name for name in targets if (verbs / f"{name}.py").is_file()]


def student_modules(project: Project) -> list[Path]:
    """Return the files of the engine's modules that a student's copy needs, in order."""
    known = _modules(project.root)
    waiting = [*ROOTS, *(f"autograder.verbs.{verb}" for verb in student_verbs(project))]
    needed: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in known and name not in needed:
            needed.add(name)
            waiting.append(name.rpartition(".")[0])
            waiting.extend(_reached(ast.parse(known[name].read_text(encoding="utf-8")), known))
    return sorted(known[name] for name in needed)


def _modules(root: Path) -> dict[str, Path]:
    suites = root / "autograder" / "suites"
    found = {}
    for path in (root / "autograder").rglob("*.py"):
        if suites not in path.parents:
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def _reached(tree: ast.AST, known: dict[str, Path]) -> Iterator[str]:
    """Yield what a module imports or names; imports for type checkers do not count."""
    if isinstance(tree, ast.If) and "TYPE_CHECKING" in ast.dump(tree.test):
        return
    if isinstance(tree, ast.Import):
        yield from (alias.name for alias in tree.names)
    elif isinstance(tree, ast.ImportFrom) and tree.module:
        yield tree.module
        for alias in tree.names:
            yield f"{tree.module}.{alias.name}"
            yield _home(tree.module, alias.name, known)
    elif isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    for child in ast.iter_child_nodes(tree):
        yield from _reached(child, known)


def _home(package: str, name: str, known: dict[str, Path]) -> str:
    """Return the module that a package takes a name from, also where it does so on first use."""
    if package not in known or known[package].name != "__init__.py":
        return ""
    if f"{package}.{name}" in known:
        return ""
    value = getattr(importlib.import_module(package), name, None)
    return str(getattr(value, "__module__", ""))
