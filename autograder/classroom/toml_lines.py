"""TOML with line numbers: a table that knows where each of its entries stands."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.classroom.roster import read_utf8
from autograder.errors import UserError

_KEY = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(rf"\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*=")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")

_WORDS = {
    str: "text in quotes",
    bool: "true or false",
    dict: "a table: write [{}] and its entries below",
}


@dataclass(frozen=True)
class Table:
    """One table of a TOML file; every complaint names the file and the line."""

    file: Path
    lines: dict[tuple[str, ...], int]
    path: tuple[str, ...]
    data: dict[str, Any]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """Return an entry of that type, or the default where there is none."""
        if key not in self.data:
            return default
        if type(self.data[key]) is not kind:
            self.refuse(key, f"{key!r} must be {_WORDS[kind].format(key)}")
        return self.data[key]

    def table(self, key: str) -> Table:
        """Return a table in this one, empty where there is none."""
        return Table(self.file, self.lines, (*self.path, key), self.get(key, dict, {}))

    def known(self, names: Iterable[str], what: str = "entry") -> None:
        """Refuse every key that is not one of `names`, and propose the one it looks like."""
        names = list(names)
        for key in self.data:
            if key not in names:
                near = difflib.get_close_matches(key, names, 1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
                self.refuse(key, f"unknown {what} {key!r}: {hint}")

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise UserError for the entry `key` of this table."""
        raise UserError(f"{self.file}:{self.line(key)}: {why}")

    def line(self, key: str) -> int:
        """Return the line of an entry, or else that of what it lies in."""
        path = (*self.path, key)
        while path:
            found = [line for at, line in self.lines.items() if at[: len(path)] == path]
            if found:
                return min(found)
            path = path[:-1]
        return 1


def read_toml(file: Path) -> Table:
    """Read a TOML file; UserError with file and line when it is none."""
    text = read_utf8(file)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r" \(at line (\d+), column \d+\)", str(error))
        line = at[1] if at else text.count("\n") + 1
        why = str(error).replace(at[0], "") if at else str(error)
        raise UserError(f"{file}:{line}: not valid TOML: {why}") from None
    return Table(file, _lines(text), (), data)


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Return where each table and entry begins; entries of inline tables count as their table."""
    found: dict[tuple[str, ...], int] = {}
    here: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            here = _parts(header[1])
            found.setdefault(here, number)
        elif entry := _ENTRY.match(line):
            found.setdefault(here + _parts(entry[1]), number)
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _PART.findall(dotted))
