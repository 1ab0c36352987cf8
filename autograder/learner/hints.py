"""Hints: three rungs, each asked for; a diagnosis, where there is one, comes first."""

from __future__ import annotations

import textwrap

from autograder.errors import UsageError
from autograder.learner import state
from autograder.learner.standing import note_hint
from autograder.manifest import HINTS, Chapter, Exercise
from autograder.reports.failure import WIDTH
from autograder.reports.practice import ChapterReport

_RUNGS = ("what to look at", "the idea", "nearly the code")


def take(
    chapter: Chapter,
    exercise: Exercise,
    rung: int | None = None,
    report: ChapterReport | None = None,
) -> tuple[int, list[str]]:
    """Return the next hint that was not taken, or the one asked for, with its number; note it.

    report: what the checks found last; the diagnosis is taken from it.
    """
    taken = state.read(chapter.project).of(chapter.name, exercise.name).hints
    number = min(taken + 1, HINTS) if rung is None else rung
    if not 1 <= number <= HINTS:
        raise UsageError(f"there are hints 1 to {HINTS}, not {number}")
    note_hint(chapter, exercise.name, number)
    return number, [*diagnosis(report), *hint_lines(exercise, number)]


def hint_lines(exercise: Exercise, number: int) -> list[str]:
    """Return one rung, with where it stands on the ladder and what comes after it."""
    head = f"{exercise.name}, hint {number} of {HINTS}: {_RUNGS[number - 1]}"
    return [head, *wrapped(exercise.hints[number - 1])]


def after_line(chapter: Chapter, exercise: Exercise, number: int) -> str:
    """Return how to go on from a rung."""
    if number < HINTS:
        return f"more: make hint EX={exercise.name}"
    last = "that was the last hint"
    if not chapter.source_file.is_file():
        return last
    return f"{last}; the solution, at a price: dlfs compare {exercise.name} --anyway"


def diagnosis(report: ChapterReport | None) -> list[str]:
    """Return what is known to be wrong with the learner's code; nothing where nothing is."""
    found = report.first_failure if report else None
    return found.diagnosis.splitlines() if found else []


def wrapped(text: str, indent: str = "  ") -> list[str]:
    """Break a text into lines that fit a terminal."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
