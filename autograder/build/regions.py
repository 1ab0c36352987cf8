"""Solution regions: from a reference module to the stub that a student fills in.

    ### BEGIN SOLUTION [exercise]
    ...whole statements, at the indentation of the markers...
    ### END SOLUTION

Inside a function, a region becomes `raise NotImplementedError("<exercise>")`. Without a name the
exercise is the enclosing top-level function or class. At module level, where private helpers and
imports stand that only the solution uses, a region is removed. All other lines stay as they are.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.build.source import Source, refuse_exercise

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"

_BEGIN = re.compile(rf"{BEGIN}(?: (\w+))?")

# What somebody may have meant as a marker. A marker that is overlooked would release a solution.
_LIKE_A_MARKER = re.compile(
    r"^#+\s*(?i:begin|end)[\s_:-]*(?i:solution)"
    r"|^#{2,}\s*(?:BEGIN|END)\b"
    r"|^#{2,}.*\bSOLUTIONS?\b"
    r"|\b(?:BEGIN|END) SOLUTION\b"
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def like_a_marker(text: str) -> bool:
    """Say whether a line is a marker or looks as if it was meant to be one."""
    return _LIKE_A_MARKER.search(text) is not None


def strip(source: Source) -> str:
    """Return the stub of a reference module.

    Raises UserError, with file and line, for every region that cannot be replaced safely.
    """
    tree = source.tree()
    lines = _lines(source.text)
    named: set[str] = set()
    # From the last region to the first, so that the line numbers of those before stay right.
    for region in reversed(list(_regions(source))):
        place = _place(source, tree, region)
        if place.function is None:
            if region.exercise:
                source.refuse(
                    region.begin, "a region at module level goes altogether: name nothing"
                )
            lines = _without(lines, region)
        else:
            exercise = _exercise(source, region, place)
            named.add(exercise)
            stub = f'{region.indent}raise NotImplementedError("{exercise}")\n'
            lines[region.begin - 1 : region.end] = [stub]
    stub = "".join(lines)
    _check_exercises(source, tree, named)
    _check_helpers(source, tree, stub)
    return stub


@dataclass(frozen=True)
class _Region:
    """The lines of the two markers, their indentation, and the exercise that is written there."""

    begin: int
    end: int
    indent: str
    exercise: str | None

    def holds(self, statement: ast.stmt) -> bool:
        return self.begin < _first_line(statement) and _last_line(statement) < self.end


@dataclass(frozen=True)
class _Place:
    """The statements of a region, and the nodes around them from the module inwards."""

    around: tuple[ast.AST, ...]
    statements: list[ast.stmt]

    @property
    def function(self) -> Function | None:
        functions = [node for node in self.around if isinstance(node, Function)]
        return functions[-1] if functions else None


def _regions(source: Source) -> Iterator[_Region]:
    opened: tuple[int, str, str | None] | None = None
    for line, indent, text in _markers(source):
        begin = _BEGIN.fullmatch(text)
        if begin and opened:
            source.refuse(line, f"the region of line {opened[0]} is still open: end that first")
        if begin:
            opened = (line, indent, begin[1])
        elif opened is None:
            source.refuse(line, "a region ends here that has not begun: add ### BEGIN SOLUTION")
        else:
            yield _Region(opened[0], line, opened[1], opened[2])
            opened = None
    if opened:
        source.refuse(opened[0], "this region has no end: add ### END SOLUTION")


def _markers(source: Source) -> Iterator[tuple[int, str, str]]:
    """Yield line, indentation and text of each marker; refuse what only looks like one."""
    comments = _comments(source)
    for line, raw in enumerate(_lines(source.text), 1):
        text = comments.get(line, raw).strip()
        if not like_a_marker(text):
            continue
        if line not in comments:
            source.refuse(line, "a marker inside a string marks nothing: move it out, or reword it")
        if text != END and not _BEGIN.fullmatch(text):
            source.refuse(
                line,
                f"{text!r} is not a marker: write ### BEGIN SOLUTION, "
                "### BEGIN SOLUTION <exercise> or ### END SOLUTION",
            )
        if raw.strip() != text:
            source.refuse(line, "a marker needs a line of its own")
        yield line, raw[: raw.index("#")], text


def _comments(source: Source) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def _place(source: Source, tree: ast.Module, region: _Region) -> _Place:
    """Find the statements of a region, which must be whole and stand side by side."""
    places = list(_blocks(tree, region, ()))
    inside = [statement for place in places for statement in place.statements]
    if len(places) > 1 or not _covered(source, region, inside):
        source.refuse(region.begin, "this region cuts a statement: it must hold whole ones")
    if not places:
        source.refuse(region.begin, "this region is empty: put the solution between its markers")
    place = places[0]
    first = place.statements[0]
    if first.col_offset != len(region.indent):
        source.refuse(region.begin, "begin this region at the indentation of the code in it")
    if not re.match(rf"{region.indent}\S", _lines(source.text)[region.end - 1]):
        source.refuse(region.end, "end this region at the indentation that it began with")
    if _is_docstring(place):
        source.refuse(region.begin, "the stub needs this docstring: begin the region below it")
    if place.function is None and len(place.around) > 1:
        source.refuse(region.begin, "a region must stand in a function, or else at module level")
    return place


def _blocks(node: ast.AST, region: _Region, around: tuple[ast.AST, ...]) -> Iterator[_Place]:
    """Yield the outermost statements inside a region, one place for each block that has some."""
    around = (*around, node)
    for _, block in ast.iter_fields(node):
        if not isinstance(block, list):
            continue
        inside = [s for s in block if isinstance(s, ast.stmt) and region.holds(s)]
        if inside:
            yield _Place(around, inside)
        for child in block:
            if isinstance(child, ast.AST) and child not in inside:
                yield from _blocks(child, region, around)


def _covered(source: Source, region: _Region, statements: Iterable[ast.stmt]) -> bool:
    """Say whether every line of code in the region belongs to one of the statements."""
    whole = {n for s in statements for n in range(_first_line(s), _last_line(s) + 1)}
    between = enumerate(_lines(source.text)[region.begin : region.end - 1], region.begin + 1)
    return all(n in whole or not text.strip() or text.lstrip()[0] == "#" for n, text in between)


def _is_docstring(place: _Place) -> bool:
    parent = place.around[-1]
    if not isinstance(parent, Function | ast.ClassDef | ast.Module):
        return False
    return ast.get_docstring(parent) is not None and parent.body[0] is place.statements[0]


def _exercise(source: Source, region: _Region, place: _Place) -> str:
    outermost = place.around[1]
    name = region.exercise or getattr(outermost, "name", None)
    known = [exercise.name for exercise in source.chapter.exercises]
    if name not in known:
        source.refuse(
            region.begin,
            f"{name!r} is not an exercise of {source.chapter.name}: "
            f"write {BEGIN} <exercise> with one of {', '.join(known)}",
        )
    return name


def _without(lines: list[str], region: _Region) -> list[str]:
    """Remove a region at module level; of the blank lines around it, the larger gap stays."""
    before, after = lines[: region.begin - 1], lines[region.end :]
    gap = max(_blank(reversed(before)), _blank(after)) if any(map(str.strip, after)) else 0
    before = before[: len(before) - _blank(reversed(before))]
    return before + ["\n"] * (gap if before else 0) + after[_blank(after) :]


def _blank(lines: Iterable[str]) -> int:
    count = 0
    for line in lines:
        if line.strip():
            break
        count += 1
    return count


def _check_exercises(source: Source, tree: ast.Module, named: set[str]) -> None:
    """Every exercise has a region; one that tries others together may have no code of its own."""
    defined = {getattr(node, "name", None): node for node in tree.body}
    for exercise in source.chapter.exercises:
        if exercise.name in named:
            continue
        why = f"has no solution region in {source.path.name}"
        if exercise.name in defined:
            source.refuse(_first_line(defined[exercise.name]), f"exercise {exercise.name!r} {why}")
        if not exercise.needs:
            refuse_exercise(source.chapter, exercise.name, why)


def _check_helpers(source: Source, tree: ast.Module, stub: str) -> None:
    """Refuse a stub that still uses a name which went with a region at module level."""
    left = ast.parse(stub)
    missing = (_bound(tree) - _bound(left)) & _used(left)
    for region in _regions(source):
        for name in sorted(missing):
            statements = [s for s in tree.body if region.holds(s)]
            if name in _bound(ast.Module(statements, [])):
                source.refuse(
                    region.begin, f"the stub still uses {name!r}: keep it out of the region"
                )


def _bound(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def _used(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _first_line(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _last_line(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno


def _lines(text: str) -> list[str]:
    """Return the lines with their ends, cut only where Python's own line numbers are cut."""
    return io.StringIO(text).readlines()
