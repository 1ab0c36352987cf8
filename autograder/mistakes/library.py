"""What is known of the mistakes of a chapter, with solutions at hand or from recorded data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from autograder.engine.program import marking_program
from autograder.engine.recipe import Recipe
from autograder.engine.reference import reference_source
from autograder.engine.seeds import Seeds
from autograder.errors import UserError
from autograder.manifest import Chapter, earlier_chapters
from autograder.mistakes.catalogue import FILE, Mistake, all_changed, load_catalogue
from autograder.mistakes.replay import Bench
from autograder.mistakes.trace import Trace, sketch_of, trace_of
from autograder.sandbox import Program

RECORDED = "recorded.json"
SCHEMA = 1

Table = dict[str, dict[str, Trace]]  # check -> entry -> how the check fails on it


@dataclass(frozen=True)
class About:
    """What is said of an entry. `named` is the id that it is reported under."""

    exercise: str
    named: str
    symptom: str
    question: str
    convention: bool


class Library(Protocol):
    """The known mistakes of one chapter."""

    about: dict[str, About]

    def public(self, exercise: str, recipes: Iterable[Recipe]) -> Table:
        """Return how the public checks of an exercise fail on each of its mistakes."""

    def replay(self, recipe: Recipe, entry: str, seeds: Seeds) -> Trace | None:
        """Return how a check fails on one mistake; None when it passes or cannot be run here."""


@dataclass
class Recorded:
    """Known mistakes without their code: what the public checks see of them."""

    about: dict[str, About]
    table: Table

    def public(self, exercise: str, recipes: Iterable[Recipe]) -> Table:
        wanted = [r.id for r in recipes if r.public and r.exercise == exercise]
        return {check: self.table[check] for check in wanted if check in self.table}

    def replay(self, recipe: Recipe, entry: str, seeds: Seeds) -> Trace | None:
        return None


@dataclass
class Live:
    """Known mistakes as programs. What the public checks see of them is kept for the process."""

    chapter: Chapter
    about: dict[str, About]
    programs: dict[str, Program]
    recorded: Recorded | None = None  # of exactly these files
    _tables: dict[str, Table] = field(default_factory=dict)
    _bench: Bench | None = None

    def public(self, exercise: str, recipes: Iterable[Recipe]) -> Table:
        if self.recorded is not None:
            return self.recorded.public(exercise, recipes)
        if exercise not in self._tables:
            self._tables[exercise] = self._replayed(exercise, recipes)
        return self._tables[exercise]

    def replay(self, recipe: Recipe, entry: str, seeds: Seeds) -> Trace | None:
        if self._bench is None:
            self._bench = Bench(self.chapter)
        self._bench.seeds = seeds
        failure = self._bench.run(recipe, self.programs[entry])
        return trace_of(failure) if failure else None

    def _replayed(self, exercise: str, recipes: Iterable[Recipe]) -> Table:
        entries = [name for name, about in self.about.items() if about.exercise == exercise]
        table: Table = {}
        for recipe in recipes:
            if recipe.exercise == exercise and recipe.public and replayable(recipe):
                found = {name: self.replay(recipe, name, Seeds()) for name in entries}
                table[recipe.id] = {name: each for name, each in found.items() if each}
        return table


def replayable(recipe: Recipe) -> bool:
    """Say whether a check can be run on known mistakes: it does not train, and needs no fixture."""
    return not recipe.trains and Bench.can_run(recipe)


def library_of(chapter: Chapter) -> Library | None:
    """Return what is known of a chapter's mistakes; None where there is neither code nor record.

    A catalogue that no longer applies is nobody's mark: it counts as none, and the proof says why.
    """
    try:
        return _live(chapter, stamp_of(chapter))
    except UserError:
        return load_recorded(chapter)


@lru_cache(maxsize=8)
def _live(chapter: Chapter, stamp: str) -> Live:
    mistakes = load_catalogue(chapter)
    base = marking_program(chapter, {})
    programs = {
        name: replace(base, files={chapter.file: text.encode()})
        for name, text in all_changed(chapter, mistakes).items()
    }
    return Live(chapter, _abouts(mistakes), programs, load_recorded(chapter, stamp))


def _abouts(mistakes: list[Mistake]) -> dict[str, About]:
    words = {mistake.id: mistake for mistake in mistakes}
    return {
        each.id: About(
            each.exercise,
            each.named,
            words[each.named].symptom,
            words[each.named].question,
            words[each.named].convention,
        )
        for each in mistakes
        if not each.training
    }


def stamp_of(chapter: Chapter) -> str:
    """Return a digest of all that the recorded outputs depend on."""
    if not (chapter.suite_dir / FILE).is_file():
        raise UserError(f"{chapter.name} has no {FILE}")
    reference_source(chapter)
    engine = Path(__file__).parents[1]
    files = [each.source_file for each in (*earlier_chapters(chapter), chapter)]
    files += [chapter.suite_dir / name for name in (FILE, "test_public.py", "support.py")]
    files += [*sorted((engine / "suite").glob("*.py")), *sorted((engine / "mistakes").glob("*.py"))]
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


# ---- recorded outputs


def record(chapter: Chapter, recipes: list[Recipe]) -> dict[str, Any]:
    """Return what recorded.json holds: the words of the mistakes, the sketches of their outputs.

    No code, no numbers: neither the changes of the reference nor what is right can be read off it.
    """
    stamp = stamp_of(chapter)
    library = replace(_live(chapter, stamp), recorded=None)
    checks: dict[str, Any] = {}
    for exercise in chapter.exercises:
        for check, row in library.public(exercise.name, recipes).items():
            checks[check] = {name: trace.to_json() for name, trace in row.items()}
    for check, entry, output in _right_outputs(chapter, recipes, checks):
        # Compared with something else that is wrong, as a gradient of a wrong function may be.
        del checks[check][entry]["wrong"][output]
    about = {name: vars(each) for name, each in library.about.items()}
    return {"schema": SCHEMA, "stamp": stamp, "mistakes": about, "checks": checks}


def leaks(chapter: Chapter, recipes: list[Recipe], data: dict[str, Any]) -> list[str]:
    """Return a sentence for every recorded output that is right where it is recorded as wrong."""
    return [
        f"{check}: {entry} records the right {output}"
        for check, entry, output in _right_outputs(chapter, recipes, data["checks"])
    ]


def _right_outputs(
    chapter: Chapter, recipes: list[Recipe], checks: dict[str, Any]
) -> list[tuple[str, str, str]]:
    """Return (check, entry, output) wherever the reference gives a recorded output too."""
    program = marking_program(chapter, {chapter.file: reference_source(chapter).encode()})
    bench, found = Bench(chapter), []
    for recipe in recipes:
        row = checks.get(recipe.id, {})
        if not row:
            continue
        _, watched = bench.watch(recipe, program)
        right = {(step, seen.name, sketch_of(seen)) for step, seen in watched.history or ()}
        for entry, trace in ((name, Trace.from_json(each)) for name, each in row.items()):
            found += [
                (recipe.id, entry, output)
                for output, wrong in trace.wrong.items()
                if (trace.step, output, wrong) in right
            ]
    return found


def load_recorded(chapter: Chapter, stamp: str = "") -> Recorded | None:
    """Read recorded.json; None when there is none, or it is not of the files with this stamp."""
    try:
        data = json.loads((chapter.suite_dir / RECORDED).read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA or (stamp and data["stamp"] != stamp):
            return None
        table = {
            check: {name: Trace.from_json(trace) for name, trace in row.items()}
            for check, row in data["checks"].items()
        }
        return Recorded({name: About(**each) for name, each in data["mistakes"].items()}, table)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
