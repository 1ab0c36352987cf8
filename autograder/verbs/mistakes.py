"""`dlfs mistakes`: what a class misunderstood."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.project import Project
from autograder.verbs._course import course_folder

HELP = "count the known mistakes in a class's Results (default: those of the course)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "results", nargs="*", type=Path, metavar="RESULTS", help="JSON files, or folders of them"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the counts to this file")
    parser.add_argument(
        "--course", type=Path, metavar="DIR", help="the course (default: $DLFS_COURSE or grading/)"
    )


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.files import write_atomically
    from autograder.grading.result import text_of
    from autograder.mistakes.statistics import count, load_results, symptoms, table_lines

    counts = count(load_results(args.results or [course_folder(args.course, project) / "results"]))
    if args.json is not None:
        data = {"schema": 1, "mistakes": [each.to_json() for each in counts]}
        write_atomically(args.json, text_of(data))
    print(*table_lines(counts, symptoms(project, counts)), sep="\n")
    return 0
