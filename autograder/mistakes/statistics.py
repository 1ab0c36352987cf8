"""Known mistakes counted over a class."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import UserError
from autograder.grading.result import GRADED, SCHEMA, Result
from autograder.manifest import load_chapter
from autograder.mistakes.catalogue import load_catalogue
from autograder.mistakes.diagnosis import AND
from autograder.project import Project


@dataclass(frozen=True)
class Count:
    """One mistake: who made it; `of` is the number of students whose exercise was begun."""

    chapter: str
    exercise: str
    mistake: str
    students: tuple[str, ...]
    of: int

    @property
    def share(self) -> float:
        return len(self.students) / self.of

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "students": list(self.students), "share": round(self.share, 4)}


def load_results(paths: Iterable[Path]) -> list[Result]:
    """Read Results: files as `dlfs grade --json` writes them, single ones, or folders of them."""
    found: list[Result] = []
    for path in paths:
        if path.is_dir():
            found += _newest(path)
        elif path.exists():
            found += _read(path, strict=True)
        else:
            raise UserError(f"{path} does not exist: name a file from `dlfs grade --json OUT`")
    return found


def _newest(folder: Path) -> list[Result]:
    """Return the newest Result of each student and chapter below a folder."""
    files = sorted(folder.rglob("*.json"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    results = [result for file in files for result in _read(file, strict=False)]
    latest = {(result.chapter, result.student): result for result in results}
    return [latest[key] for key in sorted(latest)]


def _read(path: Path, *, strict: bool) -> list[Result]:
    """Read one file; in a folder, JSON files that hold no Results are passed over."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if "results" in data:
            if data.get("schema") != SCHEMA:
                raise UserError(f"{path} has schema {data.get('schema')!r}: mark again")
            return [Result.from_json(item) for item in data["results"]]
        return [Result.from_json(data)]
    except (ValueError, KeyError, TypeError, AttributeError):
        if strict:
            raise UserError(f"{path} holds no Results: use `dlfs grade --json OUT`") from None
        return []


def count(results: Iterable[Result]) -> list[Count]:
    """Return how often each mistake occurs, by chapter and exercise, the frequent ones first."""
    who: dict[tuple[str, str, str], set[str]] = {}
    begun: dict[tuple[str, str], set[str]] = {}
    for result in results:
        if result.status != GRADED:
            continue
        for exercise in result.exercises:
            place = result.chapter, exercise.name
            if exercise.status != "not_started":
                begun.setdefault(place, set()).add(result.student)
            for check in exercise.checks:
                for mistake in (check.mistake or "").split(AND):
                    if mistake:
                        who.setdefault((*place, mistake), set()).add(result.student)
    counts = [
        Count(*key, tuple(sorted(students)), len(begun[key[:2]])) for key, students in who.items()
    ]
    order = {key: number for number, key in enumerate(begun)}
    return sorted(counts, key=lambda c: (order[c.chapter, c.exercise], -len(c.students), c.mistake))


def symptoms(project: Project, counts: Iterable[Count]) -> dict[tuple[str, str], str]:
    """Return what each mistake looks like, by chapter and id, from the catalogues that are here."""
    found = {}
    for name in {each.chapter for each in counts}:
        try:
            catalogue = load_catalogue(load_chapter(project, name))
        except UserError:  # a chapter of another time: its mistakes go by their ids
            continue
        found.update({(name, each.id): each.symptom for each in catalogue})
    return found


def table_lines(counts: list[Count], words: dict[tuple[str, str], str]) -> list[str]:
    """Return the table for the terminal; `words` says what a mistake is, by chapter and id."""
    lines, place = [], ("", "")
    for each in counts:
        if (each.chapter, each.exercise) != place:
            place = each.chapter, each.exercise
            lines += ["", f"{each.chapter} {each.exercise}, begun by {each.of}"]
        names = ", ".join(each.students)
        lines.append(
            f"  {len(each.students):>3}  {100 * each.share:>3.0f} %  {each.mistake}: {names}"
        )
        if symptom := words.get((each.chapter, each.mistake)):
            lines.append(f"              {symptom}")
    return lines[1:] or ["no known mistake in these Results"]
