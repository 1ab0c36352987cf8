"""Generic changes of a reference: every one is a place where a suite could be blind.

A mutant is one edit of the text inside a solution region. Which ones are made does not depend on
the catalogue, so a suite that kills them is not made to measure.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.mistakes.places import Reference

_ARITHMETIC = {
    ast.Add: ("-",),
    ast.Sub: ("+",),
    ast.Mult: ("/",),
    ast.Div: ("*",),
    ast.FloorDiv: ("/",),
    ast.Mod: ("*",),
    ast.Pow: ("*",),
}
_SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.BitOr: "|",
}
_COMPARISON = {
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">=")),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<=")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
}
_NAMES = {
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "sum": "mean",
    "mean": "sum",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "argmax": "argmin",
    "sin": "cos",
    "cos": "sin",
    "log1p": "log",
    "sqrt": "square",
    "all": "any",
    "any": "all",
    "shape": "size",
}
_RECEIVERS = {"astype", "copy", "reshape", "transpose", "squeeze", "T", "sum", "mean", "swapaxes"}
_SYMMETRIC = {"maximum", "minimum", "max", "min", "add", "multiply", "result_type"}
_SWAPPED = 2  # positional arguments from which swapping the last two makes sense


@dataclass(frozen=True)
class Mutant:
    """One edit: the characters start ... stop of the reference become `new`."""

    function: str
    kind: str
    start: int
    stop: int
    new: str
    line: str  # the whole line before and after, which is how people refer to a mutant
    becomes: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.stop :]


def mutants(reference: Reference) -> list[Mutant]:
    """Return all mutants of the solution regions, in the order of the text, each edit once."""
    found: dict[tuple[int, int, str], Mutant] = {}
    for name, node in reference.functions():
        for mutant in _Maker(reference, name).of(node):
            same = mutant.new == reference.text[mutant.start : mutant.stop]
            if not same and any(
                r.start <= mutant.start and mutant.stop <= r.stop for r in reference.regions()
            ):
                found.setdefault((mutant.start, mutant.stop, mutant.new), mutant)
    return [found[key] for key in sorted(found)]


class _Maker:
    """Makes the mutants of one function."""

    def __init__(self, reference: Reference, function: str) -> None:
        self.reference, self.function = reference, function

    def of(self, function: ast.AST) -> Iterator[Mutant]:
        for node in _nodes(function):
            make = getattr(self, f"_{type(node).__name__.lower()}", None)
            if make is not None:
                yield from make(node)
            if isinstance(node, ast.stmt):
                yield from self._removed(node)

    # ---- expressions

    def _binop(self, node: ast.BinOp) -> Iterator[Mutant]:
        left, right = self._text(node.left), self._text(node.right)
        for sign in _ARITHMETIC.get(type(node.op), ()):
            gap = self._between(node.left, node.right)
            yield self._edit("arithmetic", *gap, self._sign(gap, node.op, sign))
        if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
            sign = {ast.Sub: "-", ast.Div: "/"}.get(type(node.op), "@")
            yield self._whole("operands swapped", node, f"({right}) {sign} ({left})")
        yield self._whole("operand dropped", node, f"({left})")
        yield self._whole("operand dropped", node, f"({right})")

    def _unaryop(self, node: ast.UnaryOp) -> Iterator[Mutant]:
        yield self._whole("sign or not dropped", node, f"({self._text(node.operand)})")

    def _boolop(self, node: ast.BoolOp) -> Iterator[Mutant]:
        for value in node.values:
            yield self._whole("condition dropped", node, f"({self._text(value)})")

    def _compare(self, node: ast.Compare) -> Iterator[Mutant]:
        pairs = zip([node.left, *node.comparators], node.comparators, node.ops, strict=False)
        for left, right, op in pairs:
            old, others = _COMPARISON[type(op)]
            start, stop = self._between(left, right)
            for new in others:
                gap = self.reference.text[start:stop]
                yield self._edit("comparison", start, stop, gap.replace(old, new, 1))

    def _constant(self, node: ast.Constant) -> Iterator[Mutant]:
        value = node.value
        if isinstance(value, bool):
            yield self._whole("constant", node, str(not value))
        elif isinstance(value, int):
            yield self._whole("constant", node, str(value + 1))
            yield self._whole("constant", node, f"({value - 1})")
        elif isinstance(value, float):
            yield self._whole("constant", node, repr(2 * value + 0.125 * (value == 0)))

    def _slice(self, node: ast.Slice) -> Iterator[Mutant]:
        for bound in (node.lower, node.upper, node.step):
            if bound is not None:
                yield self._whole("slice bound dropped", bound, "None")
                yield self._whole("slice bound", bound, f"({self._text(bound)}) + 1")

    def _call(self, node: ast.Call) -> Iterator[Mutant]:
        plain = [arg for arg in node.args if not isinstance(arg, ast.Starred)]
        ordered = _called(node) not in _SYMMETRIC
        if len(plain) >= _SWAPPED and len(plain) == len(node.args) and ordered:
            one, other = plain[-2:]
            (start, _), (_, stop) = self._span(one), self._span(other)
            between = self.reference.text[self._span(one)[1] : self._span(other)[0]]
            new = f"{self._text(other)}{between}{self._text(one)}"
            yield self._edit("arguments swapped", start, stop, new)
        for keyword in node.keywords:
            yield from self._without_keyword(node, keyword)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _RECEIVERS:
            receiver = self._text(node.func.value)
            if receiver != "np":
                yield self._whole("method dropped", node, receiver)
        if isinstance(node.func, ast.Name) and node.func.id == "reversed":
            yield self._whole("reversed dropped", node, f"({self._text(node.args[0])})")

    def _without_keyword(self, node: ast.Call, keyword: ast.keyword) -> Iterator[Mutant]:
        start, stop = self._span(keyword)
        text = self.reference.text
        before = text[:start].rstrip()
        if before.endswith(","):
            yield self._edit("keyword dropped", len(before) - 1, stop, "")
        elif before.endswith("("):
            rest = text[stop:]
            skip = len(rest) - len(rest.lstrip(", "))
            yield self._edit("keyword dropped", start, stop + skip, "")

    def _attribute(self, node: ast.Attribute) -> Iterator[Mutant]:
        if node.attr in _NAMES:
            _, stop = self._span(node)
            yield self._edit("name", stop - len(node.attr), stop, _NAMES[node.attr])
        if node.attr == "T":
            yield self._whole("transpose dropped", node, self._text(node.value))

    def _name(self, node: ast.Name) -> Iterator[Mutant]:
        if isinstance(node.ctx, ast.Load) and node.id in ("max", "min"):
            yield self._whole("name", node, _NAMES[node.id])

    # ---- statements

    def _if(self, node: ast.If) -> Iterator[Mutant]:
        yield self._whole("condition negated", node.test, f"not ({self._text(node.test)})")
        yield self._whole("condition", node.test, "False")
        yield self._whole("condition", node.test, "True")

    def _ifexp(self, node: ast.IfExp) -> Iterator[Mutant]:
        yield self._whole("condition", node, f"({self._text(node.body)})")
        yield self._whole("condition", node, f"({self._text(node.orelse)})")

    def _while(self, node: ast.While) -> Iterator[Mutant]:
        yield self._whole("condition", node.test, "False")

    def _augassign(self, node: ast.AugAssign) -> Iterator[Mutant]:
        start, stop = self._between(node.target, node.value)
        gap, old = self.reference.text[start:stop], f"{_SIGNS.get(type(node.op), '')}="
        for sign in _ARITHMETIC.get(type(node.op), ()):
            yield self._edit("arithmetic", start, stop, gap.replace(old, f"{sign}=", 1))
        yield self._edit("assigned", start, stop, gap.replace(old, "=", 1))

    def _removed(self, node: ast.stmt) -> Iterator[Mutant]:
        """Remove a statement whose absence does not only leave a name undefined."""
        kept = isinstance(node, ast.Assign) and all(isinstance(t, ast.Name) for t in node.targets)
        if isinstance(node, ast.Expr | ast.AugAssign | ast.Raise) or (
            isinstance(node, ast.Assign) and not kept
        ):
            yield self._whole("statement removed", node, "pass")

    # ---- text

    def _span(self, node: ast.AST) -> tuple[int, int]:
        at = self.reference.offset
        return (
            at(node.lineno, node.col_offset),  # type: ignore[attr-defined]
            at(node.end_lineno, node.end_col_offset),  # type: ignore[attr-defined]
        )

    def _text(self, node: ast.AST) -> str:
        start, stop = self._span(node)
        return self.reference.text[start:stop]

    def _between(self, left: ast.AST, right: ast.AST) -> tuple[int, int]:
        return self._span(left)[1], self._span(right)[0]

    def _sign(self, gap: tuple[int, int], op: ast.operator, new: str) -> str:
        return self.reference.text[slice(*gap)].replace(_SIGNS[type(op)], new, 1)

    def _whole(self, kind: str, node: ast.AST, new: str) -> Mutant:
        return self._edit(kind, *self._span(node), new)

    def _edit(self, kind: str, start: int, stop: int, new: str) -> Mutant:
        text = self.reference.text
        first, last = text.rfind("\n", 0, start) + 1, text.find("\n", stop)
        line = text[first:last]
        becomes = text[first:start] + new + text[stop:last]
        return Mutant(self.function, kind, start, stop, new, _flat(line), _flat(becomes))


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that are worth a change.

    The text of an exception is not contract, and NumPy takes every negative size in `reshape` for
    -1.
    """
    yield tree
    for child in ast.iter_child_nodes(tree):
        if isinstance(tree, ast.Raise):
            continue
        if isinstance(child, ast.UnaryOp) and _called(tree) == "reshape":
            continue
        yield from _nodes(child)


def _called(node: ast.AST) -> str:
    """Return the last name of what a call calls; empty for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _flat(line: str) -> str:
    """Return a line, or the lines of a statement, as one line without a comment at its end."""
    return " ".join(part.partition("  #")[0].strip() for part in line.splitlines())
