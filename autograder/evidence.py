"""Evidence for thresholds: the checks that train, measured over many seeds.

A chapter whose suite has thresholds keeps `evidence.py` beside it, with `runs(reference)`, a tuple
of Run, and WRONG, {name: (text, replacement)}: changes of the reference, for information.
Every run is made with the reference and with the chapter's other correct implementations
(tests/correct/<chapter>/), and stored in the suite's evidence.json, value by value.

The rule: no correct implementation may come closer to a threshold than its worst seed, nor than
five standard deviations from its mean.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.engine.reference import load_reference, reference_source
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.manifest import Chapter

DEVIATIONS = 5
FILE = "evidence.json"
WRONG_SEEDS = 20

Stored = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One number that a check compares with a threshold, and how to measure it for a seed."""

    name: str
    check: Callable[..., Any]  # the test; its docstring quotes the evidence
    threshold: float
    measure: Callable[[int, ModuleType], float]
    at_least: bool = True
    tolerance: float = 0.01  # by which a replay on another machine may differ


@dataclass(frozen=True)
class Summary:
    """What the values of one implementation come to, seen from the threshold."""

    seeds: int
    worst: float
    mean: float
    std: float

    @classmethod
    def of(cls, values: list[float], *, at_least: bool = True) -> Summary:
        worst = min(values) if at_least else max(values)
        return cls(len(values), worst, statistics.fmean(values), statistics.pstdev(values))

    def limit(self, *, at_least: bool = True) -> float:
        """The strictest threshold that the rule allows."""
        if at_least:
            return min(self.worst, self.mean - DEVIATIONS * self.std)
        return max(self.worst, self.mean + DEVIATIONS * self.std)


@dataclass
class Plan:
    """Everything to be measured for a chapter: runs, correct implementations, wrong ones."""

    chapter: Chapter
    runs: tuple[Run, ...]
    correct: dict[str, ModuleType]
    wrong: dict[str, ModuleType]


def has_evidence(chapter: Chapter) -> bool:
    """Say whether the chapter's suite has thresholds to prove."""
    return (chapter.suite_dir / "evidence.py").is_file()


def plan(chapter: Chapter) -> Plan:
    """Load what is to be measured."""
    if not has_evidence(chapter):
        raise UserError(f"{chapter.name}: its suite has no evidence.py, so nothing to measure")
    source = reference_source(chapter)
    described = module_from(chapter.suite_dir / "evidence.py")
    correct = {"reference": load_reference(chapter)}
    for path in sorted(_others(chapter).glob("*.py")):
        correct[path.stem] = load_reference(chapter, path.read_text(encoding="utf-8"))
    if len(correct) < 2:
        raise UserError(f"{_others(chapter)}: needs another correct implementation to measure")
    wrong = {
        name: load_reference(chapter, _changed(source, name, *change))
        for name, change in described.WRONG.items()
    }
    return Plan(chapter, described.runs(correct["reference"]), correct, wrong)


def measure(todo: Plan, seeds: int, wrong_seeds: int = WRONG_SEEDS) -> Iterator[str]:
    """Measure what is missing and store every value as it comes; yield a line per series.

    Interrupted work goes on where it stopped.
    """
    for run in todo.runs:
        for kind, modules, count in _series(todo, seeds, wrong_seeds):
            for name, module in modules.items():
                added = 0
                for seed in range(len(_values(load(todo.chapter), run, kind, name)), count):
                    with np.errstate(all="ignore"):
                        value = float(run.measure(seed, module))
                    _store(todo.chapter, run, kind, name, value)
                    added += 1
                yield f"{run.name}, {name}: {added} seeds measured" if added else ""


