"""The watch loop: every save runs the exercise at hand; keys do the rest.

Files are looked at a few times a second instead of asking the system for events: it costs next to
nothing for a handful of files, and works on network folders, in containers and with every editor's
way of saving.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import UserError
from autograder.learner import pages, rescue, state
from autograder.learner.choose import At, next_open
from autograder.learner.hints import after_line, take
from autograder.learner.runner import Job, Runner
from autograder.learner.standing import record
from autograder.learner.terminal import END, Keys, Screen
from autograder.manifest import Chapter, Exercise, earlier_chapters
from autograder.project import Project
from autograder.reports.practice import ChapterReport

TICK = 0.03  # seconds between two looks at keys and files
_SILENT = 0.4  # seconds a run may take before it is said that it runs

Signature = tuple[tuple[str, int, int, int], ...]


@dataclass
class _Seen:
    """What the page at hand is made of."""

    report: ChapterReport | None = None
    body: tuple[str, ...] = ()
    hint: tuple[str, ...] = ()


class Watch:
    """One session of the loop at one terminal."""

    def __init__(self, project: Project, at: At, keys: Keys, screen: Screen) -> None:
        self.project, self.keys, self.screen = project, keys, screen
        self.chapter, self.exercise = at
        self.runner = Runner()
        self.job: Job | None = None
        self.seen = _Seen()
        self.status = 0
        self._asked = False  # whether the page at hand is the question before a reset
        self._read = self._changing = _signature(self.chapter)

    def run(self) -> int:
        """Watch until the learner quits or the input ends; return the last verdict's status."""
        try:
            self._go_to(self.chapter, self.exercise)
            while self._tick():
                pass
        finally:
            if self.job is not None:
                self.runner.cancel(self.job)
            self.runner.close()
        return self.status

    def _tick(self) -> bool:
        """Look at files, at the running job and at the keys once; False at the end."""
        self._look_at_files()
        self._look_at_job()
        if self.job is not None and not self.screen.live:
            time.sleep(TICK)  # letters that came early count after the verdict
            return True
        key = self.keys.get(TICK)
        return key is None or self._press(key)

    def _look_at_files(self) -> None:
        """Run again once a changed file has been the same for two looks: saving takes a moment."""
        now = _signature(self.chapter)
        if now != self._read and now == self._changing:
            self._check(self.exercise)
        self._changing = now

    def _look_at_job(self) -> None:
        job = self.job
        if job is None:
            return
        if job.ended:
            self.job = None
            self._take_in(job)
            self.runner.make_ready(self.chapter)
        elif self.screen.live and (seconds := time.monotonic() - job.began) > _SILENT:
            self.screen.wait(f"{_checking(job)} {int(seconds)} s")

    def _check(self, exercise: Exercise | None) -> None:
        """Start the checks of an exercise, or of the chapter, in place of any that still run."""
        if self.job is not None:
            self.runner.cancel(self.job)
        self._read = _signature(self.chapter)
        self._asked = False
        self.job = self.runner.start(self.chapter, exercise.name if exercise else None)
        if not self.screen.live:
            self.screen.line(_checking(self.job))

    def _take_in(self, job: Job) -> None:
        if isinstance(job.error, UserError):
            self.status = job.error.status
            self._show_page(None, str(job.error).splitlines())
            return
        if job.error is not None:
            raise job.error
        report = job.report
        assert report is not None
        record(report, job.before)
        self.status = 1 if report.first_failure else 0
        whole = job.exercise is None
        found = pages.chapter_verdict(report) if whole else pages.verdict(report, self.exercise)
        if not whole and report.first_open is None:
            self.seen.hint = ()
            following = next_open(self.project, (self.chapter, self.exercise))
            found.append(f"  n goes on with {following[1].name}" if following else "  all is done")
        self._show_page(report, found)

    def _show_page(self, report: ChapterReport | None, body: list[str]) -> None:
        self.seen = _Seen(report, tuple(body), self.seen.hint)
        self._paint()

    def _paint(self) -> None:
        head = pages.heading(self.chapter, state.read(self.project))
        hint = ["", *self.seen.hint] if self.seen.hint else []
        where = pages.open_line(self.chapter, self.exercise, self.seen.report)
        self.screen.show([*head, *self.seen.body, *hint, "", where, pages.KEYS])

    # ---- keys

    def _press(self, key: str) -> bool:
        if key == END or (key == "q" and not self._asked):
            return False
        if self._asked:
            self._answer(key)
            return True
        action = {
            "n": self._next,
            "h": self._hint,
            "l": self._list,
            "c": lambda: self._check(None),
            "r": self._ask_reset,
        }.get(key)
        if action is not None:
            action()
        return True

    def _next(self) -> None:
        found = next_open(self.project, (self.chapter, self.exercise))
        if found is None:
            self._say("every other exercise is done: c checks the chapter, l lists them all")
        else:
            self._go_to(*found)

    def _go_to(self, chapter: Chapter, exercise: Exercise) -> None:
        self.chapter, self.exercise = chapter, exercise
        self.seen = _Seen()
        here = f"{chapter.name}/{exercise.name}"
        state.update(self.project, lambda progress: replace(progress, here=here))
        self._changing = _signature(chapter)
        self._check(exercise)

    def _hint(self) -> None:
        number, lines = take(self.chapter, self.exercise)  # the page shows the diagnosis already
        more = "more: h" if number < 3 else after_line(self.chapter, self.exercise, number)
        self.seen.hint = (*lines, more)
        self._paint()

    def _list(self) -> None:
        lines = pages.everything(self.project, state.read(self.project))
        self.screen.show([*lines, "", f"you are at {self.exercise.name}", pages.KEYS])

    def _ask_reset(self) -> None:
        self._say(
            f"put the stub of {self.exercise.name} back? Your file is kept. y yes, any other key no"
        )
        self._asked = True

    def _answer(self, key: str) -> None:
        self._asked = False
        if key != "y":
            self._paint()
            return
        try:
            done = rescue.reset_exercise(self.chapter, self.exercise)
        except UserError as error:
            self._say(str(error))
            return
        self.seen.hint = (f"{', '.join(done.names)} as handed out; {done.backup}",)
        self._check(self.exercise)

    def _say(self, sentence: str) -> None:
        self.screen.show([sentence, "", pages.KEYS])


def _checking(job: Job) -> str:
    return f"checking {job.exercise or job.chapter.name} ..."


def _signature(chapter: Chapter) -> Signature:
    """Return what changes when one of the files that a chapter's checks load is saved."""
    paths = {chapter.stub_file, *chapter.assignment_dir.glob("*.py")}
    paths |= {earlier.stub_file for earlier in earlier_chapters(chapter)}
    return tuple(_stamp(path) for path in sorted(paths))


def _stamp(path: Path) -> tuple[str, int, int, int]:
    try:
        about = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), about.st_mtime_ns, about.st_size, about.st_ino
