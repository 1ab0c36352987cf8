"""`dlfs demo`: the whole round on a sample class."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from autograder.errors import UsageError
from autograder.project import Project

HELP = "the whole round on a sample class of twelve; checks its own marks (instructors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="where it happens (default: grading/demo)"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="marked side by side")


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.build.notebook import require_jupytext
    from autograder.classroom.api import require_nbgrader

    require_nbgrader()
    require_jupytext()
    if args.jobs < 1:
        raise UsageError("--jobs must be at least 1")
    from autograder.demo.round import run_demo

    root = (args.course or project.course / "demo").absolute()
    return run_demo(project, root, args.jobs)
