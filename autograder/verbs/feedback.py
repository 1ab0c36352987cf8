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
    from autograder.classroom.gradebook import waiting
    from autograder.classroom.steps import feedback
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    course = chosen_course(args, project)
    pages = feedback(course, chapter.name, verbose=args.verbose)
    if not pages:
        print(f"{chapter.name}: nothing is marked yet: dlfs grade --chapter {chapter.name}")
        return 1
    made, released = sum(page.path is not None for page in pages), sum(p.released for p in pages)
    where = course.root / "feedback"
    pages_made = f"{made} page{'s' * (made != 1)} below {where}"
    print(f"{chapter.name}: {pages_made}, {released} of them can be fetched")
    by_hand = [page.student for page in pages if not page.released and not page.problem]
    if by_hand:
        print(f"  hand these out yourself, they came without the exchange: {', '.join(by_hand)}")
    unmarked = waiting(course, chapter.name)
    if unmarked:
        print(f"  answers wait to be marked by hand (formgrader): {', '.join(unmarked)}")
        print("  do that and run this again: until then they count nothing on the page")
    problems = [page for page in pages if page.problem]
    for page in problems:
        print(f"  {page.student}: {page.problem}")
    return 1 if problems else 0
