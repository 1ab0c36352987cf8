"""nbgrader's gradebook: the roster into it, scores confirmed and withdrawn, marks out of it."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from typing import Any

from autograder.classroom import lateness
from autograder.classroom.api import opened
from autograder.classroom.course import Course
from autograder.errors import UserError

_CLOSE = 1e-9
_LATE = "late"


@dataclass(frozen=True)
class Marks:
    """One student's marks in one chapter; None is what has not been marked yet.

    `penalty` is None in a chapter without a due date.
    """

    student: str
    last_name: str
    first_name: str
    scores: dict[str, float | None] = field(default_factory=dict)
    penalty: float | None = None

    @property
    def total(self) -> float:
        """Return the sum of what has been marked, less the penalty for lateness."""
        return max(0.0, sum(score or 0.0 for score in self.scores.values()) - (self.penalty or 0.0))


def enrol(api: Any, course: Course) -> None:
    """Bring the gradebook up to date with the course: students and due dates."""
    with api.gradebook as book:
        lateness.bring_dates(book, course)
        book.db.commit()
        for student in course.roster:
            book.update_or_create_student(
                student.id,
                first_name=student.first_name,
                last_name=student.last_name,
                email=student.email,
            )


def grades_of(book: Any, chapter: str, student: str) -> list[Any]:
    """Return the gradebook's entries for every cell of a hand-in; none where there is none."""
    from nbgrader.api import MissingEntry

    try:
        submission = book.find_submission(chapter, student)
    except MissingEntry:
        return []
    return [grade for notebook in submission.notebooks for grade in notebook.grades]


def confirm(
    api: Any, chapter: str, student: str, exercises: dict[str, dict[str, Any]]
) -> tuple[float, float]:
    """Return score and points that the gradebook holds for the exercises.

    Raises UserError unless every one of them is exactly what marking gave: whatever nbgrader makes
    of a cell that it cannot read, it does not get past here.
    """
    with api.gradebook as book:
        grades = {grade.name: grade.auto_score for grade in _auto_grades(book, chapter, student)}
    wanted = {name: float(exercise["score"]) for name, exercise in exercises.items()}
    for name in sorted(grades.keys() | wanted.keys()):
        got, want = grades.get(name), wanted.get(name)
        if got is None or want is None or not abs(got - want) <= _CLOSE:
            raise UserError(f"the gradebook holds {got} for {name} where marking gave {want}")
    return sum(wanted.values()), sum(float(e["max_score"]) for e in exercises.values())


def withdraw(api: Any, chapter: str, student: str) -> None:
    """Take back the scores of a hand-in that could not be marked; it needs a person now."""
    with api.gradebook as book:
        for grade in _auto_grades(book, chapter, student):
            grade.auto_score = None
            grade.needs_manual_grade = True
        book.db.commit()


def mark_by_hand(course: Course, chapter: str, student: str, question: str, points: float) -> None:
    """Give points for a written answer, as the formgrader does."""
    with opened(course) as api, api.gradebook as book:
        for notebook in book.find_submission(chapter, student).notebooks:
            for grade in notebook.grades:
                if grade.name == question:
                    grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def read_marks(course: Course, *, verbose: bool = False) -> dict[str, list[Marks]]:
    """Return the marks by chapter, in the order of the course and the alphabet.

    Every student of the gradebook is listed in every chapter; without a hand-in all is None.
    Penalties are worked out again first, from the scores as they are now.
    """
    if not course.gradebook.exists():
        raise UserError(f"{course.root} has no gradebook yet: release a chapter first")
    with opened(course, verbose) as api, api.gradebook as book:
        lateness.refresh(book, course)
        names = sorted(assignment.name for assignment in book.assignments)
        students = sorted(book.students, key=lambda student: student.id)
        due = course.dates.due
        return {
            name: [_marks(book, name, student, dated=name in due) for student in students]
            for name in names
        }


def waiting(course: Course, chapter: str) -> list[str]:
    """Return the students with an answer that somebody should mark by hand or look at again."""
    with opened(course) as api, api.gradebook as book:
        submissions = book.assignment_submissions(chapter)
        return sorted(each.student.id for each in submissions if each.needs_manual_grade)


def csv_text(marks: dict[str, list[Marks]]) -> str:
    """Return one line per student: each exercise and question, each chapter's total, the total.

    A chapter with a due date has the column "late": the points that lateness took off the total.
    """
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    columns = {chapter: _columns(rows) for chapter, rows in marks.items()}
    header = ["student", "last_name", "first_name"]
    for chapter, names in columns.items():
        header += [f"{chapter}.{name}" for name in (*names, "total")]
    writer.writerow([*header, "total"])
    for lines in zip(*marks.values(), strict=True):
        row = [lines[0].student, lines[0].last_name, lines[0].first_name]
        for line, names in zip(lines, columns.values(), strict=True):
            values = {**line.scores, _LATE: line.penalty}
            row += [*(_number(values[name]) for name in names), _number(line.total)]
        writer.writerow([*row, _number(sum(line.total for line in lines))])
    return output.getvalue()


def _columns(rows: list[Marks]) -> list[str]:
    names = list(rows[0].scores) if rows else []
    return [*names, _LATE] if any(row.penalty is not None for row in rows) else names


def _auto_grades(book: Any, chapter: str, student: str) -> list[Any]:
    return [grade for grade in grades_of(book, chapter, student) if grade.cell_type == "code"]


def _marks(book: Any, chapter: str, student: Any, *, dated: bool) -> Marks:
    from nbgrader.api import MissingEntry

    assignment = book.find_assignment(chapter)
    cells = [cell for notebook in assignment.notebooks for cell in notebook.grade_cells]
    scores: dict[str, float | None] = {cell.name: None for cell in cells}
    penalty: float | None = None
    try:
        submission = book.find_submission(chapter, student.id)
    except MissingEntry:
        submission = None
    if submission:
        penalty = float(submission.late_submission_penalty or 0.0) if dated else None
        for notebook in submission.notebooks:
            scores |= {grade.name: _score(grade) for grade in notebook.grades}
    return Marks(student.id, student.last_name or "", student.first_name or "", scores, penalty)


def _score(grade: Any) -> float | None:
    if grade.manual_score is None and grade.auto_score is None:
        return None
    score = float(grade.score)
    return score if math.isfinite(score) else None


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 4):g}"
