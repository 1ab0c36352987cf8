"""`dlfs bench`: figures side by side."""

from __future__ import annotations

import argparse
import os

from autograder.bench import BENCHES, LONG
from autograder.project import Project

HELP = "measure, side by side: marking beside nbgrader, its overhead, kernels beside PyTorch"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", nargs="?", choices=list(BENCHES), help="one benchmark (default: all but memory)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each thing is measured")


def run(args: argparse.Namespace, project: Project) -> int:
    import importlib

    # Before NumPy is loaded: the figures are meant for one thread.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from autograder.errors import UsageError

    if args.rounds < 1:
        raise UsageError("--rounds must be at least 1")
    for name in [args.name] if args.name else [name for name in BENCHES if name not in LONG]:
        for line in importlib.import_module(BENCHES[name]).run(project, args.rounds):
            print(line, flush=True)
    return 0
