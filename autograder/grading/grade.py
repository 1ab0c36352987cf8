"""Mark one submission: pure, the same submission, grader version and secret give the same bytes."""

from __future__ import annotations

from dataclasses import replace

from autograder.engine.needs import settle_needs
from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.run import collect, run_suite
from autograder.engine.seeds import Seeds
from autograder.errors import UserError
from autograder.grading.intake import Submission
from autograder.grading.result import GRADED, GRADER_ERROR, Result
from autograder.grading.score import score, total
from autograder.grading.version import dataset_version, grader_version
from autograder.manifest import TOTAL, Chapter
from autograder.mistakes.diagnosis import explain
from autograder.reports.failure import failure_text
from autograder.sandbox import Program, Sandbox


def grade(
    submission: Submission, chapter: Chapter, *, sandbox: Sandbox, secret: bytes
) -> tuple[Result, dict[str, float]]:
    """Return the Result of a submission, and beside it the seconds that each check took.

    A check of what was not handed in is "not started". Infrastructure that fails raises, and so
    does a file that is there but cannot be read; neither is ever a zero.
    """
    if submission.unreadable:
        raise UserError(f"{'; '.join(submission.unreadable)}: mend that and run it again")
    task = Task(
        chapter=chapter,
        program=Program(chapter.module, {}),
        open_session=sandbox.session,
        seeds=Seeds(secret, submission.content_hash),
        explain=explain,
    )
    if chapter.file in submission.files:
        task.program = marking_program(chapter, submission.files)
        outcomes = settle_needs(chapter, run_suite(task))
    else:
        missing = f"{chapter.file} was not handed in"
        outcomes = [check.becomes("not_started", missing) for check in collect(task)]
    result = _result(submission, chapter, outcomes, tuple(sandbox.isolation))
    return result, {outcome.id: round(outcome.seconds, 4) for outcome in outcomes}


def grader_error(submission: Submission, chapter: Chapter, why: str) -> Result:
    """Return the Result of a submission that could not be marked: our failure, not a zero."""
    return _make(submission, chapter, status=GRADER_ERROR, notes=(why,))


def _result(
    submission: Submission,
    chapter: Chapter,
    outcomes: list[CheckOutcome],
    isolation: tuple[str, ...],
) -> Result:
    exercises = score(chapter, [_with_output(outcome) for outcome in outcomes])
    return _make(
        submission,
        chapter,
        status=GRADED,
        isolation=isolation,
        score=total(exercises),
        exercises=exercises,
        notes=submission.ignored,
    )


def _make(submission: Submission, chapter: Chapter, **fields: object) -> Result:
    values: dict[str, object] = {
        "chapter": chapter.name,
        "submission": submission.name,
        "student": submission.student,
        "content_hash": submission.content_hash,
        "grader_version": grader_version(chapter),
        "dataset": dataset_version(chapter),
        "isolation": (),
        "score": 0.0,
        "max_score": float(TOTAL),
        "exercises": (),
    }
    return Result(**{**values, **fields})  # type: ignore[arg-type]


def _with_output(outcome: CheckOutcome) -> CheckOutcome:
    """Join place and printed output to the message: the Result keeps one text per check."""
    return replace(outcome, message=failure_text(outcome))
