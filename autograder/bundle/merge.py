"""A stub that has changed, and a learner at work in the old one: function by function.

A function, a method, or the head of a class is taken over where the learner's is still, to the
letter, the one that was handed out. Everything else of theirs stays as it is and is named.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder.errors import UserError
from autograder.learner import code
from autograder.learner.code import Part
from autograder.learner.rescue import put_parts

Key = tuple[str, int]  # a name, and which of several of that name


@dataclass
class Merged:
    """The merged text, what of it is new, and what has changed but is the learner's own."""

    text: str
    taken: list[str] = field(default_factory=list)
    yours: dict[str, int] = field(default_factory=dict)  # with the line in the new stub


@dataclass(frozen=True)
class _Unit:
    part: Part
    whole: tuple[str, ...]
    head: tuple[str, ...]  # of a class: what stands before its first method


def merge(mine: str, old: str, new: str) -> Merged:
    """Bring what is untouched in `mine` from the state of `old` to that of `new`.

    Texts with line feeds. A text that is not Python is left alone, and so is one that would not
    be what it ought to be afterwards.
    """
    merged = Merged(mine)
    theirs, before, after = (_units(text) for text in (mine, old, new))
    if code.parse(mine) is None:
        return Merged(mine, yours=_changed(before, after))
    for key, unit in after.items():
        _take(merged, key, unit, theirs, before, new)
    for key in before.keys() - after.keys():
        if key in theirs and theirs[key].whole == before[key].whole:
            merged.text = _without(merged.text, key)
    _take_statements(merged, old, new)
    if not _keeps(merged, theirs, before):
        return Merged(mine, yours=_changed(before, after))
    return merged


def _take(
    merged: Merged,
    key: Key,
    unit: _Unit,
    theirs: dict[Key, _Unit],
    before: dict[Key, _Unit],
    new: str,
) -> None:
    """Put one unit of the new stub into the text, or note that the learner has their own."""
    own, old = theirs.get(key), before.get(key)
    now = _units(merged.text).get(key)
    if (old and old.whole == unit.whole) or (now and now.whole == unit.whole):
        return
    if (not old and not own) or (own and old and own.whole == old.whole):
        if _outer_is_new(key, own, theirs, before):
            return
        merged.text = put_parts(merged.text, new, [unit.part])
        merged.taken.append(unit.part.name)
    elif not isinstance(unit.part.node, ast.ClassDef) or own is None or old is None:
        merged.yours[unit.part.name] = unit.part.first
    elif old.head != unit.head:
        _take_head(merged, key, own, old, unit)


def _outer_is_new(
    key: Key, own: _Unit | None, theirs: dict[Key, _Unit], before: dict[Key, _Unit]
) -> bool:
    """Say whether a method has no class to go to: the learner has taken the class away."""
    outer = (key[0].rpartition(".")[0], 0)
    return own is None and outer in before and outer not in theirs


def _take_head(merged: Merged, key: Key, own: _Unit, old: _Unit, unit: _Unit) -> None:
    if own.head == unit.head:
        return
    if own.head != old.head:
        merged.yours[unit.part.name] = unit.part.first
        return
    now = _units(merged.text)[key]
    lines = merged.text.split("\n")
    start = now.part.first - 1
    lines[start : start + len(now.head)] = unit.head
    merged.text = "\n".join(lines)
    merged.taken.append(unit.part.name)


def _units(text: str) -> dict[Key, _Unit]:
    """Return the functions, methods and classes of a module, outer ones first."""
    tree = code.parse(text)
    lines = [line.rstrip() for line in text.split("\n")]
    found: dict[Key, _Unit] = {}
    for part in code.parts(tree) if tree else ():
        number = sum(name == part.name for name, _ in found)
        whole = tuple(lines[part.first - 1 : part.last])
        found[part.name, number] = _Unit(part, whole, whole[: _head_length(part)])
    return found


def _head_length(part: Part) -> int:
    inner = list(code.parts(part.node)) if isinstance(part.node, ast.ClassDef) else []
    return (inner[0].first if inner else part.last + 1) - part.first


def _without(text: str, key: Key) -> str:
    """Take a unit out, with the blank lines above it."""
    unit = _units(text).get(key)
    if unit is None:  # went with its class
        return text
    lines = text.split("\n")
    start = unit.part.first - 1
    while start and not lines[start - 1].strip():
        start -= 1
    return "\n".join(lines[:start] + lines[unit.part.last :])


def _changed(before: dict[Key, _Unit], after: dict[Key, _Unit]) -> dict[str, int]:
    """Return the innermost units that differ, with their lines in the new stub."""
    found = {}
    for key, unit in after.items():
        old = before.get(key)
        is_class = isinstance(unit.part.node, ast.ClassDef) and old is not None
        same = old is not None and (old.head == unit.head if is_class else old.whole == unit.whole)
        if not same:
            found[unit.part.name] = unit.part.first
    return found


# ---- what is no definition: the module's docstring, imports, constants


def _take_statements(merged: Merged, old: str, new: str) -> None:
    before = {name: text for name, text, _ in _statements(old)}
    for name, text, line in _statements(new):
        now = {n: (t, at) for n, t, at in _statements(merged.text)}
        if before.get(name) == text or (name in now and now[name][0] == text):
            continue
        if name in now and name in before and now[name][0] == before[name]:
            merged.text = _replaced(merged.text, now[name][1], text)
        elif name not in now and name not in before:
            merged.text = _inserted(merged.text, text)
        else:
            merged.yours[name] = line
            continue
        merged.taken.append(name)


def _statements(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield name, text and first line of each statement of a module that defines nothing."""
    tree, lines = code.parse(text), text.split("\n")
    for number, node in enumerate(tree.body if tree else ()):
        if not isinstance(node, code.Definition):
            source = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            yield _statement_name(number, node), source, node.lineno


def _statement_name(number: int, node: ast.stmt) -> str:
    if number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return "the text at the top"
    if isinstance(node, ast.Assign):
        return ", ".join(ast.unparse(target) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target)
    if isinstance(node, ast.ImportFrom):
        return f"from {node.module}"
    return ast.unparse(node)


def _replaced(text: str, first: int, statement: str) -> str:
    tree, lines = ast.parse(text), text.split("\n")
    node = next(node for node in tree.body if node.lineno == first)
    lines[first - 1 : node.end_lineno] = statement.split("\n")
    return "\n".join(lines)


def _inserted(text: str, statement: str) -> str:
    """Add a statement below the last import, or else at the top below the docstring."""
    tree, lines = ast.parse(text), text.split("\n")
    place = 0
    for number, node in enumerate(tree.body):
        docstring = number == 0 and isinstance(node, ast.Expr)
        if docstring or isinstance(node, ast.Import | ast.ImportFrom):
            place = node.end_lineno or 0
    return "\n".join([*lines[:place], *statement.split("\n"), *lines[place:]])


def _keeps(merged: Merged, theirs: dict[Key, _Unit], before: dict[Key, _Unit]) -> bool:
    """Say whether the text is Python and holds all that the learner has written themselves."""
    try:
        if code.parse(merged.text) is None:
            return False
        now = _units(merged.text)
    except UserError:
        return False
    own = {
        key: unit
        for key, unit in theirs.items()
        if not isinstance(unit.part.node, ast.ClassDef)
        and (key not in before or before[key].whole != unit.whole)
    }
    return all(key in now and now[key].whole == unit.whole for key, unit in own.items())
