"""The proof of a chapter's suites: what they kill of the known mistakes and of generic changes.

Every entry of the catalogue must be killed by a check of its own exercise, and by a public one
unless it says why not; every generic mutant too, unless it is written down as equivalent; every
alternative correct module must pass. Checks that train run only on what survives the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.engine.recipe import Recipe
from autograder.engine.reference import reference_source
from autograder.manifest import Chapter
from autograder.mistakes.catalogue import Mistake, all_changed, load_catalogue
from autograder.mistakes.equivalent import key_of, load_equivalents
from autograder.mistakes.operators import Mutant, mutants
from autograder.mistakes.places import Reference
from autograder.mistakes.pool import Job, Verdict, chapter_recipes, run_jobs

Say = Callable[[str], None]


@dataclass
class Killed:
    """Which checks of its exercise reject one changed reference."""

    public: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    training: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.public or self.hidden or self.training)


@dataclass
class Proof:
    """What was found for one chapter. `correct` maps other solutions to the checks they fail."""

    chapter: Chapter
    mistakes: list[Mistake]
    killed: dict[str, Killed]
    mutants: list[Mutant]
    mutant_exercises: list[tuple[str, ...]]
    alive: set[int]  # numbers of mutants that nothing kills
    equivalent: dict[int, str]
    correct: dict[str, list[str]]

    def faults(self) -> list[str]:
        """Return a sentence for everything that does not hold."""
        found = []
        for mistake in self.mistakes:
            found += _mistake_faults(mistake, self.killed[mistake.id])
        for number in sorted(self.alive - set(self.equivalent)):
            mutant = self.mutants[number]
            found.append(
                f"survives in {mutant.function}: {mutant.line}  ->  {mutant.becomes}"
                f"  ({mutant.kind})"
            )
        for number in sorted(set(self.equivalent) - self.alive):
            mutant = self.mutants[number]
            found.append(f"listed as equivalent but killed: {mutant.function}: {mutant.becomes}")
        for name, checks in self.correct.items():
            found += [f"{name} is correct, but {check} rejects it" for check in checks]
        return found


def _mistake_faults(mistake: Mistake, killed: Killed) -> list[str]:
    name = f"{mistake.exercise}: {mistake.id}"
    if not killed:
        return [f"{name} is not killed by any check of its exercise"]
    if killed.late:
        return [f"{name} does not come to an end in {', '.join(killed.late)}"]
    found = []
    if not (killed.public or killed.hidden) and not mistake.training:
        found.append(f"{name} is killed only by a check that trains, and does not say so")
    if not killed.public and not (mistake.hidden or mistake.training):
        found.append(f"{name} is not killed by a public check, and does not say why")
    if killed.public and mistake.hidden:
        found.append(f"{name} says that no public check can see it, but {killed.public[0]} does")
    return found


def prove(
    chapter: Chapter, processes: int, *, bounded: bool = False, say: Say = lambda _: None
) -> Proof:
    """Prove a chapter's suites; `bounded`: the catalogue only, without checks that train."""
    prover = _Prover(chapter, processes, say)
    found = [each for each in load_catalogue(chapter) if not (bounded and each.training)]
    killed = prover.mistakes(found, trains=not bounded)
    generic = [] if bounded else mutants(prover.reference)
    reasons = load_equivalents(chapter, mutants(prover.reference))
    equivalent = {
        number: reasons[key_of(mutant)]
        for number, mutant in enumerate(generic)
        if key_of(mutant) in reasons
    }
    return Proof(
        chapter=chapter,
        mistakes=found,
        killed=killed,
        mutants=generic,
        mutant_exercises=[prover.exercises_of(mutant) for mutant in generic],
        alive=prover.alive(generic),
        equivalent=equivalent,
        correct={} if bounded else prover.correct(),
    )


class _Prover:
    """Makes the jobs of one chapter and sorts what they find."""

    def __init__(self, chapter: Chapter, processes: int, say: Say) -> None:
        self.chapter, self.processes, self.say = chapter, processes, say
        self.reference = Reference(reference_source(chapter))
        self.recipes = chapter_recipes(chapter)
        self._by_id = {recipe.id: recipe for recipe in self.recipes}

    def mistakes(self, found: list[Mistake], *, trains: bool) -> dict[str, Killed]:
        """Run every check of its own exercise on every mistake."""
        sources = all_changed(self.chapter, found)
        exercise = {mistake.id: mistake.exercise for mistake in found}
        killed = {name: Killed() for name in sources}
        self.say(f"{self.chapter.name}: {len(found)} known mistakes")
        for training in (False, True)[: 1 + trains]:
            left = [name for name, checks in killed.items() if not checks]
            jobs = [self._job(n, sources[n], [exercise[n]], trains=training) for n in left]
            self._run(jobs, killed)
        return killed

    def alive(self, generic: list[Mutant]) -> set[int]:
        """Return the numbers of the mutants that no check kills."""
        self.say(f"{self.chapter.name}: {len(generic)} generic mutants")
        alive = set(range(len(generic)))
        for trains in (False, True):
            jobs = []
            for number in sorted(alive):
                text = generic[number].applied(self.reference.text)
                names = self.exercises_of(generic[number])
                jobs.append(self._job(number, text, names, trains=trains, stop=True))
            for verdict in self._verdicts(jobs):
                if verdict.failed:
                    alive.discard(verdict.key)
        return alive

    def correct(self) -> dict[str, list[str]]:
        """Run all checks on the other correct solutions."""
        folder = self.chapter.project.root / "tests" / "correct" / self.chapter.name
        checks = tuple(recipe.id for recipe in self.recipes)
        jobs = [
            Job(path.name, self._root, self.chapter.name, path.read_text(encoding="utf-8"), checks)
            for path in sorted(folder.glob("*.py"))
        ]
        self.say(f"{self.chapter.name}: {len(jobs)} other correct solutions")
        return {verdict.key: list(verdict.failed) for verdict in self._verdicts(jobs)}

    def exercises_of(self, mutant: Mutant) -> tuple[str, ...]:
        """Return the exercises whose checks must kill a mutant; of a shared helper, all."""
        names = self.reference.exercises_of(mutant.function)
        return tuple(names or [exercise.name for exercise in self.chapter.exercises])

    @property
    def _root(self) -> Path:
        return self.chapter.project.root

    def _job(
        self,
        key: Any,
        text: str,
        exercises: Iterable[str],
        *,
        trains: bool = False,
        stop: bool = False,
    ) -> Job:
        wanted = set(exercises)
        checks = [
            recipe.id
            for recipe in self.recipes
            if recipe.exercise in wanted and recipe.trains == trains
        ]
        return Job(key, self._root, self.chapter.name, text, tuple(checks), stop)

    def _run(self, jobs: list[Job], killed: dict[str, Killed]) -> None:
        for verdict in self._verdicts(jobs):
            for check in verdict.failed:
                _list_for(killed[verdict.key], self._by_id[check]).append(check)
            killed[verdict.key].late += verdict.late

    def _verdicts(self, jobs: list[Job]) -> Iterable[Verdict]:
        return run_jobs([job for job in jobs if job.checks], self.processes)


def _list_for(killed: Killed, recipe: Recipe) -> list[str]:
    if recipe.trains:
        return killed.training
    return killed.public if recipe.public else killed.hidden
