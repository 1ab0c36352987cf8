"""The summary of a marking run for the terminal."""

from __future__ import annotations

from autograder.grading.result import GRADED, Result

_FEW = 4  # names that a line has room for
_WORDS = {"not_started": "not started", "timeout": "out of time"}


def status_word(status: str) -> str:
    """Return a state as it is written for people."""
    return _WORDS.get(status, status)


def result_line(result: Result, *, fresh: bool = True, width: int = 20) -> str:
    """Return one line for one submission: who, how much, what stands out."""
    if result.status != GRADED:
        return f"{result.student:<{width}}  grader error: {' '.join(result.notes)}"
    kept = "" if fresh else "  (as before)"
    return f"{result.student:<{width}} {points(result.score):>6} of 100  {_remark(result)}{kept}"


def _remark(result: Result) -> str:
    """Say how the exercises stand, those of one state together: names of a few, else how many."""
    names: dict[str, list[str]] = {}
    for exercise in result.exercises:
        names.setdefault(exercise.status, []).append(exercise.name)
    if len(names) == 1:
        return f"all {status_word(next(iter(names)))}"
    names.pop("passed", None)
    return "; ".join(f"{_some(each)} {status_word(status)}" for status, each in names.items())


def _some(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= _FEW else f"{len(names)} exercises"


def points(value: float) -> str:
    """Write points without needless decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def notes_lines(result: Result) -> list[str]:
    """Return what was odd about a hand-in, one line each."""
    if result.status != GRADED:
        return []
    return [f"  {result.student}: {note}" for note in result.notes]


class Summary:
    """The closing lines: how many were marked, the mean, the isolation in force."""

    def __init__(self) -> None:
        self.graded = self.failed = 0
        self._sum = 0.0
        self._isolation: tuple[str, ...] = ()

    def add(self, result: Result) -> None:
        """Count one more Result."""
        if result.status != GRADED:
            self.failed += 1
            return
        self.graded += 1
        self._sum += result.score
        self._isolation = self._isolation or result.isolation

    def lines(self) -> list[str]:
        """Return the lines."""
        lines = []
        if self.graded:
            mean = self._sum / self.graded
            lines.append(f"{self.graded} marked, mean {points(mean)} of 100")
            lines.append(f"isolation: {', '.join(self._isolation) or 'none'}")
        if self.failed:
            lines.append(
                f"{self.failed} could not be marked: see `grader error` above, then run again"
            )
        return lines
