"""Does every student of the sample class have the mark that the submission deserves?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.gradebook import Marks
from autograder.demo.sample import FULL, NONE, SOME, Deserved, Sample
from autograder.grading.result import GRADED, ExerciseResult, Result, text_of
from autograder.manifest import Chapter
from autograder.mistakes.statistics import Count

LATE_FRACTION = 0.1  # what a day costs in the sample class

_CLOSE = 1e-6
_SECRET = Path("/etc/passwd")  # what one of the sample class tries to read


@dataclass(frozen=True)
class Verdict:
    """One submission: the mark in the book, and a sentence for each thing that is wrong with it."""

    student: str
    chapter: str
    score: float | None
    wrong: tuple[str, ...]


def judge(sample: Sample, chapter: Chapter, result: Result | None, marks: Marks | None) -> Verdict:
    """Compare the marks of one submission, in the Result and in nbgrader's gradebook."""
    if result is None or marks is None:
        where = "result" if result is None else "line in the gradebook"
        return Verdict(sample.id, chapter.name, None, (f"there is no {where}",))
    if result.status != GRADED:
        return Verdict(sample.id, chapter.name, None, ("; ".join(result.notes),))
    wrong = []
    for name, deserved in sample.deserves(chapter).items():
        exercise = result.exercise(name)
        wrong += _compare(exercise, deserved)
        booked = marks.scores.get(name)
        if booked is None or not abs(booked - exercise.score) <= _CLOSE:
            wrong.append(f"{name}: the gradebook holds {booked}, the result {exercise.score:g}")
    wrong += _compare_total(sample, chapter, result, marks)
    if _holds_secret(result):
        wrong.append(f"the result holds a line of {_SECRET}")
    return Verdict(sample.id, chapter.name, marks.total, tuple(wrong))


def unsaid(students: Iterable[Sample], chapter: Chapter, odd: Iterable[str]) -> list[str]:
    """Return a sentence for each oddity that was not said, and for each that was made up."""
    sentences = list(odd)
    problems = []
    for sample in students:
        about = [sentence for sentence in sentences if sentence.startswith(f"{sample.id}: ")]
        if sample.odd is None:
            problems += [f"{chapter.name}: nothing is odd, yet it says: {one}" for one in about]
        elif [one for one in about if sample.odd in one] != about or len(about) != 1:
            problems.append(f"{chapter.name}: {len(about)} lines on {sample.id}'s {sample.odd}")
    return problems


def unnamed(counts: list[Count], students: Iterable[Sample], chapters: list[Chapter]) -> list[str]:
    """Return a sentence for each slip that was not named, and for each that nobody made."""
    named = {(each.chapter, each.exercise) for each in counts}
    made = {
        (chapter.name, exercise)
        for sample in students
        for chapter in chapters
        for exercise, deserved in sample.deserves(chapter).items()
        if deserved.points == SOME
    }
    missed = [f"{chapter}: the mistake in {name} was not named" for chapter, name in made - named]
    false = [f"{chapter}: a mistake in {name} that nobody made" for chapter, name in named - made]
    return sorted(missed + false)


def _compare(exercise: ExerciseResult, deserved: Deserved) -> list[str]:
    said = f"{exercise.name}: {exercise.score:g} of {exercise.max_score:g}, {exercise.status}"
    right = {
        FULL: exercise.score == exercise.max_score,
        NONE: exercise.score == 0,
    }.get(deserved.points, 0 <= exercise.score < exercise.max_score)
    if right and exercise.status in deserved.states:
        return []
    return [f"{said}; deserves {deserved.points}, {' or '.join(deserved.states)}"]


def _compare_total(sample: Sample, chapter: Chapter, result: Result, marks: Marks) -> list[str]:
    total = sum(exercise.score for exercise in result.exercises)
    by_hand = sample.by_hand.get(chapter.name, {})
    wrong = [
        f"{question}: the gradebook holds {marks.scores.get(question)}, by hand {points:g}"
        for question, points in by_hand.items()
        if marks.scores.get(question) != points
    ]
    penalty = LATE_FRACTION * total if sample.late else 0.0
    due = total + sum(by_hand.values()) - penalty
    if not abs(total - result.score) <= _CLOSE or not abs(marks.total - due) <= _CLOSE:
        wrong.append(
            f"exercises add up to {total:g}, result {result.score:g}, "
            f"book {marks.total:g} in the place of {due:g}"
        )
    return wrong


def _holds_secret(result: Result) -> bool:
    return _SECRET.read_text(encoding="utf-8").splitlines()[0] in text_of(result.to_json())
