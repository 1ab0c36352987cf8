"""`dlfs grade`: mark hand-ins in the sandbox."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.project import Project

if TYPE_CHECKING:
    from autograder.grading.result import Result
    from autograder.manifest import Chapter

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

    if args.jobs < 1:
        raise UsageError("--jobs must be at least 1")
    chapter = load_chapter(project, args.chapter)
    results, problems = _hand_ins(args, project, chapter) if args.paths else _course(args, chapter)
    return _finish(results, problems, args.json)


def _hand_ins(
    args: argparse.Namespace, project: Project, chapter: Chapter
) -> tuple[list[Result], list[str]]:
    """Mark what the command line names; the gradebook is not touched."""
    from autograder.grading.intake import find
    from autograder.grading.run_all import grade_all
    from autograder.grading.store import Store

    results = grade_all(
        [found for path in args.paths for found in find(path, chapter)],
        chapter,
        Store(args.course or project.course),
        jobs=args.jobs,
        unsafe=args.unsafe,
        on_result=lambda _, result, fresh: _say(result, fresh),
    )
    return results, []


def _course(args: argparse.Namespace, chapter: Chapter) -> tuple[list[Result], list[str]]:
    """Mark what the course has collected, and write the gradebook."""
    from autograder.classroom.course import open_course
    from autograder.classroom.marking import grade_collected

    results, marked = grade_collected(
        open_course(chapter.project, args.course),
        chapter,
        jobs=args.jobs,
        unsafe=args.unsafe,
        on_result=_say,
    )
    failed = [one for one in marked if one.problem]
    problems = [f"{one.student}: not in the gradebook: {one.problem}" for one in failed]
    odd = [f"{one.student}: {sentence}" for one in marked for sentence in one.odd]
    print("\n".join(odd), end="\n" if odd else "")
    return results, problems


def _say(result: Result, fresh: bool) -> None:
    from autograder.reports.marks import notes_lines, result_line

    print("\n".join([result_line(result, fresh=fresh), *notes_lines(result)]), flush=True)


def _finish(results: list[Result], problems: list[str], out: Path | None) -> int:
    from autograder.files import write_atomically
    from autograder.grading.result import GRADED, dump
    from autograder.reports.marks import summary_lines

    if out is not None:
        write_atomically(out, dump(results))
    print("\n".join([*problems, *summary_lines(results)]))
    unmarked = any(result.status != GRADED for result in results)
    return 1 if problems or unmarked else 0
