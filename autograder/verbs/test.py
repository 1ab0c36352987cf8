"""`dlfs test`: a learner's own files against the checks."""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.project import Project

if TYPE_CHECKING:
    from autograder.manifest import Chapter
    from autograder.reports.practice import ChapterReport

HELP = "where do I stand: run the checks on your own files"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "chapter", nargs="?", metavar="CH", help="a chapter; without it, all of them"
    )
    parser.add_argument("exercise", nargs="?", metavar="EX", help="one exercise of it")
    parser.add_argument(
        "--all", action="store_true", help="the hidden checks too, where they are present"
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 unless everything passed"
    )


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.reports.practice import count_line, failure_lines, next_line, table_lines

    chapters, exercise = _chosen(project, args.chapter, args.exercise)
    if args.all:
        _need_hidden(chapters)
    reports = []
    for report in _reports(chapters, exercise, args.all):
        print("\n".join(table_lines(report)), end="\n\n", flush=True)
        reports.append(report)
    failure = next((lines for report in reports if (lines := failure_lines(report))), [])
    if failure:
        print("\n".join(failure), end="\n\n")
    print(count_line(reports, hidden=args.all))
    print(next_line(reports))
    return _status(reports, args.strict)


def _chosen(
    project: Project, word: str | None, exercise: str | None
) -> tuple[list[Chapter], str | None]:
    """Return the chapters and the exercise that the command line means.

    The name of an exercise alone is enough: `make test EX=Dense`.
    """
    from autograder.manifest import all_chapters, load_chapter

    if word is None:
        return all_chapters(project), None
    if exercise is None:
        homes = [
            chapter
            for chapter in all_chapters(project)
            if any(each.name == word for each in chapter.exercises)
        ]
        if homes:
            return homes[:1], word
    chapter = load_chapter(project, word)
    if exercise is not None:
        chapter.exercise(exercise)
    return [chapter], exercise


def _need_hidden(chapters: list[Chapter]) -> None:
    from autograder.engine.plugin import HIDDEN

    for chapter in chapters:
        if not (chapter.suite_dir / HIDDEN).is_file():
            raise UsageError(
                f"{chapter.name}: the hidden checks are not part of this copy; leave out ALL=1"
            )


def _reports(chapters: list[Chapter], exercise: str | None, hidden: bool) -> list[ChapterReport]:
    """Run the chapters side by side; each is a process of its own, so threads do."""
    from autograder.reports.practice import practise

    with ThreadPoolExecutor(max(1, min(len(chapters), os.cpu_count() or 1))) as pool:
        return list(pool.map(lambda each: practise(each, exercise, hidden=hidden), chapters))


def _status(reports: list[ChapterReport], strict: bool) -> int:
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    if strict:
        return 0 if all(outcome.status == "passed" for outcome in outcomes) else 1
    return 1 if any(report.first_failure for report in reports) else 0
