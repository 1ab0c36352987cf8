"""The summary of a marking run for the terminal."""

from __future__ import annotations

from autograder.grading.result import GRADED, Result

_WORDS = {"not_started": "not started", "timeout": "out of time"}


def status_word(status: str) -> str:
    """Return a state as it is written for people."""
    return _WORDS.get(status, status)


def result_line(result: Result, *, fresh: bool = True, width: int = 20) -> str:
    """Return one line for one submission: who, how much, what stands out."""
    if result.status != GRADED:
        return f"{result.student:<{width}}  grader error: {' '.join(result.notes)}"
    parts = [
        f"{exercise.name} {status_word(exercise.status)}"
        for exercise in result.exercises
        if exercise.status != "passed"
    ]
    if parts and len({exercise.status for exercise in result.exercises}) == 1:
        parts = [f"all {status_word(result.exercises[0].status)}"]
    remark = ", ".join(parts) if parts else "all passed"
    kept = "" if fresh else "  (as before)"
    return f"{result.student:<{width}} {points(result.score):>6} of 100  {remark}{kept}"


def points(value: float) -> str:
    """Write points without needless decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def notes_lines(result: Result) -> list[str]:
    """Return what was odd about a hand-in, one line each."""
    if result.status != GRADED:
        return []
    return [f"  {result.student}: {note}" for note in result.notes]


def summary_lines(results: list[Result]) -> list[str]:
    """Return the closing lines: how many were marked, the mean, the isolation in force."""
    graded = [result for result in results if result.status == GRADED]
    lines = []
    if graded:
        mean = sum(result.score for result in graded) / len(graded)
        lines.append(f"{len(graded)} marked, mean {points(mean)} of 100")
        lines.append(f"isolation: {', '.join(graded[0].isolation) or 'none'}")
    failed = len(results) - len(graded)
    if failed:
        lines.append(f"{failed} could not be marked: see `grader error` above, then run again")
    return lines
