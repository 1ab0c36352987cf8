"""`dlfs update`: take a newer bundle into a student's copy."""

from __future__ import annotations

import argparse

from autograder.errors import UsageError, UserError
from autograder.project import Project

HELP = "take a newer bundle into this copy; your work stays as it is"

_LOCK = ".update.lock"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", nargs="?", metavar="FROM", help="a zip, an unpacked folder, or an https address"
    )


def run(args: argparse.Namespace, project: Project) -> int:
    """Read, compare, keep, change; say what is new."""
    from autograder.bundle.origin import bring
    from autograder.bundle.report import report
    from autograder.bundle.update import Installed, carry_out, keep_aside, plan, refuse_older
    from autograder.locks import lock

    copy = Installed.at(project)
    if not args.source:
        raise UsageError("say which bundle to take: make update FROM=the-new.zip")
    bundle = bring(args.source)
    refuse_older(copy, bundle, args.source)
    try:
        with lock(project.root / _LOCK, patience=0.0):
            todo = plan(copy, bundle)
            lines = report(copy, bundle, todo, keep_aside(copy, todo))
            carry_out(copy, bundle, todo, lines)
    except OSError as error:
        raise UserError(f"this copy cannot be updated now: {error.strerror or error}") from None
    print("\n".join(lines))
    return 0
