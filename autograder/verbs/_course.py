"""What the classroom's verbs have in common: the options that choose the course."""

from __future__ import annotations

import argparse
import os
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


def course_folder(given: Path | None, project: Project) -> Path:
    """Return the course's folder, which need not be a whole course where only Results are kept."""
    return Path(given or os.environ.get("DLFS_COURSE") or project.course)


def student_folder(parser: argparse.ArgumentParser) -> None:
    """Add --dir: where a student keeps the chapters."""
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help="folder of your chapters (default: assignments/)"
    )


def shown(path: Path) -> str:
    """Return a path as it would be typed here, where that is shorter."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path.absolute())
