"""`dlfs grade`: mark hand-ins in the sandbox."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.interrupts import heard
from autograder.project import Project
from autograder.verbs._course import course_folder

if TYPE_CHECKING:
    from autograder.grading.result import Result
    from autograder.manifest import Chapter
    from autograder.reports.screen import Screen

HELP = "mark hand-ins in the sandbox: files, folders, or what the course has collected"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="a .py file, a hand-in, or a folder of them",
    )
    parser.add_argument(
        "--chapter", metavar="CH", required=True, help="for example ch03_activations"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all Results to this file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="marked side by side")
    parser.add_argument(
        "--unsafe", action="store_true", help='mark without isolation; Results say "not isolated"'
    )
    parser.add_argument("--course", type=Path, help="course folder (default: grading/)")


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.manifest import load_chapter
    from autograder.reports.screen import Screen

    if args.jobs < 1:
        raise UsageError("--jobs must be at least 1")
    chapter, screen = load_chapter(project, args.chapter), Screen()
    mark = _hand_ins if args.paths else _course
    try:
        with heard():
            results, problems = mark(args, chapter, screen)
            screen.clear()
            print("".join(f"{line}\n" for line in screen.before()), end="")
            return _finish(results, problems, args.json)
    except KeyboardInterrupt:
        print(screen.stopped(), file=sys.stderr)
        return 130
    finally:
        screen.clear()


def _hand_ins(
    args: argparse.Namespace, chapter: Chapter, screen: Screen
) -> tuple[Sequence[Result], list[str]]:
    """Mark what the command line names; the gradebook is not touched."""
    from autograder.grading.intake import locate
    from autograder.grading.run_all import grade_all
    from autograder.grading.store import Store

    places = [place for path in args.paths for place in locate(path, chapter)]
    screen.marking(len(places), chapter.name, args.jobs)
    results = grade_all(
        (read() for read in places),
        chapter,
        Store(course_folder(args.course, chapter.project)),
        jobs=args.jobs,
        unsafe=args.unsafe,
        on_result=lambda _, result, fresh: screen.result(result, fresh),
    )
    return results, []


def _course(
    args: argparse.Namespace, chapter: Chapter, screen: Screen
) -> tuple[Sequence[Result], list[str]]:
    """Mark what the course has collected, and write the gradebook."""
    from autograder.classroom import lateness
    from autograder.classroom.course import open_course
    from autograder.classroom.marking import grade_collected

    course = open_course(chapter.project, args.course)
    late = {
        student: one.sentence for student, one in lateness.of_class(course, chapter.name).items()
    }
    results, marked = grade_collected(
        course,
        chapter,
        jobs=args.jobs,
        unsafe=args.unsafe,
        on_begin=lambda total: screen.marking(total, chapter.name, args.jobs),
        on_result=lambda result, fresh: screen.result(result, fresh, late.get(result.student, "")),
        on_booking=screen.booking,
        on_booked=lambda _: screen.booked(),
    )
    screen.clear()
    failed = [one for one in marked if one.problem]
    problems = [f"{one.student}: not in the gradebook: {one.problem}" for one in failed]
    odd = [f"{one.student}: {sentence}" for one in marked for sentence in one.odd]
    print("\n".join(odd), end="\n" if odd else "")
    return results, problems


def _finish(results: Sequence[Result], problems: list[str], out: Path | None) -> int:
    from autograder.grading.result import write
    from autograder.reports.marks import Summary

    summary = Summary()
    if out is not None:
        write(results, out)
    for result in results:
        summary.add(result)
    print("\n".join([*problems, *summary.lines()]))
    return 1 if problems or summary.failed else 0
