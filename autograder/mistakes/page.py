"""What a proof found, as stored figures, as a table for the terminal and as a page."""

from __future__ import annotations

import json
from typing import Any

from autograder.files import write_atomically
from autograder.grading.result import text_of
from autograder.manifest import Chapter, all_chapters
from autograder.mistakes.measure import Measured
from autograder.mistakes.prove import Proof
from autograder.project import Project

FILE = "proof.json"  # beside the suites: what the page is made from
PAGE = "docs/proof.md"

_COLUMNS = ("mistakes", "killed", "public", "mutants", "mutants killed", "equivalent")
_INTRO = """# What the suites are proven to catch

This page is written by `make prove`; do not edit it by hand.

Every chapter has a catalogue of known mistakes, one-place changes of its reference
(`autograder/suites/*/mistakes.toml`). Each must be killed by a check of its own exercise, and by a
public check unless the entry says why no public check can see it. Beyond the catalogue, generic
mutants (arithmetic, comparison, constant, slice, dropped keyword, removed statement and the like)
change the solutions wherever they can; a mutant that survives is listed as equivalent, with the
reason, in `equivalent.toml`. In the other direction, alternative correct modules in deliberately
different styles (`tests/correct/`) must get every point.
"""
_DIAGNOSIS = """
Every entry handed in as a submission, in the sandbox: which of them the diagnosis names.
*with another* means that a second mistake gives the same numbers and both are shown; *recorded*
counts those that the recorded outputs of the public checks are enough for.
"""


def figures(proof: Proof, measured: Measured | None) -> dict[str, Any]:
    """Return the figures of a proof: numbers by exercise, and what was listed by name."""
    rows = {exercise.name: _row(proof, exercise.name) for exercise in proof.chapter.exercises}
    return {
        "chapter": proof.chapter.name,
        "exercises": rows,
        "survivors": proof.faults(),
        "correct": sorted(name for name, checks in proof.correct.items() if not checks),
        "diagnosis": measured.to_json() if measured else None,
    }


def _row(proof: Proof, exercise: str) -> dict[str, int]:
    mine = [proof.killed[each.id] for each in proof.mistakes if each.exercise == exercise]
    owned = [n for n, names in enumerate(proof.mutant_exercises) if names[0] == exercise]
    alive = [n for n in owned if n in proof.alive]
    return {
        "mistakes": len(mine),
        "killed": sum(map(bool, mine)),
        "public": sum(bool(each.public) for each in mine),
        "mutants": len(owned),
        "mutants killed": len(owned) - len(alive),
        "equivalent": sum(n in proof.equivalent for n in alive),
    }


def save(chapter: Chapter, found: dict[str, Any]) -> None:
    """Store the figures of a chapter and write the page anew."""
    write_atomically(chapter.suite_dir / FILE, text_of(found))
    write_page(chapter.project)


def write_page(project: Project) -> None:
    """Write the page from what is stored of all chapters."""
    write_atomically(project.root / PAGE, page(stored(project)))


def stored(project: Project) -> list[dict[str, Any]]:
    """Return the stored figures of the chapters that have some, in course order."""
    paths = [chapter.suite_dir / FILE for chapter in all_chapters(project)]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file()]


def table_lines(found: dict[str, Any]) -> list[str]:
    """Return the table of one chapter for the terminal, with a last line of sums."""
    rows = [[name, *map(str, row.values())] for name, row in _with_sum(found).items()]
    rows.insert(0, [found["chapter"], *_COLUMNS])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def page(chapters: list[dict[str, Any]]) -> str:
    """Return the text of the page."""
    parts = [_INTRO]
    for found in chapters:
        parts.append(f"\n## {found['chapter']}\n\n{_table(('exercise', *_COLUMNS), _cells(found))}")
        if found["correct"]:
            names = ", ".join(f"`{name}`" for name in found["correct"])
            parts.append(f"\nOther correct solutions with every point: {names}.\n")
        if found["survivors"]:
            parts.append("\nDoes not hold yet:\n\n")
            parts += [f"- {_code(sentence)}\n" for sentence in found["survivors"]]
    measured = [found for found in chapters if found["diagnosis"]]
    if measured:
        parts.append(f"\n## Diagnosis\n{_DIAGNOSIS}\n{_table(*_diagnosis(measured))}")
    return "".join(parts)


def _with_sum(found: dict[str, Any]) -> dict[str, dict[str, int]]:
    rows: dict[str, dict[str, int]] = found["exercises"]
    return {**rows, "sum": {name: sum(row[name] for row in rows.values()) for name in _COLUMNS}}


def _cells(found: dict[str, Any]) -> list[list[str]]:
    return [[name, *(str(row[key]) for key in _COLUMNS)] for name, row in _with_sum(found).items()]


def _diagnosis(measured: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[list[str]]]:
    head = ("chapter", "entries", "named", "with another", "silent", "wrong", "recorded")
    keys = ("entries", "named", "both", "silent", "wrong", "recorded")
    rows = [[each["chapter"], *(str(each["diagnosis"][key]) for key in keys)] for each in measured]
    return head, rows


def _table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" + "|---:" * (len(head) - 1) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _code(sentence: str) -> str:
    return sentence.replace("|", "\\|").replace("*", "\\*")