def load(chapter: Chapter) -> Stored:
    """Return the stored evidence of a chapter ({} when there is none yet)."""
    try:
        return json.loads((chapter.suite_dir / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except json.JSONDecodeError as error:
        path = chapter.suite_dir / FILE
        raise UserError(f"{path}: not valid JSON ({error}): delete it and measure again") from None


def forget(chapter: Chapter) -> None:
    """Remove the stored evidence: needed when a training itself was changed."""
    (chapter.suite_dir / FILE).unlink(missing_ok=True)


def summaries(stored: Stored, run: Run, kind: str = "correct") -> dict[str, Summary]:
    """Return what is stored for a run, by implementation."""
    series = stored.get(run.name, {}).get(kind, {})
    return {
        name: Summary.of(values, at_least=run.at_least) for name, values in series.items() if values
    }


def violations(runs: tuple[Run, ...], stored: Stored, seeds: int) -> list[str]:
    """Return what speaks against the thresholds, one sentence each; empty when they hold."""
    found = []
    for run in runs:
        measured = summaries(stored, run)
        if len(measured) < 2:
            found.append(f"{run.name}: not measured on two correct implementations")
        for name, summary in measured.items():
            limit = summary.limit(at_least=run.at_least)
            holds = run.threshold <= limit if run.at_least else run.threshold >= limit
            if not holds:
                found.append(
                    f"{run.name}: threshold {run.threshold:g}, but {name} allows {limit:.4g}"
                )
            if summary.seeds < seeds:
                found.append(f"{run.name}: {name} has {summary.seeds} seeds of {seeds}")
        if measured and quote(run, stored) not in _docstring(run):
            found.append(
                f"{run.name}: the docstring of {run.check.__name__} must say: {quote(run, stored)}"
            )
    return found


def quote(run: Run, stored: Stored) -> str:
    """Return the sentence that the check's docstring has to contain: the reference's figures."""
    one = summaries(stored, run)["reference"]
    word = "at least" if run.at_least else "at most"
    figures = f"{one.seeds} seeds: worst {one.worst:.3f}, mean {one.mean:.3f}, std {one.std:.4f}"
    return f"{run.name} {word} {run.threshold:g} ({figures})."


def table(runs: tuple[Run, ...], stored: Stored) -> Iterator[str]:
    """Yield the lines of a table of all figures: correct implementations, then wrong ones."""
    for run in runs:
        word = "at least" if run.at_least else "at most"
        yield f"{run.name}: {word} {run.threshold:g}"
        yield f"  {'':32} seeds   worst    mean     std    pass"
        for kind in ("correct", "wrong"):
            for name, summary in summaries(stored, run, kind).items():
                values = stored[run.name][kind][name]
                passed = sum(_passes(run, value) for value in values)
                yield f"  {name:32} {_row(summary)} {passed:4d}/{summary.seeds}"


def module_from(path: Path) -> ModuleType:
    """Execute a Python file that lies outside of every package and return it as a module."""
    name = f"{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _others(chapter: Chapter) -> Path:
    return chapter.project.root / "tests" / "correct" / chapter.name


def _series(
    todo: Plan, seeds: int, wrong_seeds: int
) -> tuple[tuple[str, dict[str, ModuleType], int], ...]:
    return (("correct", todo.correct, seeds), ("wrong", todo.wrong, min(wrong_seeds, seeds)))


def _changed(source: str, name: str, old: str, new: str) -> str:
    if source.count(old) != 1:
        raise UserError(f"evidence {name!r}: {old!r} must occur exactly once in the reference")
    return source.replace(old, new)


def _values(stored: Stored, run: Run, kind: str, name: str) -> list[float]:
    return stored.get(run.name, {}).get(kind, {}).get(name, [])


def _store(chapter: Chapter, run: Run, kind: str, name: str, value: float) -> None:
    stored = load(chapter)
    kinds = stored.setdefault(run.name, {}).setdefault(kind, {})
    kinds.setdefault(name, []).append(_finite(value))
    text = json.dumps(stored, indent=1)
    lists = re.sub(r"\[[^\[\]]*\]", lambda found: " ".join(found.group().split()), text)
    write_atomically(chapter.suite_dir / FILE, lists + "\n")


def _finite(value: float) -> float:
    """JSON has no NaN: the loss of a training that blew up is stored as a huge number."""
    return round(value, 6) if abs(value) < 1e9 else 1e9


def _passes(run: Run, value: float) -> bool:
    return value >= run.threshold if run.at_least else value <= run.threshold


def _row(summary: Summary) -> str:
    worst, mean, std = (_short(x) for x in (summary.worst, summary.mean, summary.std))
    return f"{summary.seeds:5d} {worst:>7} {mean:>7} {std:>7}"


def _short(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 100 else f"{value:.1e}"


def _docstring(run: Run) -> str:
    return " ".join((inspect.getdoc(run.check) or "").split())
