"""Lateness in one course: collected hand-ins, due dates and policy brought into the gradebook."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from autograder.classroom import late
from autograder.classroom.arrival import read_stamp
from autograder.classroom.course import Course
from autograder.classroom.late import HandIn, Lateness


def of_student(course: Course, student: str) -> dict[str, Lateness]:
    """Return how late a student's collected hand-ins are, by chapter with a due date."""
    hand_ins = []
    for chapter, planned in course.dates.due.items():
        arrived = read_stamp(course.submitted(student, chapter))
        due = course.dates.due_for(chapter, student)
        if arrived and due:
            hand_ins.append(HandIn(chapter, arrived, due, planned))
    return late.latenesses(hand_ins, course.dates.policy, course.dates.zone)


def of_class(course: Course, chapter: str) -> dict[str, Lateness]:
    """Return how late the collected hand-ins of a chapter are, by student."""
    students = course.students_who_submitted(chapter)
    found = {student: of_student(course, student).get(chapter) for student in students}
    return {student: lateness for student, lateness in found.items() if lateness}


def explained(course: Course, chapter: str, student: str) -> str:
    """Say to a student when the hand-in came, when it was due and what follows; "" if undated."""
    lateness = of_student(course, student).get(chapter)
    arrived = read_stamp(course.submitted(student, chapter))
    due = course.dates.due_for(chapter, student)
    if not (lateness and arrived and due):
        return ""
    extended = ", extended for you" if due != course.dates.due[chapter] else ""
    said = lateness.sentence or "in time"
    return (
        f"Handed in {course.dates.shown(arrived)}, due {course.dates.shown(due)}{extended}: {said}."
    )


def bring_dates(book: Any, course: Course) -> None:
    """Set the due dates in nbgrader's gradebook; where course.toml has none, there is none."""
    for assignment in book.assignments:
        due = course.dates.due.get(assignment.name)
        assignment.duedate = _naive(due) if due else None


def bring_hand_in(book: Any, course: Course, chapter: str, student: str) -> None:
    """Set one hand-in's time and extension in nbgrader's gradebook."""
    submission = book.find_submission(chapter, student)
    arrived = read_stamp(course.submitted(student, chapter))
    due, planned = course.dates.due_for(chapter, student), course.dates.due.get(chapter)
    submission.timestamp = _naive(arrived) if arrived else None
    submission.extension = due - planned if due and planned and due != planned else None


def refresh(book: Any, course: Course) -> None:
    """Bring every date and penalty in the gradebook up to date.

    Points given by hand change a penalty, and so does another chapter's hand-in where grace days
    are spent; nbgrader works a penalty out only when it marks.
    """
    bring_dates(book, course)
    known = {student.id: of_student(course, student.id) for student in book.students}
    for assignment in book.assignments:
        for submission in assignment.submissions:
            student = submission.student.id
            bring_hand_in(book, course, assignment.name, student)
            lateness = known[student].get(assignment.name)
            for notebook in submission.notebooks:
                cut = lateness.penalty(notebook.score or 0.0) if lateness else 0.0
                notebook.late_submission_penalty = cut or None
    book.db.commit()


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)  # nbgrader keeps UTC without saying so
