"""Where a change of the reference applies: the code of an exercise, or of one function.

Docstrings are no part of it: they belong to the stub, not to the solution.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

_BEGIN = re.compile(r"\s*### BEGIN SOLUTION(?: (\w+))?\s*$")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Place:
    """A run of whole lines of a text, from `start` up to but not including `stop` (characters)."""

    start: int
    stop: int


class Reference:
    """The text of a reference module and where its exercises and functions stand in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self._starts = [0]
        for line in text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._names = {node: _exercises(text, node) for node in self.tree.body if _is_named(node)}

    def of_exercise(self, name: str) -> list[Place]:
        """Return the code of an exercise: every top-level definition that holds a region of it."""
        nodes = [node for node, names in self._names.items() if name in names]
        return [place for node in nodes for place in self._code(node)]

    def of_function(self, name: str) -> list[Place]:
        """Return the code of a function, a class or a method ("Dense.backward")."""
        return [place for node in self._find(name) for place in self._code(node)]

    def exercises_of(self, function: str) -> list[str]:
        """Return the exercises that a region in this definition belongs to."""
        outer = function.partition(".")[0]
        return [each for node, names in self._names.items() if node.name == outer for each in names]

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Yield every function and method with its dotted name; the outermost ones only."""
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{f.name}", f) for f in node.body if _is_function(f))
            elif _is_function(node):
                yield node.name, node

    def body(self, name: str) -> tuple[Place, str]:
        """Return the lines of a function's body without its docstring, and their indentation."""
        node = self._find(name)[0]
        statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
        first, last = self._region_lines(node, statements)
        indent = " " * statements[0].col_offset
        return Place(self._starts[first - 1], self._starts[last]), indent

    def offset(self, line: int, column: int) -> int:
        """Return the place in the text of a position as ast gives it (bytes, from line 1)."""
        text = self.text[self._starts[line - 1] : self._starts[line]]
        return self._starts[line - 1] + len(text.encode()[:column].decode())

    def regions(self) -> list[Place]:
        """Return the lines between the markers of every solution region."""
        found, begun = [], None
        for number, line in enumerate(self.text.splitlines(), 1):
            if _BEGIN.match(line):
                begun = number
            elif line.strip() == "### END SOLUTION" and begun:
                found.append(Place(self._starts[begun], self._starts[number - 1]))
        return found

    def _find(self, name: str) -> list[Named]:
        found: list[ast.AST] = [self.tree]
        for part in name.split("."):
            found = [
                node
                for parent in found
                for node in getattr(parent, "body", [])
                if _is_named(node) and node.name == part
            ]
        return found  # type: ignore[return-value]

    def _code(self, node: Named) -> Iterator[Place]:
        """Yield the runs of lines of a definition that are not in a docstring."""
        hidden = {n for inner in ast.walk(node) if _is_named(inner) for n in _doc_lines(inner)}
        run: list[int] = []
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 2):
            if number <= (node.end_lineno or 0) and number not in hidden:
                run.append(number)
            elif run:
                yield Place(self._starts[run[0] - 1], self._starts[run[-1]])
                run = []

    def _region_lines(self, node: Named, statements: list[ast.stmt]) -> tuple[int, int]:
        """Return first and last line of the statements, with markers that stand around them."""
        first, last = statements[0].lineno, node.end_lineno or node.lineno
        lines = self.text.splitlines()
        while _BEGIN.match(lines[first - 2]):
            first -= 1
        while last < len(lines) and lines[last].strip() == "### END SOLUTION":
            last += 1
        return first, last


def _exercises(text: str, node: Named) -> list[str]:
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    after = text.splitlines()[node.end_lineno or 0 : (node.end_lineno or 0) + 1]
    found = [_BEGIN.match(line) for line in [*lines, *after]]
    return list(dict.fromkeys(each[1] or node.name for each in found if each))


def _doc_lines(node: Named) -> range:
    if ast.get_docstring(node) is None:
        return range(0)
    return range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)


def _is_named(node: ast.AST) -> TypeGuard[Named]:
    return isinstance(node, Named)


def _is_function(node: ast.AST) -> TypeGuard[Function]:
    return isinstance(node, Function)
