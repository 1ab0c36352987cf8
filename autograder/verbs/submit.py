"""`dlfs submit`: hand a chapter in."""

from __future__ import annotations

import argparse

from autograder.project import Project
from autograder.verbs._course import chosen_course, course_arguments, student_folder

HELP = "hand a chapter in; the latest hand-in counts"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CH", help="for example ch03_activations")
    student_folder(parser)
    parser.add_argument(
        "--student", metavar="ID", help="hand in under this id (where all use one account)"
    )
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.student import submit
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    folder = args.dir or project.assignments
    course = chosen_course(args, project)
    receipt = submit(course, chapter, folder, args.student, verbose=args.verbose)
    files = ", ".join(receipt.files)
    print(f"{chapter.name} handed in by {receipt.student} at {receipt.time}: {files}")
    for sentence in receipt.left_out:
        print(f"  {sentence}")
    return 0
