"""Mutants that no suite can or need kill, `equivalent.toml`: each with the reason.

[[equivalents]]
function = "sigmoid"
line = "return np.where(x >= 0, 1, small) / (1 + small)"
becomes = "return np.where(x > 0, 1, small) / (1 + small)"
reason = "at 0 both branches are 1"
"""

from __future__ import annotations

import re
import tomllib

from autograder.build.source import Source
from autograder.manifest import Chapter
from autograder.mistakes.operators import Mutant

FILE = "equivalent.toml"
Key = tuple[str, str, str]
_FIELDS = {"function", "line", "becomes", "reason"}


def key_of(mutant: Mutant) -> Key:
    """Return how people refer to a mutant: its function and the line before and after."""
    return mutant.function, mutant.line, mutant.becomes


def load_equivalents(chapter: Chapter, mutants: list[Mutant]) -> dict[Key, str]:
    """Return the reasons by mutant; UserError for an entry that no mutant of today fits."""
    path = chapter.suite_dir / FILE
    if not path.is_file():
        return {}
    source = Source.read(chapter, path)
    lines = [n for n, line in enumerate(source.text.splitlines(), 1) if "[[equivalents]]" in line]
    known, found = {key_of(mutant) for mutant in mutants}, {}
    for line, item in zip(lines, _tables(source), strict=False):
        if set(item) != _FIELDS or not all(isinstance(v, str) and v for v in item.values()):
            source.refuse(line, f"an entry has exactly {', '.join(sorted(_FIELDS))}, none empty")
        key = item["function"], item["line"], item["becomes"]
        if key not in known:
            source.refuse(line, f"no mutant of {key[0]} turns {key[1]!r} into {key[2]!r}")
        if key in found:
            source.refuse(line, "this mutant is listed twice")
        found[key] = item["reason"]
    return found


def _tables(source: Source) -> list[dict[str, str]]:
    try:
        tables: list[dict[str, str]] = tomllib.loads(source.text).get("equivalents", [])
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        source.refuse(int(at[1]) if at else 1, f"not valid TOML: {error}")
    return tables
