"""`dlfs reproduce`: the models of the two books, trained with the reference library."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from autograder.project import Project

HELP = "train the models that the books report and print our figures beside theirs"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="some runs (default: all)")
    parser.add_argument(
        "--to", type=Path, metavar="DIR", help="where the page goes (default: docs)"
    )
    parser.add_argument("--fresh", action="store_true", help="forget what was finished before")


def run(args: argparse.Namespace, project: Project) -> int:
    """Train what is missing, print the table; write page and figure once all runs are there."""
    # Before NumPy is loaded: the figures are meant for one thread.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    from autograder.reproduce.work import reproduce

    for line in reproduce(project, args.names, args.to or project.root / "docs", args.fresh):
        print(line, flush=True)
    return 0
