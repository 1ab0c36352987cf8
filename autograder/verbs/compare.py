"""`dlfs compare`: the reference beside one's own."""

from __future__ import annotations

import argparse
import shutil

from autograder.project import Project

HELP = "the reference beside your own code of an exercise, once that passes"

_WARNING = (
    "This is the answer. What you find yourself stays with you:\n"
    "close it again and write your own, without looking."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    from autograder.learner.choose import exercise_arguments

    exercise_arguments(parser)
    parser.add_argument("--anyway", action="store_true", help="also where it does not pass yet")


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.learner import compare, sources
    from autograder.learner.choose import at_hand
    from autograder.learner.standing import practise_and_record

    chapter, exercise = at_hand(project, args.words)
    sources.solution(chapter)  # says so where there is none
    if not args.anyway:
        report = practise_and_record(chapter, exercise.name)
        if report.first_open is not None:
            print(f"{exercise.name} does not pass yet: make it pass and compare then.")
            print(f"help: make hint EX={exercise.name}; the answer now: add --anyway (ANYWAY=1)")
            return 1
    lines = compare.both(chapter, exercise, shutil.get_terminal_size().columns)
    print("\n".join([_WARNING, "", *lines] if args.anyway else lines))
    return 0
