"""What the classroom's verbs have in common: the options that choose the course."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.project import Project

if TYPE_CHECKING:
    from autograder.classroom.course import Course


def course_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --course and --verbose."""
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="the course (default: $DLFS_COURSE or grading/)"
    )
    parser.add_argument("--verbose", action="store_true", help="show what nbgrader logs")


def chosen_course(args: argparse.Namespace, project: Project) -> Course:
    """Return the course that the options name."""
    from autograder.classroom.course import open_course

    return open_course(project, args.course)


def student_folder(parser: argparse.ArgumentParser) -> None:
    """Add --dir: where a student keeps the chapters."""
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help="folder of your chapters (default: assignments/)"
    )
