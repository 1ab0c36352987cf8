"""`dlfs evidence`: measure what the thresholds of the suites rest on."""

from __future__ import annotations

import argparse
import os

from autograder.errors import UserError
from autograder.manifest import Chapter, all_chapters, load_chapter
from autograder.project import Project

HELP = "measure the thresholds of checks that train (authors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "chapter", nargs="?", help="one chapter (default: all that have thresholds)"
    )
    parser.add_argument("--seeds", type=int, default=100, help="seeds per series (default: 100)")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")


def run(args: argparse.Namespace, project: Project) -> int:
    """Measure what is missing, print the table; return 1 when a threshold breaks the rule."""
    # Before NumPy is loaded: small matrices gain nothing from threads, and results repeat better.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from autograder.evidence import has_evidence

    if args.seeds < 1:
        raise UserError(f"--seeds {args.seeds}: at least one seed has to be measured")
    if args.chapter:
        chapters = [load_chapter(project, args.chapter)]
    else:
        chapters = [chapter for chapter in all_chapters(project) if has_evidence(chapter)]
    return max([_one(chapter, args.seeds, args.fresh) for chapter in chapters], default=0)


def _one(chapter: Chapter, seeds: int, fresh: bool) -> int:
    from autograder import evidence

    todo = evidence.plan(chapter)
    if fresh:
        evidence.forget(chapter)
    for line in evidence.measure(todo, seeds):
        if line:
            print(line, flush=True)
    stored = evidence.load(chapter)
    print(*evidence.table(todo.runs, stored), sep="\n")
    broken = evidence.violations(todo.runs, stored, seeds)
    for sentence in broken:
        print(f"NOT HELD {sentence}")
    return 1 if broken else 0
