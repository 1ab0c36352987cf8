"""`dlfs test`: a learner's own files against the checks."""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from autograder.errors import UsageError, UserError
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
        "--pdb", action="store_true", help="stop in your code where the first check fails (with EX)"
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 unless everything passed"
    )


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.reports.practice import count_line, failure_lines, next_line, table_lines

    chapters, exercise = _chosen(project, args.chapter, args.exercise)
    if args.all:
        _need_hidden(chapters)
    if args.pdb:
        return _debug(chapters, exercise, args.all)
    reports, missing = _reports(chapters, exercise, args.all)
    for report in reports:
        print("\n".join(table_lines(report)), end="\n\n", flush=True)
    for sentence in missing:
        print(sentence, end="\n\n")
    failure = next((lines for report in reports if (lines := failure_lines(report))), [])
    if failure:
        print("\n".join(failure), end="\n\n")
    print(count_line(reports, hidden=args.all))
    print(next_line(reports) if exercise is None else _after_one(reports[0], exercise))
    return max(_status(reports, args.strict), 1 if missing else 0)


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


def _reports(
    chapters: list[Chapter], exercise: str | None, hidden: bool
) -> tuple[list[ChapterReport], list[str]]:
    """Run the chapters side by side; each is a process of its own, so threads do.

    Among several chapters, one whose file is missing is named and stops nobody.
    """
    from autograder.learner.standing import practise_and_record

    def run_one(chapter: Chapter) -> ChapterReport | UserError:
        try:
            return practise_and_record(chapter, exercise, hidden)
        except UserError as error:
            return error

    with ThreadPoolExecutor(max(1, min(len(chapters), os.cpu_count() or 1))) as pool:
        found = list(pool.map(run_one, chapters))
    errors = [each for each in found if isinstance(each, UserError)]
    if len(errors) == len(chapters):
        raise errors[0]
    reports = [each for each in found if not isinstance(each, UserError)]
    return reports, [f"{error}" for error in errors]


def _after_one(report: ChapterReport, name: str) -> str:
    """Return the next step after a single exercise; once it passes, why it matters as well."""
    from autograder.learner.choose import next_open
    from autograder.learner.pages import open_line
    from autograder.reports.practice import next_line

    if report.first_open is not None:
        return next_line([report])
    done = report.chapter.exercise(name)
    following = next_open(report.chapter.project, (report.chapter, done))
    if following is None:
        return "\n".join(filter(None, [done.why, "next: nothing is left to do here"]))
    place = open_line(*following, None).removeprefix("open: ")
    return "\n".join(filter(None, [done.why, f"next: {following[1].name} in {place}"]))


def _debug(chapters: list[Chapter], exercise: str | None, hidden: bool) -> int:
    """Stop in the learner's own code, at the terminal that this was typed in."""
    from autograder.learner.debug import debug

    if exercise is None:
        raise UsageError("say which exercise to stop in: make test EX=relu PDB=1")
    return debug(chapters[0], chapters[0].exercise(exercise), hidden=hidden)


def _status(reports: list[ChapterReport], strict: bool) -> int:
    outcomes = [outcome for report in reports for outcome in report.outcomes]
    if strict:
        return 0 if all(outcome.status == "passed" for outcome in outcomes) else 1
    return 1 if any(report.first_failure for report in reports) else 0
