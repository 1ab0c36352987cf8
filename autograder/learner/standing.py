"""Where a learner stands: what was noted of each exercise, held against the code as it is now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from autograder.engine.outcome import CheckOutcome, exercise_status
from autograder.learner import code, state
from autograder.learner.state import Note, Progress
from autograder.manifest import Chapter, Exercise
from autograder.reports.marks import status_word
from autograder.reports.practice import ChapterReport, practise

_NO_WORK = ("not_started", "waiting")  # nothing of the learner's was right or wrong


@dataclass(frozen=True)
class Standing:
    """One exercise as its learner left it; `waits` are its needs that do not stand yet."""

    exercise: Exercise
    note: Note
    changed: bool
    begun: bool
    waits: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether its public checks passed on the code as it is now."""
        return self.note.status == "passed" and not self.changed

    @property
    def own(self) -> bool:
        """Whether it is done by the learner, not taken from the solutions."""
        return self.done and not self.note.given

    @property
    def words(self) -> str:
        """The state in words."""
        known = self._known()
        if self.note.given and not self.changed:
            known += ", the course's solution"
        if self.waits and not self.done:
            known += f"; needs {_some(self.waits)}"
        return known

    def _known(self) -> str:
        status = self.note.status
        if not status or (self.changed and status in _NO_WORK):
            return "not checked yet" if self.begun else "not started"
        if status == "not_started":
            return status_word(status)
        past = ", changed since" if self.changed else ""
        return f"{status_word(status)} {self.note.passed} of {self.note.checks}{past}"


def _some(names: tuple[str, ...]) -> str:
    """Return names in words, not more than three."""
    if len(names) <= 3:
        return ", ".join(names)
    return f"{', '.join(names[:2])} and {len(names) - 2} more"


def standings(chapter: Chapter, progress: Progress) -> list[Standing]:
    """Return where each exercise of a chapter stands, in course order. Runs none of its code."""
    now = code.fingerprints(chapter)
    tree = code.parse(code.read_text(chapter.stub_file))
    open_exercises = code.unwritten(tree) if tree else set()
    found: dict[str, Standing] = {}
    for exercise in chapter.exercises:
        note = progress.of(chapter.name, exercise.name)
        missing = tuple(need for need in exercise.needs if not found[need].done)
        changed = bool(note.status or note.given) and note.code != now[exercise.name]
        begun = exercise.name not in open_exercises and chapter.stub_file.is_file()
        begun = begun and bool(code.own_parts(chapter, exercise.name))
        found[exercise.name] = Standing(exercise, note, changed, begun, missing)
    return list(found.values())


def practise_and_record(
    chapter: Chapter, exercise: str | None = None, hidden: bool = False
) -> ChapterReport:
    """Run a learner's checks and note what they found."""
    before = code.fingerprints(chapter)
    report = practise(chapter, exercise, hidden=hidden)
    record(report, before)
    return report


def practise_in(folder: Path, chapter: Chapter, exercise: str | None = None) -> ChapterReport:
    """Run the checks on the file in `folder`; note what they find if `make test` checks it too."""
    if folder.resolve() == chapter.assignment_dir.resolve():
        return practise_and_record(chapter, exercise)
    return practise(chapter, exercise, folder=folder)


def record(report: ChapterReport, before: dict[str, str]) -> Progress:
    """Note what a run found. `before` are the fingerprints from before it, so nothing is stale."""

    def change(progress: Progress) -> Progress:
        for exercise in report.chapter.exercises:
            outcomes = report.of(exercise)
            if outcomes:
                old = progress.of(report.chapter.name, exercise.name)
                new = _after(old, outcomes, before[exercise.name])
                progress = progress.put(report.chapter.name, exercise.name, new)
        return progress

    return state.update(report.chapter.project, change)


def note_hint(chapter: Chapter, exercise: str, rung: int) -> None:
    """Note that a rung of the hints was taken."""

    def change(progress: Progress) -> Progress:
        note = progress.of(chapter.name, exercise)
        taken = replace(note, hints=max(note.hints, rung))
        return progress.put(chapter.name, exercise, taken)

    state.update(chapter.project, change)


def note_given(chapter: Chapter) -> None:
    """Note that the chapter's code is the course's solution as it lies there now."""
    now = code.fingerprints(chapter)

    def change(progress: Progress) -> Progress:
        for name, digest in now.items():
            note = progress.of(chapter.name, name)
            if note.status != "passed" or note.code != digest:  # else it is what they had written
                note = replace(note, status="", code=digest, given=True)
                progress = progress.put(chapter.name, name, note)
        return progress

    state.update(chapter.project, change)


def note_reset(chapter: Chapter, names: list[str]) -> None:
    """Note that these exercises are stubs again; attempts and hints stay."""
    now = code.fingerprints(chapter)

    def change(progress: Progress) -> Progress:
        for name in names:
            note = progress.of(chapter.name, name)
            if note.status or note.given:
                fresh = replace(
                    note, status="not_started", passed=0, checks=0, code=now[name], given=False
                )
                progress = progress.put(chapter.name, name, fresh)
        return progress

    state.update(chapter.project, change)


def _after(old: Note, outcomes: list[CheckOutcome], digest: str) -> Note:
    status = exercise_status(outcomes)
    seen = old.code == digest
    tried = status not in _NO_WORK and not (seen and (old.status or old.given))
    return replace(
        old,
        status=status,
        passed=sum(outcome.status == "passed" for outcome in outcomes),
        checks=len(outcomes),
        attempts=old.attempts + tried,
        code=digest,
        given=old.given and seen,
    )
