"""`dlfs build`: stubs and notebooks from the reference solutions."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from autograder.errors import UserError
from autograder.manifest import Chapter, all_chapters, load_chapter
from autograder.project import Project

HELP = "make stubs and lab notebooks from solutions/ (authors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", nargs="*", help="the chapters to build (default: all)")
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail if what is committed is out of date",
    )


def run(args: argparse.Namespace, project: Project) -> int:
    """Build or check; return 1 when a file was left alone, is out of date or could not be built."""
    from autograder.build.notebook import require_jupytext

    if not project.solutions.is_dir():
        raise UserError("this copy of the course has no solutions/: there is nothing to build from")
    require_jupytext()
    chapters = [load_chapter(project, name) for name in args.chapter] or all_chapters(project)
    step = _check if args.check else _build
    failed = [chapter.name for chapter in chapters if not _guarded(step, chapter)]
    if not args.chapter and _strays(project, chapters):
        return 1
    return 1 if failed else 0


def _guarded(step: Callable[[Chapter], bool], chapter: Chapter) -> bool:
    """Take one step; a faulty chapter is reported and does not keep the others from their turn."""
    try:
        return step(chapter)
    except UserError as error:
        print(f"dlfs: {error}", file=sys.stderr)
        return False


def _build(chapter: Chapter) -> bool:
    from autograder.build import assemble

    done = assemble.build(chapter)
    parts = []
    for state in ("built", "removed"):
        names = ", ".join(one.path.name for one in done if one.state == state)
        parts += [f"{state} {names}"] if names else []
    edited = [one.path for one in done if one.state == "edited"]
    if parts or not edited:
        print(f"{chapter.name}: {'; '.join(parts) or 'up to date'}")
    for path in edited:
        shown = path.relative_to(chapter.project.root).as_posix()
        print(
            f"{chapter.name}: {shown} has been edited and was left: move it away to get a new one"
        )
    return not edited


def _check(chapter: Chapter) -> bool:
    from autograder.build import assemble

    faults = assemble.check(chapter)
    for fault in faults or ["up to date"]:
        print(f"{chapter.name}: {fault}")
    return not faults


def _strays(project: Project, chapters: list[Chapter]) -> bool:
    from autograder.build import assemble

    strays = assemble.check_strays(project, chapters)
    for stray in strays:
        print(f"dlfs: {stray}", file=sys.stderr)
    return bool(strays)
