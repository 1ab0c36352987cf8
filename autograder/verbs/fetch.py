"""`dlfs fetch`: get a released chapter."""

from __future__ import annotations

import argparse

from autograder.project import Project
from autograder.verbs._course import chosen_course, course_arguments, student_folder

HELP = "get a chapter that has been released; your own files stay as they are"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CH", help="for example ch03_activations")
    student_folder(parser)
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.student import fetch
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    folder = args.dir or project.assignments
    new = fetch(chosen_course(args, project), chapter.name, folder, verbose=args.verbose)
    target = folder / chapter.name
    print(f"{target}: {', '.join(new) if new else 'all files are there already'}")
    print(f"next: write your code in {target / chapter.file}")
    return 0
