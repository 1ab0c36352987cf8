"""How well the diagnosis works: every entry of the catalogue handed in as a submission."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from typing import Any

from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.run import run_suite
from autograder.engine.seeds import Seeds
from autograder.manifest import Chapter
from autograder.mistakes import diagnosis
from autograder.mistakes.catalogue import Mistake, all_changed, load_catalogue
from autograder.mistakes.library import load_recorded
from autograder.sandbox import LocalSession, Sandbox


@dataclass
class Measured:
    """Entries by how their diagnosis came out; milliseconds for each failing check.

    named: exactly the mistake, and no other; both: together with another that gives the same
    numbers; wrong: another one was named; silent: none was.
    """

    entries: int = 0
    named: int = 0
    both: int = 0
    wrong: int = 0
    silent: int = 0
    recorded: int = 0  # named exactly from the recorded outputs of the public checks alone
    checks: int = 0
    milliseconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(chapter: Chapter, processes: int, *, sandboxed: bool = True) -> Measured:
    """Hand in every entry, for the checks of its exercise that do not train."""
    mistakes = [each for each in load_catalogue(chapter) if not each.training]
    parts = [mistakes[start::processes] for start in range(processes)]
    total = Measured()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_part, chapter, part, sandboxed) for part in parts if part]
        for job in jobs:
            found = job.result().to_json()
            for name, value in found.items():
                setattr(total, name, getattr(total, name) + value)
    return total


def _part(chapter: Chapter, mistakes: list[Mistake], sandboxed: bool) -> Measured:
    sources = all_changed(chapter, mistakes)
    found = Measured()
    with Sandbox() if sandboxed else _Nothing() as sandbox:
        for mistake in mistakes:
            open_session = sandbox.session if sandboxed else LocalSession
            task = Task(
                chapter=chapter,
                program=marking_program(chapter, {chapter.file: sources[mistake.id].encode()}),
                open_session=open_session,
                seeds=Seeds(b"measured", mistake.id),
                exercises=(mistake.exercise,),
                skip=_trained(chapter),
            )
            _hand_in(task, mistake, found)
    return found


class _Nothing:
    """Stands where a sandbox would be."""

    session: Any = None

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def _trained(chapter: Chapter) -> frozenset[str]:
    from autograder.mistakes.pool import chapter_recipes

    return frozenset(recipe.id for recipe in chapter_recipes(chapter) if recipe.trains)


def _hand_in(task: Task, mistake: Mistake, found: Measured) -> None:
    seconds = 0.0

    def explain(*args: Any) -> list[CheckOutcome]:
        nonlocal seconds
        began = time.process_time()
        outcomes = diagnosis.diagnose(*args)
        seconds = time.process_time() - began
        recorded.append(diagnosis.diagnose(*args, library=load_recorded(task.chapter)))
        return outcomes

    recorded: list[list[CheckOutcome]] = []
    task.explain = explain
    failing = [outcome for outcome in run_suite(task) if outcome.status != "passed"]
    found.entries += 1
    found.checks += len(failing)
    found.milliseconds += 1000 * seconds
    setattr(found, _sort(failing, mistake), getattr(found, _sort(failing, mistake)) + 1)
    if recorded and _sort(recorded[0], mistake) == "named":
        found.recorded += 1


def _sort(outcomes: list[CheckOutcome], mistake: Mistake) -> str:
    """Return whether the mistake itself was named, another one, both, or none."""
    ids = {outcome.mistake for outcome in outcomes} - {None}
    if ids == {mistake.named}:
        return "named"
    if ids:
        return "wrong"
    both = any(" or in which " in f" {outcome.diagnosis}" for outcome in outcomes)
    return "both" if both else "silent"
