"""`dlfs submit`: hand a chapter in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError, UserError
from autograder.project import Project
from autograder.verbs._course import course_arguments, student_folder

if TYPE_CHECKING:
    from autograder.classroom.course import Course
    from autograder.classroom.student import Receipt
    from autograder.manifest import Chapter

HELP = "hand a chapter in; the latest hand-in counts"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", nargs="?", metavar="CH", help="for example ch03_activations")
    student_folder(parser)
    parser.add_argument(
        "--student", metavar="ID", help="hand in under this id (where all use one account)"
    )
    parser.add_argument("--no-checks", action="store_true", help="do not run the public checks")
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    """Hand in, say what arrived, then what the public checks say; they never prevent it."""
    from autograder.classroom.student import identity, reachable_course, submit

    chapter = _chapter(args, project)
    course = reachable_course(project, args.course)
    identity(course, args.student)
    folder = args.dir or project.assignments
    receipt = submit(
        course, chapter, folder, args.student, unless_unchanged=True, verbose=args.verbose
    )
    print("\n".join(_lines(course, chapter, receipt)), flush=True)
    if not args.no_checks and not receipt.again:
        print("\n".join(_checks(chapter, folder / chapter.name)))
    return 0


def _chapter(args: argparse.Namespace, project: Project) -> Chapter:
    from autograder.learner.choose import at_hand
    from autograder.manifest import load_chapter

    if args.chapter:
        return load_chapter(project, args.chapter)
    here = at_hand(project, [])[0].name
    raise UsageError(f"say which chapter to hand in, for example make submit CH={here}")


def _lines(course: Course, chapter: Chapter, receipt: Receipt) -> list[str]:
    files = ", ".join(receipt.files)
    when = course.dates.shown(receipt.moment)
    if receipt.again:
        head = f"nothing has changed since {receipt.student} handed {chapter.name} in at {when}: "
        lines = [head + f"that hand-in stands ({files})"]
    else:
        lines = [f"{chapter.name} handed in by {receipt.student} at {when}: {files}"]
    lines.append(f"  hash {receipt.number[:12]}: its marks are filed under it")
    lines += [f"  {sentence}" for sentence in (*_due(course, chapter, receipt), *receipt.left_out)]
    lines += [
        f"  {name} is not among them: its answers will count nothing" for name in receipt.lacks
    ]
    return lines


def _due(course: Course, chapter: Chapter, receipt: Receipt) -> list[str]:
    from autograder.classroom.late import days_late

    due = course.dates.due_for(chapter.name, receipt.student)
    if due is None:
        return []
    days = days_late(receipt.moment, due, course.dates.zone)
    state = f"{days} day{'' if days == 1 else 's'} late" if days else "in time"
    return [f"due {course.dates.shown(due)}: {state}"]


def _checks(chapter: Chapter, folder: Path) -> list[str]:
    """Run the public checks in a child process and put what they found into words."""
    from autograder.learner.standing import practise_in
    from autograder.reports.practice import count_line, table_lines

    print("the public checks on it ...", file=sys.stderr, flush=True)
    try:
        report = practise_in(folder, chapter)
    except UserError as error:  # handed in all the same
        return [f"the public checks could not be run: {error}"]
    lines = [*table_lines(report)[1:], count_line([report], hidden=False)]
    if report.first_open is not None:
        again = f"make test CH={chapter.name} shows why"
        lines.append(f"it is handed in all the same; {again}, and the latest hand-in counts")
    return lines
