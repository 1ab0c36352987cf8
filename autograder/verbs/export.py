"""`dlfs export`: all marks as CSV."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.project import Project
from autograder.verbs._course import chosen_course, course_arguments

HELP = "write all marks of the gradebook, points given by hand included, as CSV (instructors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to", type=Path, metavar="FILE", help="write to this file (default: the screen)"
    )
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.gradebook import csv_text, read_marks
    from autograder.files import write_atomically

    text = csv_text(read_marks(chosen_course(args, project), verbose=args.verbose))
    if args.to is None:
        print(text, end="")
    else:
        write_atomically(args.to, text)
        print(f"{args.to}: marks of {len(text.splitlines()) - 1} students")
    return 0
