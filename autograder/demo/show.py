"""What the demo prints: numbered steps, one line each with its time, and the table of marks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from autograder.demo.sample import CHAPTERS, CLASS
from autograder.demo.verdict import Verdict
from autograder.reports.marks import points

_WIDTH = 88


@dataclass
class Steps:
    """Prints each step with its number when it begins, what came of it, and its seconds."""

    number: int = 0
    begun: float = field(default_factory=time.perf_counter)

    @contextmanager
    def step(self, what: str) -> Iterator[list[str]]:
        """Print a step; the lines that the body puts into the list follow it, indented."""
        self.number += 1
        start = time.perf_counter()
        head = f"{self.number:>3}  {what}"
        # The command is on the screen while it works; nothing is redrawn.
        print(head, end="", flush=True)
        lines: list[str] = []
        try:
            yield lines
        finally:
            seconds = f"{time.perf_counter() - start:.1f} s"
            print(seconds.rjust(max(2 + len(seconds), _WIDTH - len(head))))
            for line in lines:
                say(line)

    @property
    def seconds(self) -> float:
        """The time since the first step was made ready."""
        return time.perf_counter() - self.begun


def say(line: str) -> None:
    """Print one line that belongs to a step."""
    print(f"       {line}", flush=True)


def table(verdicts: list[Verdict]) -> list[str]:
    """Return the marks, one line per student."""
    scores = {(verdict.student, verdict.chapter): verdict.score for verdict in verdicts}
    lines = [f"  {'student':<8} {'handed in':<30}" + "".join(f"{name:>18}" for name in CHAPTERS)]
    for sample in CLASS:
        cells = [_cell(scores.get((sample.id, chapter))) for chapter in CHAPTERS]
        lines.append(f"  {sample.id:<8} {sample.about:<30}" + "".join(f"{c:>18}" for c in cells))
    return lines


def _cell(score: float | None) -> str:
    return "not marked" if score is None else points(score)
