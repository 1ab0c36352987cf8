"""The console command `dlfs`: one table of verbs, each in a module of its own."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder import __version__
from autograder.bundle.finish import finish_update
from autograder.errors import UserError
from autograder.project import find_project

# In the order of the help text. A verb's module has HELP, arguments(parser), run(args, project).
VERBS = (
    "test",
    "watch",
    "hint",
    "progress",
    "compare",
    "plot",
    "catchup",
    "reset",
    "update",
    "bundle",
    "build",
    "grade",
    "release",
    "lab",
    "fetch",
    "submit",
    "data",
    "collect",
    "feedback",
    "export",
    "diff",
    "formgrader",
    "mistakes",
    "demo",
    "doctor",
    "prove",
    "evidence",
    "bench",
    "reproduce",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; return its exit status (2 for a usage error)."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        # Before anything else of the engine is imported: half of it may be older than the rest.
        finish_update(Path(__file__).parents[1])
        args = _parser(words).parse_args(words)
        return int(args.run(args, find_project()))
    except UserError as error:
        print(f"dlfs: {error}", file=sys.stderr)
        return error.status
    except BrokenPipeError:  # whoever read our output has gone, as in `dlfs grade ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        print("dlfs: interrupted; what was finished is kept", file=sys.stderr)
        return 130


def _parser(words: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dlfs", description="Deep learning from scratch: learn it, teach it, mark it."
    )
    parser.add_argument("--version", action="version", version=f"dlfs {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    # Only the verb that was asked for is imported in full: some need extras that a student lacks.
    here = [name for name in VERBS if (Path(__file__).parent / "verbs" / f"{name}.py").is_file()]
    asked = [word for word in words if word in here][:1]
    for name in asked or here:
        module = importlib.import_module(f"autograder.verbs.{name}")
        verb = verbs.add_parser(name, help=module.HELP, description=module.HELP)
        module.arguments(verb)
        verb.set_defaults(run=module.run)
    return parser
