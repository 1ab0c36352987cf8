"""Compiled functions, compared without their text: by the names and numbers that they hold."""

from __future__ import annotations

import importlib.util
import marshal
from collections.abc import Iterator
from types import CodeType

_FEWEST = 8  # names and numbers; fewer say nothing

Shape = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def shapes(code: object) -> Iterator[Shape]:
    """Yield the shape of every function that a compiled module holds."""
    for one in _codes(code):
        numbers = tuple(repr(c) for c in one.co_consts if isinstance(c, int | float | tuple))
        shape = (one.co_names, one.co_varnames, numbers)
        if sum(map(len, shape)) >= _FEWEST and one.co_name != "<module>":
            yield shape


def strings(code: object) -> Iterator[str]:
    """Yield every text of a compiled module: docstrings, names of functions, messages."""
    for one in _codes(code):
        yield one.co_name
        yield from (const for const in one.co_consts if isinstance(const, str))


def compiled_file(content: bytes) -> CodeType | None:
    """Return the code in a `.pyc` file; None for what is none, or one of another Python."""
    if not looks_compiled(content) or content[:4] != importlib.util.MAGIC_NUMBER:
        return None
    try:
        code = marshal.loads(content[16:])
    except (ValueError, EOFError, TypeError):
        return None
    return code if isinstance(code, CodeType) else None


def looks_compiled(content: bytes) -> bool:
    """Say whether a file begins as those that Python's compiler writes, of any version."""
    return len(content) > 16 and content[2:4] == b"\r\n" and content[1] in (12, 13, 14)


def _codes(code: object) -> Iterator[CodeType]:
    if isinstance(code, CodeType):
        yield code
        for const in code.co_consts:
            yield from _codes(const)
