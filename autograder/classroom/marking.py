"""Mark what the course has collected: in parallel in the sandbox, then into the gradebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.classroom.course import Course
from autograder.classroom.steps import Marked, autograde, collected, withdraw
from autograder.errors import UserError
from autograder.grading.intake import read
from autograder.grading.result import GRADED, Result
from autograder.grading.run_all import grade_all
from autograder.grading.store import Store
from autograder.manifest import Chapter


def grade_collected(
    course: Course,
    chapter: Chapter,
    *,
    jobs: int = 1,
    unsafe: bool = False,
    verbose: bool = False,
    on_begin: Callable[[int], None] = lambda _: None,
    on_result: Callable[[Result, bool], None] = lambda *_: None,
    on_booking: Callable[[int], None] = lambda _: None,
    on_booked: Callable[[Marked], None] = lambda _: None,
) -> tuple[Sequence[Result], list[Marked]]:
    """Return the Results of all collected hand-ins, and what the gradebook holds of each.

    `on_begin` is told how many there are, `on_result` of each Result as it comes and whether it was
    marked now; then `on_booking` how many go into the gradebook, and `on_booked` of each of these.
    """
    folders, failed = collected(course, chapter.name)
    if not folders and not failed:
        raise UserError(f"no hand-in of {chapter.name}: dlfs collect {chapter.name} brings them in")
    on_begin(len(folders))
    found = grade_all(
        (read(folder, chapter) for folder in folders.values()),
        chapter,
        Store(course.root),
        jobs=jobs,
        unsafe=unsafe,
        on_result=lambda _, result, fresh: on_result(result, fresh),
    )
    failed |= {r.student: "; ".join(r.notes) for r in found if r.status != GRADED}
    students = [student for student in folders if student not in failed]
    on_booking(len(students))
    marked = autograde(
        course, chapter.name, students, unsafe=unsafe, verbose=verbose, on_marked=on_booked
    )
    # A second attempt by nbgrader's step would only fail again; an old score must not stay, though.
    return found, marked + withdraw(course, chapter.name, failed)
