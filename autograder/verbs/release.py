"""`dlfs release`: give a chapter to the students."""

from __future__ import annotations

import argparse

from autograder.project import Project
from autograder.verbs._course import chosen_course, course_arguments

HELP = "build a chapter and put it into the exchange (instructors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CH", help="for example ch03_activations")
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.steps import release
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    print(release(chosen_course(args, project), chapter, verbose=args.verbose))
    return 0
