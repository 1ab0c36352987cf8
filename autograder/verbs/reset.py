"""`dlfs reset`: start an exercise, or a chapter, again."""

from __future__ import annotations

import argparse

from autograder.errors import UsageError
from autograder.project import Project

HELP = "put the stub of an exercise (or of a whole chapter) back; your own is kept"


def arguments(parser: argparse.ArgumentParser) -> None:
    from autograder.learner.choose import exercise_arguments

    exercise_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.learner.choose import chosen
    from autograder.learner.rescue import reset_chapter, reset_exercise
    from autograder.learner.sources import shown

    chapter, exercise = chosen(project, args.words)
    if chapter is None:
        raise UsageError(
            "say what to reset: an exercise (EX=relu) or a chapter (CH=ch03_activations)"
        )
    if exercise is None:
        rescued, what = reset_chapter(chapter), "all of it"
    else:
        rescued = reset_exercise(chapter, exercise)
        what = ", ".join(rescued.names)
    print(f"{shown(project, chapter.stub_file)}: {what} as it was handed out; {rescued.backup}")
    return 0
