"""`dlfs prove`: what the suites catch."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from autograder.errors import UsageError
from autograder.manifest import Chapter, all_chapters, load_chapter
from autograder.project import Project

HELP = "run every suite on every known mistake and on generic changes (authors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", nargs="?", metavar="CH", help="one chapter (default: all)")
    parser.add_argument(
        "--bounded", action="store_true", help="the catalogue only, no training, nothing written"
    )
    parser.add_argument(
        "--record", action="store_true", help="only write the wrong outputs for a bundle"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures to this file")
    parser.add_argument(
        "--jobs", type=int, default=min(os.cpu_count() or 1, 8), help="processes (default: cores)"
    )


def run(args: argparse.Namespace, project: Project) -> int:
    """Prove, print a table and what does not hold; return 1 when something does not."""
    # Before NumPy is loaded: small matrices gain nothing from threads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if args.jobs < 1:
        raise UsageError("--jobs must be at least 1")
    chapters = [load_chapter(project, args.chapter)] if args.chapter else all_chapters(project)
    if args.record:
        for chapter in chapters:
            _record(chapter)
        return 0
    found = [_prove(chapter, args.jobs, args.bounded) for chapter in chapters]
    if args.json is not None:
        from autograder.files import write_atomically
        from autograder.grading.result import text_of

        write_atomically(args.json, text_of({"schema": 1, "chapters": found}))
    return 1 if any(each["survivors"] for each in found) else 0


def _prove(chapter: Chapter, jobs: int, bounded: bool) -> dict[str, Any]:
    from autograder.mistakes.measure import measure
    from autograder.mistakes.page import figures, save, table_lines
    from autograder.mistakes.prove import prove

    if not bounded:
        _record(chapter)
    proof = prove(chapter, jobs, bounded=bounded, say=lambda line: print(line, flush=True))
    found = figures(proof, None)
    print(*table_lines(found), sep="\n")
    print(*(f"NOT HELD {sentence}" for sentence in found["survivors"]), sep="\n", flush=True)
    if not bounded:
        found = figures(proof, measure(chapter, jobs))
        print("diagnosis:", ", ".join(f"{k} {v:.0f}" for k, v in found["diagnosis"].items()))
        save(chapter, found)
    return found


def _record(chapter: Chapter) -> None:
    """Write what the public checks see of every known mistake."""
    from autograder.files import write_atomically
    from autograder.grading.result import text_of
    from autograder.mistakes.catalogue import load_catalogue
    from autograder.mistakes.library import RECORDED, record
    from autograder.mistakes.pool import chapter_recipes

    if load_catalogue(chapter):
        path = chapter.suite_dir / RECORDED
        write_atomically(path, text_of(record(chapter, chapter_recipes(chapter))))
