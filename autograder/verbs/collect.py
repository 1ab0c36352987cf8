"""`dlfs collect`: bring the hand-ins into the course."""

from __future__ import annotations

import argparse

from autograder.project import Project
from autograder.verbs._course import chosen_course, course_arguments

HELP = "bring in what was handed in; newer hand-ins replace older ones (instructors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CH", help="for example ch03_activations")
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.steps import collect
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    found = collect(chosen_course(args, project), chapter.name, verbose=args.verbose)
    print(f"{chapter.name}: {len(found.students)} hand-ins, {len(found.new)} of them new")
    for sentence in found.odd:
        print(f"  {sentence}")
    if found.students:
        print(f"next: dlfs grade --chapter {chapter.name}")
    return 0
