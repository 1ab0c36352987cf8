"""What marking ch06 costs beside the student's own computing.

The student's own time is that of the calls of the suite, with NumPy and the layers that go with
them, measured in one process without any walls; loading modules, packing values and pytest do not
count. The overhead is all the rest of what the marking of the same hand-in takes: pytest, the
grader's expectations, the sandbox. Both are measured in turn. Checks that train are shown apart:
there the student's code computes for long, in the others for microseconds. The reference is as fast
as NumPy allows; a beginner's right solution, with loops in one place, is measured as well.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.bench.work import Cost, cost, load, median
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.reference import reference_source
from autograder.engine.run import run_suite
from autograder.engine.seeds import PUBLIC_SECRET, Seeds
from autograder.grading.grade import grade
from autograder.grading.intake import Submission
from autograder.grading.processes import sandbox_of
from autograder.grading.result import Result
from autograder.manifest import Chapter, load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession

CHAPTER = "ch06_layers"
TRAINS = 0.02  # seconds of own computing that make a check one that trains
_PRODUCT = 'return x @ self.params["W"] + self.params["b"]'
_LOOPS = """W, b = self.params["W"], self.params["b"]
        rows = [[row @ column for column in W.T] for row in x.reshape(-1, len(W))]
        return np.array(rows).reshape(*x.shape[:-1], len(b)) + b"""
_OPERATIONS = ("call", "map", "operate", "next", "get")


@dataclass
class Round:
    """What one marking costs, and the student's own computing in each check."""

    own: dict[str, Cost]
    marking: dict[str, float]  # seconds on the clock, by check
    whole: Cost


def run(project: Project, rounds: int) -> Iterator[str]:
    """Measure and yield the lines of a table."""
    chapter = load_chapter(project, CHAPTER)
    yield f"marking {CHAPTER} beside the student's own computing, medians of {rounds} rounds"
    yield f"  {'':46} own ms  marking ms  overhead"
    source = reference_source(chapter)
    for name, text in (("the reference", source), ("with loops", _with_loops(source))):
        submission = Submission("ada", "ada", Path(), {chapter.file: text.encode()})
        measured = [_round(chapter, submission) for _ in range(rounds + 1)][1:]
        yield from _rows(name, measured)
    yield f"  {load()}"


def _with_loops(source: str) -> str:
    """Return the reference with a matrix product by loops over rows and columns."""
    if source.count(_PRODUCT) != 1:
        raise RuntimeError(f"the benchmark expects {_PRODUCT!r} once in {CHAPTER}")
    return source.replace(_PRODUCT, _LOOPS)


def _rows(name: str, measured: list[Round]) -> Iterator[str]:
    own = {check: median([each.own[check] for each in measured]) for check in measured[0].own}
    training = [check for check, computing in own.items() if computing.cpu >= TRAINS]
    alike = statistics.median(sum(each.marking[check] for check in training) for each in measured)
    whole = median([each.whole for each in measured])
    first = sum(own[check].wall for check in training)
    yield _row(f"{name}: {len(training)} checks that train", first, alike)
    yield _row(f"{name}: all {len(own)} checks", sum(o.wall for o in own.values()), whole.wall)
    yield _row(f"{name}: all, processor time", sum(o.cpu for o in own.values()), whole.cpu)


def _round(chapter: Chapter, submission: Submission) -> Round:
    own = _own(chapter, submission)
    found: list[tuple[Result, dict[str, float]]] = []
    whole = cost(
        lambda: found.append(
            grade(submission, chapter, sandbox=sandbox_of(False), secret=PUBLIC_SECRET)
        )
    )
    ((result, marking),) = found
    if result.score != result.max_score:
        raise RuntimeError(f"the benchmark measures something that failed: {result.score}")
    return Round(own, marking, whole)


def _own(chapter: Chapter, submission: Submission) -> dict[str, Cost]:
    """Return what the student's code computes, by check."""
    costs: dict[str, Cost] = {}
    meter = Meter()
    task = Task(
        chapter=chapter,
        program=marking_program(chapter, submission.files),
        open_session=meter.session,
        seeds=Seeds(PUBLIC_SECRET, submission.content_hash),
        on_start=lambda *_: meter.reset(),
        on_outcome=lambda outcome: costs.update({outcome.id: Cost(meter.wall, meter.cpu)}),
    )
    run_suite(task)
    return costs


class Meter:
    """Sessions in this process that count the time spent in the student's code."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def reset(self) -> None:
        """Begin anew."""
        self.wall = self.cpu = 0.0

    def session(self) -> LocalSession:
        """Return a session whose server is metered."""
        session = LocalSession()
        server = session._server
        for name in _OPERATIONS:
            setattr(server, f"_do_{name}", self._counted(getattr(server, f"_do_{name}"), 1))
        server._ask = self._counted(server._ask, -1)  # type: ignore[method-assign]
        return session

    def _counted(self, function: Callable, sign: int) -> Callable:
        """Count the time of a function; that of a callback into the suite is taken off again."""

        def counted(*args: Any) -> Any:
            wall, cpu = time.perf_counter(), time.process_time()
            try:
                return function(*args)
            finally:
                self.wall += sign * (time.perf_counter() - wall)
                self.cpu += sign * (time.process_time() - cpu)

        return counted


def _row(name: str, own: float, marking: float) -> str:
    return f"  {name:46} {1e3 * own:6.0f} {1e3 * marking:11.0f} {100 * (marking / own - 1):7.0f} %"
