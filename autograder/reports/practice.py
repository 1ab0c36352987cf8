"""Where a learner stands: one line per exercise, the first failure in full, the next step."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.engine import practice
from autograder.engine.outcome import CheckOutcome, exercise_status
from autograder.manifest import Chapter, Exercise
from autograder.reports.failure import failure_text
from autograder.reports.marks import status_word

_NOTEWORTHY = ("timeout", "crashed", "failed")


@dataclass(frozen=True)
class ChapterReport:
    """What one chapter's run found; `more` is the number of checks that run at grading only."""

    chapter: Chapter
    outcomes: list[CheckOutcome]
    more: int
    folder: str  # where the learner's file lies, as they would type it

    def of(self, exercise: Exercise) -> list[CheckOutcome]:
        return [outcome for outcome in self.outcomes if outcome.exercise == exercise.name]

    @property
    def first_failure(self) -> CheckOutcome | None:
        """The first check, in course order, that was begun and is not right."""
        return next((found for found in self.outcomes if found.status in _NOTEWORTHY), None)

    @property
    def first_open(self) -> CheckOutcome | None:
        """The first check that has not passed."""
        return next((found for found in self.outcomes if found.status != "passed"), None)


def practise(
    chapter: Chapter,
    exercise: str | None = None,
    *,
    hidden: bool = False,
    folder: Path | None = None,
    start_child: practice.StartChild | None = None,
) -> ChapterReport:
    """Run a learner's checks, of one exercise or of all, and report on them."""
    wanted = [exercise] if exercise else None
    found = practice.run(
        chapter, exercises=wanted, hidden=hidden, folder=folder, start_child=start_child
    )
    return ChapterReport(
        chapter, found.outcomes, found.more, _typed(folder or chapter.assignment_dir)
    )


def table_lines(report: ChapterReport) -> list[str]:
    """Return the chapter's heading and one line per exercise that was run."""
    lines = [f"{report.chapter.name}  {report.chapter.title}"]
    shown = [exercise for exercise in report.chapter.exercises if report.of(exercise)]
    width = max((len(exercise.name) for exercise in shown), default=0)
    for exercise in shown:
        lines.append(f"  {exercise.name:<{width}}  {_state(report.of(exercise))}")
    return lines


def failure_lines(report: ChapterReport, again: str = "") -> list[str]:
    """Return the first failure in full, with the exercise it belongs to and how to run it again."""
    outcome = report.first_failure
    if outcome is None:
        return []
    again = again or f"make test CH={report.chapter.name} EX={outcome.exercise}"
    heading = f"{outcome.exercise}: {outcome.title or outcome.id}"
    return [heading, failure_text(outcome, again)]


def next_line(reports: list[ChapterReport]) -> str:
    """Return the next step: mend the first failure, else write the first exercise that is open."""
    for report in reports:
        failure = report.first_failure
        if failure is not None:
            return f"next: mend {failure.exercise} in {_where(report, failure)}"
    for report in reports:
        if report.first_open is not None:
            return _open_step(report, report.first_open)
    return "next: nothing is left to do here"


def count_line(reports: list[ChapterReport], *, hidden: bool) -> str:
    """Return how many checks pass, and that public checks are not all there is."""
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    passed = sum(outcome.status == "passed" for outcome in outcomes)
    if hidden:
        return f"{passed} of {len(outcomes)} checks pass, hidden ones included"
    more = sum(report.more for report in reports)
    return f"{passed} of {len(outcomes)} public checks pass; {more} more run at grading"


def exercise_lines(report: ChapterReport) -> list[str]:
    """Return the report on a single exercise, as a notebook shows it."""
    failure = failure_lines(report, again="save the file and run this cell again")
    return [*table_lines(report)[1:], *failure, count_line([report], hidden=False)]


def _state(outcomes: list[CheckOutcome]) -> str:
    status = exercise_status(outcomes)
    passed = sum(outcome.status == "passed" for outcome in outcomes)
    word = status_word(status)
    if status == "waiting":
        reason = next(outcome.message for outcome in outcomes if outcome.status == "waiting")
        return f"{word:<12} {passed} of {len(outcomes)}  {reason}"
    if status == "not_started" and passed == 0:
        return word
    return f"{word:<12} {passed} of {len(outcomes)}"


def _open_step(report: ChapterReport, outcome: CheckOutcome) -> str:
    if outcome.status == "waiting":
        return f"next: {outcome.exercise} {outcome.message}"
    return f"next: write {outcome.exercise} in {_where(report, outcome)}"


def _where(report: ChapterReport, outcome: CheckOutcome) -> str:
    place = outcome.place or report.chapter.file
    return f"{report.folder}/{place}"


def _typed(folder: Path) -> str:
    """Return a folder as the learner would type it from where they are."""
    try:
        return os.path.relpath(folder, Path.cwd())
    except ValueError:  # another drive
        return str(folder)
