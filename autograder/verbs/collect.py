"""`dlfs collect`: bring the hand-ins into the course."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.project import Project
from autograder.verbs._course import chosen_course, course_arguments

HELP = "bring in what was handed in; newer hand-ins replace older ones (instructors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CH", help="for example ch03_activations")
    parser.add_argument(
        "--zip", type=Path, metavar="FILE", help="take the hand-ins from a platform's download"
    )
    parser.add_argument(
        "--pattern",
        default="",
        metavar="REGEX",
        help="how the names in it are made, with a group (?P<who>...)",
    )
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.steps import collect, collect_zip
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    course = chosen_course(args, project)
    if args.zip:
        found = collect_zip(course, chapter.name, args.zip, args.pattern, verbose=args.verbose)
    else:
        found = collect(course, chapter.name, verbose=args.verbose)
    count = len(found.students)
    print(f"{chapter.name}: {count} hand-in{'s' * (count != 1)}, {len(found.new)} of them new")
    for sentence in found.odd:
        print(f"  {sentence}")
    if found.students:
        print(f"next: dlfs grade --chapter {chapter.name}")
    return 0
