"""`dlfs diff`: whose marks move between two markings."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.project import Project
from autograder.verbs._course import course_folder

if TYPE_CHECKING:
    from autograder.reports.history import Results

HELP = "list whose marks move between two markings, by how much, by which check"


def arguments(parser: argparse.ArgumentParser) -> None:
    about = "a file from `dlfs grade --json`, a folder of results, or a grader's version"
    parser.add_argument("old", nargs="?", metavar="OLD", help=about)
    parser.add_argument("new", nargs="?", metavar="NEW", help="likewise")
    parser.add_argument(
        "--chapter",
        metavar="CH",
        help="a chapter of the course; without OLD and NEW its last two graders are compared",
    )
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="the course (default: $DLFS_COURSE or grading/)"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the moves to this file")
    parser.add_argument(
        "--exit-code", action="store_true", help="exit with status 1 when marks move"
    )


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.files import write_atomically
    from autograder.reports.difference import compare, csv_text, lines

    old, new = _markings(args, project)
    difference = compare(old, new)
    print("\n".join([_title(old, new), *lines(difference)]))
    if args.csv is not None:
        write_atomically(args.csv, csv_text(difference))
    return 1 if args.exit_code and difference.moved else 0


def _markings(args: argparse.Namespace, project: Project) -> tuple[Results, Results]:
    from autograder.reports.history import last_two, of_version

    if args.old is not None and args.new is None:
        raise UsageError(f"name what {args.old} is to be compared with: dlfs diff OLD NEW")
    folder = _folder(args, project) if args.chapter else None
    if args.old is None:
        if folder is None:
            raise UsageError("say what to compare: dlfs diff --chapter CH, or dlfs diff OLD NEW")
        before, after = last_two(folder)
        new = of_version(folder, after)
        return of_version(folder, before, new), new
    new = _named(args.new, folder)
    return _named(args.old, folder, new), new


def _folder(args: argparse.Namespace, project: Project) -> Path:
    from autograder.grading.store import Store
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    return Store(course_folder(args.course, project)).results(chapter)


def _named(name: str, folder: Path | None, like: Results | None = None) -> Results:
    from autograder.mistakes.statistics import load_results
    from autograder.reports.history import by_student, of_version

    if Path(name).exists():
        return by_student(load_results([Path(name)]))
    if folder is None:
        raise UsageError(f"{name} does not exist; a grader's version needs --chapter CH as well")
    return of_version(folder, name, like)


def _title(old: Results, new: Results) -> str:
    chapters = ", ".join(dict.fromkeys(chapter for chapter, _ in new)) or "nothing"
    graders = [
        ", ".join(sorted({result.grader_version for result in results.values()})) or "nothing"
        for results in (old, new)
    ]
    return f"{chapters}: {graders[0]} -> {graders[1]}"
