"""What an instructor sees of a marking run: a line per hand-in, how far it is, where it stopped."""

from __future__ import annotations

import sys

from autograder.grading.result import GRADED, Result
from autograder.reports.marks import notes_lines, result_line
from autograder.reports.progress import Progress

MANY = 50  # hand-ins: of so many, those that were marked before are only counted


class Screen:
    """Follows one run of `dlfs grade`, which marks first and then may write the gradebook."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._kept = self._before = self._total = self._booked = self._to_book = 0

    def marking(self, total: int, chapter: str, jobs: int) -> None:
        """Marking begins."""
        self._total = total
        side = f", {min(jobs, total)} side by side" if min(jobs, total) > 1 else ""
        if total > 1:
            print(f"{total} hand-ins of {chapter}{side}", file=sys.stderr, flush=True)
        self._progress = Progress(total, "marked")

    def result(self, result: Result, fresh: bool, late: str = "") -> None:
        """A hand-in has its Result; `late` says so if it came too late."""
        assert self._progress is not None
        self._kept += result.status == GRADED
        self._before += not fresh
        if fresh or self._total <= MANY:
            line = f"{result_line(result, fresh=fresh)}  {late}".rstrip()
            self._progress.say("\n".join([line, *notes_lines(result)]))
        self._progress.step(fresh=fresh)

    def before(self) -> list[str]:
        """Say how many had been marked before, where they are too many to be listed again."""
        if self._total <= MANY or not self._before:
            return []
        return [f"{self._before} of {self._total} as before, not listed again"]

    def booking(self, total: int) -> None:
        """The gradebook is to be written."""
        self.clear()
        self._to_book = total
        self._progress = Progress(total, "in the gradebook")

    def booked(self) -> None:
        """One more is in the gradebook."""
        assert self._progress is not None
        self._booked += 1
        self._progress.step()

    def clear(self) -> None:
        """Leave the terminal to others."""
        if self._progress is not None:
            self._progress.clear()

    def stopped(self) -> str:
        """Say, after Ctrl-C, what was kept and how to go on."""
        self.clear()
        if not self._total:
            return "interrupted before anything was marked"
        kept = f"{self._kept} of {self._total} are marked and kept"
        if self._to_book:
            kept += f", {self._booked} of {self._to_book} were written into the gradebook"
        return f"interrupted: {kept}; the same command goes on from there"
