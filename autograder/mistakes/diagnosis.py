"""Name the mistake behind a failing check: the one whose code gives the same wrong numbers.

The failing check is run again, with the same inputs, on the known mistakes of its exercise. What
the suite's public checks see of them is known beforehand and leaves few to try. Nothing is said of
what nothing matches, apart from what the numbers themselves look like. Marks never depend on it.

The effort is bounded by counting, not by the clock: the same submission gives the same Result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from autograder.engine.needs import settle_needs
from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.recipe import Failure, Recipe
from autograder.engine.seeds import Seeds
from autograder.mistakes.fingerprints import fingerprint
from autograder.mistakes.library import About, Library, library_of, replayable
from autograder.mistakes.trace import Trace, trace_of

AND = " + "  # between the ids of two mistakes in one check
PER_CHECK, PER_SUBMISSION = 12, 120  # replays
_CANDIDATES = 2  # that give the same numbers and are still both named


@dataclass
class Quota:
    """How many replays a submission has left."""

    left: int = PER_SUBMISSION


@dataclass(frozen=True)
class Finding:
    """What is said of one failing check: ids of mistakes, and lines for the student."""

    mistakes: tuple[str, ...]
    lines: tuple[str, ...]


def explain(
    task: Task,
    recipes: list[Recipe],
    failures: Mapping[str, Failure],
    outcomes: list[CheckOutcome],
) -> list[CheckOutcome]:
    """Return the outcomes of a run, with what is known about the failing ones.

    A diagnosis that goes wrong is left out: it is no reason for a submission without marks.
    """
    try:
        return diagnose(task, recipes, failures, outcomes)
    except Exception:
        return outcomes


def diagnose(
    task: Task,
    recipes: list[Recipe],
    failures: Mapping[str, Failure],
    outcomes: list[CheckOutcome],
    *,
    library: Library | None = None,
) -> list[CheckOutcome]:
    """Return the outcomes of a run, the failing ones with the mistakes that explain them.

    library: what is known of the chapter's mistakes, if not all that this copy holds.
    """
    if not failures:
        return outcomes
    open_checks = {
        outcome.id
        for outcome in settle_needs(task.chapter, outcomes)
        if outcome.status in ("failed", "crashed") and outcome.id in failures
    }
    library, quota = library or library_of(task.chapter), Quota()
    found: dict[str, Finding] = {}
    for exercise in dict.fromkeys(o.exercise for o in outcomes if o.id in open_checks):
        mine = [recipe for recipe in recipes if recipe.exercise == exercise]
        wrong = {r.id: failures[r.id] for r in mine if r.id in open_checks}
        passed = {o.id for o in outcomes if o.exercise == exercise and o.status == "passed"}
        if library is not None:
            case = _Case(library, exercise, mine, wrong, passed)
            found |= case.findings(task.seeds, quota)
        for check, failure in wrong.items():
            if check not in found and (looks := fingerprint(failure)):
                found[check] = Finding((), (f"looks like: {looks}",))
    return [_told(outcome, found.get(outcome.id)) for outcome in outcomes]


def _told(outcome: CheckOutcome, finding: Finding | None) -> CheckOutcome:
    if finding is None:
        return outcome
    ids = AND.join(finding.mistakes) or None
    return replace(outcome, mistake=ids, diagnosis="\n".join(finding.lines))


class _Case:
    """The failing checks of one exercise, and the mistakes that may be behind them."""

    def __init__(
        self,
        library: Library,
        exercise: str,
        recipes: list[Recipe],
        failures: Mapping[str, Failure],
        passed: set[str],
    ) -> None:
        self.library = library
        self.recipes = {recipe.id: recipe for recipe in recipes}
        self.traces = {check: trace_of(failure) for check, failure in failures.items()}
        self.table = library.public(exercise, recipes)
        entries = [name for name, about in library.about.items() if about.exercise == exercise]
        self.fails = {
            name: {check for check, row in self.table.items() if name in row} for name in entries
        }
        # A mistake that fails where the student passes is not the student's.
        self.candidates = [name for name in entries if not self.fails[name] & passed]
        self.matches: dict[str, dict[str, frozenset[str]]] = {}
        self.alike: dict[str, list[str]] = {}  # fail in the same words, with no output to compare
        self.score: Counter[str] = Counter()

    def findings(self, seeds: Seeds, quota: Quota) -> dict[str, Finding]:
        """Return what is known of each check, public ones first."""
        for check in self.traces:
            if check in self.table:
                for name in self.candidates:
                    self._compare(check, name, self.table[check].get(name))
        self.exact = {name for name in self.candidates if self._is_exact(name)}
        for check in self.traces:
            if check not in self.table and replayable(self.recipes[check]):
                self._replay(check, seeds, quota)
        found = {check: self._finding(check) for check in self.traces}
        return {check: finding for check, finding in found.items() if finding}

    def _compare(self, check: str, name: str, theirs: Trace | None) -> bool:
        """Note in what a mistake agrees with the student; say whether in all of it."""
        trace = self.traces[check]
        if theirs is None:
            return False
        if names := theirs.explains(trace):
            self.matches.setdefault(check, {})[name] = names
            self.score[name] += len(names)
        elif theirs.fails_like(trace):
            self.alike.setdefault(check, []).append(name)
            return True
        return bool(names) and len(names) == len(trace.wrong)

    def _is_exact(self, name: str) -> bool:
        """Say whether the public checks see nothing that tells a mistake from the student's."""
        mine = {check for check in self.traces if check in self.table}
        return self.fails[name] == mine and all(
            name in self.alike.get(check, ())
            or len(self.matches.get(check, {}).get(name, ())) == len(self.traces[check].wrong) > 0
            for check in mine
        )

    def _replay(self, check: str, seeds: Seeds, quota: Quota) -> None:
        """Run a hidden check on the likely mistakes: on those already matched, else on others."""
        likely = sorted(
            self.candidates, key=lambda name: (-self.score[name], name not in self.exact)
        )
        best = self.score[likely[0]] if likely else 0
        explained = False
        for name in likely[:PER_CHECK]:
            if quota.left <= 0 or (explained and self.score[name] < best):
                return
            quota.left -= 1
            theirs = self.library.replay(self.recipes[check], name, seeds)
            explained |= self._compare(check, name, theirs) and best > 0

    def _finding(self, check: str) -> Finding | None:
        matches, trace = self.matches.get(check, {}), self.traces[check]
        if not matches:
            return self._alike(check)
        chosen: dict[tuple[str, ...], list[str]] = {}
        for output in trace.wrong:
            ids = self._best(name for name, outputs in matches.items() if output in outputs)
            if ids:
                chosen.setdefault(ids, []).append(output)
        if not chosen:
            return None
        sure = tuple(ids[0] for ids in chosen if len(ids) == 1)
        if len(chosen) == 1 and len(next(iter(chosen.values()))) == len(trace.wrong):
            return Finding(sure, self._lines("gives the same numbers as", next(iter(chosen))))
        lines = [
            f"{', '.join(outputs)}: {self._lines('the same numbers as', ids)[0]}"
            for ids, outputs in chosen.items()
        ]
        return Finding(sure, tuple(lines))

    def _alike(self, check: str) -> Finding | None:
        ids = self._best(name for name in self.alike.get(check, ()) if name in self.exact)
        if not ids:
            return None
        return Finding(ids if len(ids) == 1 else (), self._lines("fails in the same way as", ids))

    def _best(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the ids that explain most of all, when they are few; the one seen as a whole."""
        known = list(names)
        exact = [name for name in known if name in self.exact]
        top = max((self.score[name] for name in exact or known), default=0)
        ids = dict.fromkeys(
            self.library.about[name].named for name in exact or known if self.score[name] == top
        )
        return tuple(ids) if len(ids) <= _CANDIDATES else ()

    def _lines(self, how: str, ids: tuple[str, ...]) -> tuple[str, ...]:
        about = [self._about(each) for each in ids]
        if len(about) == 1 and about[0].convention:
            how = f"another convention, not a mistake: {how}"
        causes = ", or in which ".join(each.symptom for each in about)
        first = f"{how} code in which {causes}"
        return (first, about[0].question) if len(about) == 1 else (first,)

    def _about(self, named: str) -> About:
        return self.library.about[named]
