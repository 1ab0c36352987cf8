"""The whole of it: train what is missing, show the table, write the page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import datasets
from autograder.files import write_atomically
from autograder.project import Project
from autograder.reproduce import figure, report
from autograder.reproduce.nets import Library
from autograder.reproduce.runs import RUNS, Run, chosen
from autograder.reproduce.state import State, code_of
from autograder.reproduce.train import train
from datasets import Dataset

FOLDER = "reproduction"  # in the project; never committed


def reproduce(project: Project, names: list[str], to: Path, fresh: bool = False) -> Iterator[str]:
    """Do the runs of these names (none: all) that are not finished; yield the lines to print."""
    runs = chosen(names)
    state = State(project.root / FOLDER, code_of(project))
    if fresh:
        state.forget(runs)
    yield from work(runs, Library(project), lambda: datasets.load("mnist", images=True), state)
    yield ""
    yield from report.lines(list(state.finished(runs)))
    yield ""
    yield publish(RUNS, state, to)


def work(
    runs: tuple[Run, ...], library: Library, load: Callable[[], Dataset], state: State
) -> Iterator[str]:
    """Train the runs that are not finished and store each as soon as it is; yield a line for it."""
    for number, run in enumerate(runs, start=1):
        place = f"[{number}/{len(runs)}] {run.name}"
        finished, word = state.load(run), "finished before"
        if finished is None:
            shown = _Shown(place)
            outcome = train(run, library, load(), shown)
            shown.clear()
            finished, word = state.store(run, outcome), f"{outcome.seconds:.0f} s"
        yield f"{place}: {finished.outcome.accuracy:.2f} % ({word})"


def publish(runs: tuple[Run, ...], state: State, to: Path) -> str:
    """Write the page and its figure when all runs are finished; return a sentence about it."""
    rows = list(state.finished(runs))
    missing = [run.name for run in runs if run.name not in {done.name for done, _ in rows}]
    if missing:
        return f"{to / report.PAGE} is written when these are finished too: {', '.join(missing)}"
    write_atomically(to / report.FIGURE, figure.picture(rows))
    write_atomically(to / report.PAGE, report.page(rows))
    return f"written: {to / report.PAGE} and {report.FIGURE} beside it"


class _Shown:
    """A run's progress: on a terminal one line, redrawn; elsewhere a line after each fifth."""

    def __init__(self, place: str) -> None:
        self.place, self.redraws = place, sys.stdout.isatty()

    def __call__(self, done: int, legs: int, accuracy: float) -> None:
        line = f"{self.place}: {done}/{legs}, {accuracy:.2f} %"
        if self.redraws:
            print(f"\x1b[2K{line}", end="\r", flush=True)
        elif done * 5 // legs > (done - 1) * 5 // legs and done < legs:
            print(line, flush=True)

    def clear(self) -> None:
        """Make room for the line that says what came out."""
        if self.redraws:
            print("\x1b[2K", end="", flush=True)
