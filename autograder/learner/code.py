"""Which lines of a learner's file belong to which exercise, and whether they have changed.

The stub says it: a function that ends in `raise NotImplementedError("relu")` belongs to relu.
Nothing here runs the learner's code; a file is read as a tree of statements.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.errors import UserError
from autograder.learner.sources import pristine_stub
from autograder.manifest import Chapter, earlier_chapters

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Part:
    """A definition in a module: its name ("Dense" or "Dense.forward") and its lines, from 1."""

    name: str
    node: Definition
    first: int
    last: int

    @property
    def top(self) -> bool:
        """Whether it stands at the top of its module, not inside a class."""
        return "." not in self.name


def parse(text: str) -> ast.Module | None:
    """Return the tree of a module, or None where the text is not Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parts(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[Part]:
    """Yield all functions, classes and methods of a module, outer ones first."""
    for node in tree.body:
        if isinstance(node, Definition):
            first = min([node.lineno, *(line.lineno for line in node.decorator_list)])
            yield Part(prefix + node.name, node, first, node.end_lineno or node.lineno)
            if isinstance(node, ast.ClassDef):
                yield from parts(node, f"{prefix}{node.name}.")


def unwritten(tree: ast.AST) -> set[str]:
    """Return the exercises that a tree still names with `raise NotImplementedError("...")`."""
    return {name for node in ast.walk(tree) if (name := _named_by(node))}


def parts_of(exercise: str, stub: ast.Module) -> list[Part]:
    """Return what a stub leaves to write for an exercise: whole functions and classes.

    Of a class that several exercises share, only the methods. Empty for an exercise without code
    of its own.
    """
    found: list[Part] = []
    for part in parts(stub):
        named = unwritten(part.node)
        if exercise not in named or any(part.name.startswith(f"{one.name}.") for one in found):
            continue
        if named == {exercise} or not isinstance(part.node, ast.ClassDef):
            found.append(part)
    return found


def own_parts(chapter: Chapter, exercise: str) -> list[Part]:
    """Return what the chapter's stub leaves to write for an exercise; see `parts_of`."""
    stub = parse(_stub_text(chapter))
    return parts_of(exercise, stub) if stub else []


def fingerprints(chapter: Chapter) -> dict[str, str]:
    """Return, by exercise, a digest of all code and checks that its state depends on.

    Comments and blank lines do not count. What an exercise cannot reach by name does not either,
    so that work on relu leaves the state of tanh alone.
    """
    text = read_text(chapter.stub_file)
    names = tuple(exercise.name for exercise in chapter.exercises)
    return dict(_fingerprints(names, text, _stub_text(chapter), _around(chapter)))


@lru_cache(maxsize=64)
def _fingerprints(
    names: tuple[str, ...], text: str, stub_text: str, around: tuple[str, ...]
) -> dict[str, str]:
    """The watch loop asks for the same ones several times at every save."""
    pieces, homes = _pieces(text), _homes(stub_text)
    meanings = [_meaning(other) for other in around]
    return {name: _digest([*_own_code(pieces, homes.get(name)), *meanings]) for name in names}


def read_text(path: Path) -> str:
    """Return a file's text; empty where there is none, odd bytes replaced."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _stub_text(chapter: Chapter) -> str:
    try:
        return pristine_stub(chapter) or ""
    except UserError:  # an author is at work on the reference
        return ""


def _named_by(node: ast.AST) -> str | None:
    match node:
        case ast.Raise(
            exc=ast.Call(
                func=ast.Name(id="NotImplementedError"), args=[ast.Constant(value=str() as name)]
            )
        ):
            return name
    return None


@dataclass(frozen=True)
class _Piece:
    """A statement of a module: the name that it defines, if it does; what it says and mentions."""

    name: str
    meaning: str
    mentions: frozenset[str]


def _pieces(text: str) -> list[_Piece]:
    """Return a module statement by statement; a text that is not Python is one piece."""
    tree = parse(text)
    if tree is None:
        return [_Piece("", text, frozenset())]
    return [
        _Piece(
            node.name if isinstance(node, Definition) else "",
            ast.dump(node),
            frozenset(_mentioned(node)),
        )
        for node in tree.body
    ]


@lru_cache(maxsize=64)
def _homes(stub_text: str) -> dict[str, set[str]]:
    """Return, by exercise, the names of the functions and classes that a stub leaves to write."""
    homes: dict[str, set[str]] = {}
    for node in getattr(parse(stub_text), "body", []):
        for exercise in unwritten(node):
            homes.setdefault(exercise, set()).add(getattr(node, "name", ""))
    return homes


def _own_code(pieces: list[_Piece], wanted: set[str] | None) -> list[str]:
    """Return what the code of these names says, and all that it reaches; None means everything."""
    if wanted is None:  # no code of its own, or nobody can say which
        return [piece.meaning for piece in pieces]
    uses: dict[str, set[str]] = {}
    for piece in pieces:
        uses.setdefault(piece.name, set()).update(piece.mentions)
    reached: set[str] = set()
    waiting = ["", *wanted]  # what is no definition runs when the module is loaded
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(uses.get(name, ()))
    return [piece.meaning for piece in pieces if piece.name in reached]


def _mentioned(tree: ast.AST) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _around(chapter: Chapter) -> tuple[str, ...]:
    """Return what every exercise of a chapter depends on: other files, earlier chapters, checks."""
    others = sorted(set(chapter.assignment_dir.glob("*.py")) - {chapter.stub_file})
    modules = [*others, *(earlier.stub_file for earlier in earlier_chapters(chapter))]
    checks = [chapter.suite_dir / "test_public.py", chapter.suite_dir / "support.py"]
    return tuple(read_text(path) for path in [*modules, *checks])


@lru_cache(maxsize=64)
def _meaning(text: str) -> str:
    tree = parse(text)
    return ast.dump(tree) if tree else text


def _digest(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()[:16]
