"""`dlfs catchup`: go on with a chapter although the ones before it are unfinished."""

from __future__ import annotations

import argparse

from autograder.project import Project

HELP = "solutions in place of the unfinished chapters that a chapter builds on; yours are kept"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CH", help="the chapter you want to work on")


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.learner.rescue import catch_up
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    done = catch_up(chapter)
    if not done:
        print(f"{chapter.name} builds on no earlier chapter: nothing to catch up with")
    for earlier, rescued in done:
        if rescued is None:
            print(f"{earlier.name}: yours passes and stays")
        else:
            print(f"{earlier.name}: the course's solution is in place; {rescued.backup}")
    print(f"next: make watch CH={chapter.name}")
    return 0
