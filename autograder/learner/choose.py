"""Which chapter and exercise a command line means."""

from __future__ import annotations

import argparse
from itertools import chain

from autograder.errors import UsageError
from autograder.learner import state
from autograder.learner.standing import standings
from autograder.learner.state import Progress
from autograder.manifest import Chapter, Exercise, all_chapters, load_chapter
from autograder.project import Project

At = tuple[Chapter, Exercise]


def exercise_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `[CH] [EX]`: either may be left out."""
    parser.add_argument("words", nargs="*", metavar="CH EX", help="a chapter, an exercise, or both")


def chosen(project: Project, words: list[str]) -> tuple[Chapter | None, Exercise | None]:
    """Return what the words name; the name of an exercise alone is enough."""
    if len(words) > 2:
        raise UsageError(f"one chapter and one exercise at most, not {' '.join(words)!r}")
    if not words:
        return None, None
    if len(words) == 1 and (home := _home(project, words[0])):
        return home
    chapter = _chapter(project, words)
    return chapter, chapter.exercise(words[1]) if len(words) == 2 else None


def at_hand(project: Project, words: list[str]) -> At:
    """Return the exercise that the words name, else the one at hand, else the first open one."""
    chapter, exercise = chosen(project, words)
    if chapter is not None and exercise is not None:
        return chapter, exercise
    progress = state.read(project)
    chapters = [chapter] if chapter else all_chapters(project)
    return _remembered(chapters, progress) or first_open(chapters, progress)


def first_open(chapters: list[Chapter], progress: Progress) -> At:
    """Return the first exercise that is not done; the very first where all are."""
    for chapter in chapters:
        for standing in standings(chapter, progress):
            if not standing.done:
                return chapter, standing.exercise
    if not chapters:
        raise UsageError("this copy of the course has no chapters")
    return chapters[0], chapters[0].exercises[0]


def next_open(project: Project, at: At) -> At | None:
    """Return the next exercise that is not done: in this chapter, then in the others, in order."""
    progress = state.read(project)
    chapters = all_chapters(project)
    number = next(n for n, chapter in enumerate(chapters) if chapter.name == at[0].name)
    own = standings(chapters[number], progress)
    here = [one.exercise.name for one in own].index(at[1].name)
    others = [*chapters[number + 1 :], *chapters[:number]]
    found = chain(
        ((chapters[number], one) for one in own[here + 1 :]),
        ((chapters[number], one) for one in own[:here]),
        ((chapter, one) for chapter in others for one in standings(chapter, progress)),
    )
    return next(((chapter, one.exercise) for chapter, one in found if not one.done), None)


def _chapter(project: Project, words: list[str]) -> Chapter:
    try:
        return load_chapter(project, words[0])
    except UsageError as error:
        if len(words) == 1:
            raise UsageError(f"no exercise is called {words[0]!r}, and {error}") from None
        raise


def _home(project: Project, name: str) -> At | None:
    for chapter in all_chapters(project):
        for exercise in chapter.exercises:
            if exercise.name == name:
                return chapter, exercise
    return None


def _remembered(chapters: list[Chapter], progress: Progress) -> At | None:
    for chapter in chapters:
        for exercise in chapter.exercises:
            if f"{chapter.name}/{exercise.name}" == progress.here:
                return chapter, exercise
    return None
