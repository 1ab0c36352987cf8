"""`dlfs feedback`: make the pages and let the students fetch them."""

from __future__ import annotations

import argparse

from autograder.project import Project
from autograder.verbs._course import chosen_course, course_arguments

HELP = "make a feedback page for every marked hand-in and release it (instructors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CH", help="for example ch03_activations")
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.steps import feedback
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    course = chosen_course(args, project)
    pages = feedback(course, chapter.name, verbose=args.verbose)
    if not pages:
        print(f"{chapter.name}: nothing is marked yet: dlfs grade --chapter {chapter.name}")
        return 1
    released = sum(page.released for page in pages)
    where = course.root / "feedback"
    print(f"{chapter.name}: {len(pages)} pages below {where}, {released} released")
    for page in pages:
        if page.problem:
            print(f"  {page.student}: {page.problem}")
    return 0 if released == len(pages) else 1
