"""What the watch loop shows: pages of lines, made from what is known. Nothing is run here."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.engine.outcome import CheckOutcome
from autograder.learner import code
from autograder.learner.hints import wrapped
from autograder.learner.overview import bar, overview_lines, survey
from autograder.learner.state import Progress
from autograder.manifest import Chapter, Exercise, all_chapters, earlier_chapters
from autograder.project import Project
from autograder.reports.practice import (
    ChapterReport,
    count_line,
    failure_lines,
    next_line,
    table_lines,
)

KEYS = "n next  h hint  l list  c check all  r reset  q quit"


def heading(chapter: Chapter, progress: Progress) -> list[str]:
    """Return the chapter with its progress bar."""
    found = survey([chapter], progress)[0]
    done = bar(found.done, len(found.exercises))
    return [f"{chapter.name}  {chapter.title}", f"{done} {found.count}", ""]


def verdict(report: ChapterReport, exercise: Exercise) -> list[str]:
    """Return what the checks of an exercise found and what that asks for."""
    lines = table_lines(report)[1:]
    found = report.first_open
    if found is None:
        return [*lines, *_passed(report, exercise)]
    if report.first_failure is not None:
        return [*lines, "", *failure_lines(report, again="save the file")]
    if found.status == "not_started":
        lines.append(f"  {exercise.title}: write it, save the file, and look here")
    return lines


def chapter_verdict(report: ChapterReport) -> list[str]:
    """Return what the checks of a whole chapter found."""
    failure = failure_lines(report, again="save the file")
    count = count_line([report], hidden=False)
    return [*table_lines(report)[1:], "", *failure, count, next_line([report])]


def everything(project: Project, progress: Progress) -> list[str]:
    """Return the list of all chapters and exercises."""
    return overview_lines(survey(all_chapters(project), progress))


def open_line(chapter: Chapter, exercise: Exercise, report: ChapterReport | None) -> str:
    """Return the file and line to open, in a form that terminals make a link of."""
    found = report.first_open if report else None
    return f"open: {_place(chapter, exercise, found)}"


def _passed(report: ChapterReport, exercise: Exercise) -> list[str]:
    lines = wrapped(exercise.why) if exercise.why else []
    if report.chapter.source_file.is_file():
        lines.append(f"  the reference beside yours: dlfs compare {exercise.name}")
    if report.more:
        lines.append(
            f"  {report.more} more {'check runs' if report.more == 1 else 'checks run'} at grading"
        )
    return lines


def _place(chapter: Chapter, exercise: Exercise, found: CheckOutcome | None) -> str:
    if found is not None and found.place:
        file, _, line = found.place.rpartition(":")
        homes = [each for each in (chapter, *earlier_chapters(chapter)) if each.file == file]
        if homes:
            return f"{typed(homes[0].stub_file)}:{line}"
    return f"{typed(chapter.stub_file)}:{_line_of(chapter, exercise)}"


def _line_of(chapter: Chapter, exercise: Exercise) -> int:
    """Return the first line of what an exercise is written in; 1 where that cannot be told."""
    names = {part.name for part in code.own_parts(chapter, exercise.name)}
    tree = code.parse(code.read_text(chapter.stub_file))
    lines = [part.first for part in code.parts(tree) if part.name in names] if tree else []
    return min(lines, default=1)


def typed(path: Path) -> str:
    """Return a path as the learner would type it from where they are."""
    try:
        return os.path.relpath(path, Path.cwd())
    except ValueError:  # another drive
        return str(path)
