"""`dlfs progress` in the terminal: exercises, points and chapters done, the path through them."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.learner.standing import Standing, standings
from autograder.learner.state import Progress
from autograder.manifest import Chapter


@dataclass(frozen=True)
class ChapterStanding:
    """A chapter with its exercises as they stand; what was caught up with is not counted."""

    chapter: Chapter
    exercises: list[Standing]

    @property
    def done(self) -> int:
        return sum(standing.own for standing in self.exercises)

    @property
    def points(self) -> int:
        return sum(standing.exercise.points for standing in self.exercises if standing.own)

    @property
    def total(self) -> int:
        return sum(standing.exercise.points for standing in self.exercises)

    @property
    def finished(self) -> bool:
        return all(standing.done for standing in self.exercises)

    @property
    def count(self) -> str:
        return (
            f"{self.done} of {len(self.exercises)} exercises, {self.points} of {self.total} points"
        )


def survey(chapters: list[Chapter], progress: Progress) -> list[ChapterStanding]:
    """Return where every chapter stands. Runs none of the learner's code."""
    return [ChapterStanding(chapter, standings(chapter, progress)) for chapter in chapters]


def overview_lines(found: list[ChapterStanding]) -> list[str]:
    """Return the whole overview."""
    lines = [total_line(found), ""]
    for one in found:
        lines += [f"{one.chapter.name}  {one.chapter.title}: {one.count}", *_table(one), ""]
    return [*lines, *path_lines(found)]


def total_line(found: list[ChapterStanding]) -> str:
    """Return the sum over all chapters, and what it does not say."""
    done, of = sum(one.done for one in found), sum(len(one.exercises) for one in found)
    points, total = sum(one.points for one in found), sum(one.total for one in found)
    chapters = sum(one.done == len(one.exercises) for one in found)
    return (
        f"{bar(done, of)} {done} of {of} exercises, {points} of {total} points, "
        f"{chapters} of {len(found)} chapters (public checks)"
    )


def bar(done: int, of: int, width: int = 20) -> str:
    """Return a progress bar; full only where everything is done."""
    filled = width * done // of if of else 0
    return f"[{'#' * filled}{'-' * (width - filled)}]"


def path_lines(found: list[ChapterStanding]) -> list[str]:
    """Return the way through the chapters: what each builds on, and what it waits for."""
    names = {one.chapter.name: one for one in found}
    lines = ["path through the chapters:"]
    width = max((len(name) for name in names), default=0)
    for name, one in names.items():
        lines.append(f"  {name:<{width}}  {_step(one, names)}")
    return lines


def detail(standing: Standing) -> str:
    """Return attempts and hints in words; nothing where there were none."""
    note = standing.note
    counts = [(note.attempts, "attempt"), (note.hints, "hint")]
    return ", ".join(f"{n} {word}{'s' if n > 1 else ''}" for n, word in counts if n)


def _table(one: ChapterStanding) -> list[str]:
    width = max(len(standing.exercise.name) for standing in one.exercises)
    state = max(len(standing.words) for standing in one.exercises)
    return [
        f"  {standing.exercise.name:<{width}}  {standing.exercise.points:>3} points  "
        f"{standing.words:<{state}}  {detail(standing)}".rstrip()
        for standing in one.exercises
    ]


def _step(one: ChapterStanding, names: dict[str, ChapterStanding]) -> str:
    if one.finished:
        return "finished"
    earlier = [names[name] for name in one.chapter.imports if name in names]
    missing = [before.chapter for before in earlier if not before.finished]
    if missing:
        waits = f"waits for {', '.join(chapter.name for chapter in missing)}"
        solved = all(chapter.source_file.is_file() for chapter in missing)
        return f"{waits} (or: make catchup CH={one.chapter.name})" if solved else waits
    begun = any(standing.note.attempts for standing in one.exercises)
    based = f", builds on {', '.join(one.chapter.imports)}" if one.chapter.imports else ""
    return f"{'begun' if begun else 'open'}{based}"
