"""Does every student of the sample class have the mark that the submission deserves?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.classroom.gradebook import Marks
from autograder.demo.sample import FULL, NONE, SOME, Deserved, Sample
from autograder.grading.result import GRADED, ExerciseResult, Result
from autograder.manifest import Chapter
from autograder.mistakes.statistics import Count

_CLOSE = 1e-6


@dataclass(frozen=True)
class Verdict:
    """One submission: its score, and one sentence for each thing that is not as it should be."""

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
    total = sum(exercise.score for exercise in result.exercises)
    if not abs(total - result.score) <= _CLOSE or not abs(marks.total - total) <= _CLOSE:
        wrong.append(
            f"exercises add up to {total:g}, result {result.score:g}, book {marks.total:g}"
        )
    return Verdict(sample.id, chapter.name, result.score, tuple(wrong))


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
