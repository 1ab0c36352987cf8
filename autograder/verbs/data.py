"""`dlfs data`: fetch the data sets that are not part of the project."""

from __future__ import annotations

import argparse

from autograder.project import Project

HELP = "fetch full MNIST and Tiny Shakespeare, verified, into datasets/full"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="some sets (default: all)")


def run(args: argparse.Namespace, project: Project) -> int:
    """Fetch what is missing; 0 once everything that was asked for is here and verified."""
    from datasets.fetch import bring

    bring(args.names)
    return 0
