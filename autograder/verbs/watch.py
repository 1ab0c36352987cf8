"""`dlfs watch`: the learner's loop."""

from __future__ import annotations

import argparse

from autograder.project import Project

HELP = "run the exercise at hand again at every save; keys for the next one, hints and more"


def arguments(parser: argparse.ArgumentParser) -> None:
    from autograder.learner.choose import exercise_arguments

    exercise_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.learner.choose import at_hand
    from autograder.learner.terminal import Screen, keys
    from autograder.learner.watch import Watch

    at = at_hand(project, args.words)
    with keys() as pressed:
        return Watch(project, at, pressed, Screen()).run()
