"""`dlfs hint`: one step of help at a time."""

from __future__ import annotations

import argparse

from autograder.project import Project

HELP = "a hint for an exercise: each time you ask, the next of three; they cost nothing"


def arguments(parser: argparse.ArgumentParser) -> None:
    from autograder.learner.choose import exercise_arguments

    exercise_arguments(parser)
    parser.add_argument("--rung", type=int, metavar="N", help="this one again: 1, 2 or 3")


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.learner import state
    from autograder.learner.choose import at_hand
    from autograder.learner.hints import after_line, take
    from autograder.learner.standing import practise_and_record, standings

    chapter, exercise = at_hand(project, args.words)
    here = next(one for one in standings(chapter, state.read(project)) if one.exercise == exercise)
    report = practise_and_record(chapter, exercise.name) if here.begun else None
    number, lines = take(chapter, exercise, args.rung, report)
    print("\n".join([*lines, after_line(chapter, exercise, number)]))
    return 0
