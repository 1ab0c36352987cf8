"""Checks in the background, on a child process that has been started before it is needed."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass, field

from autograder.engine.practice import Order, give, waiting_child
from autograder.learner import code
from autograder.manifest import Chapter
from autograder.reports.practice import ChapterReport, practise


class _Cancelled(Exception):
    """Nobody waits for this run any more."""


@dataclass
class Job:
    """One run of the checks of an exercise, or of a whole chapter, and what came of it."""

    chapter: Chapter
    exercise: str | None
    before: dict[str, str] = field(default_factory=dict)
    report: ChapterReport | None = None
    error: Exception | None = None
    began: float = field(default_factory=time.monotonic)
    child: subprocess.Popen[str] | None = None
    cancelled: bool = False
    thread: threading.Thread | None = None

    @property
    def ended(self) -> bool:
        return self.thread is not None and not self.thread.is_alive()


class Runner:
    """Runs one job at a time. A child for the next one imports everything meanwhile."""

    def __init__(self) -> None:
        self._spare: tuple[str, subprocess.Popen[str]] | None = None
        self._lock = threading.Lock()

    def start(self, chapter: Chapter, exercise: str | None) -> Job:
        job = Job(chapter, exercise)
        job.thread = threading.Thread(target=self._work, args=(job,), daemon=True)
        job.thread.start()
        return job

    def cancel(self, job: Job) -> None:
        """End a job; whatever it still finds is of no interest."""
        with self._lock:
            job.cancelled = True
            if job.child is not None:
                job.child.kill()

    def make_ready(self, chapter: Chapter) -> None:
        """Start the child of the next job, unless one waits already."""
        spare = self._spare
        if spare is not None and spare[0] == chapter.name and spare[1].poll() is None:
            return
        self.close()
        self._spare = chapter.name, waiting_child(chapter)

    def close(self) -> None:
        """End the child that waits."""
        spare, self._spare = self._spare, None
        if spare is not None:
            with spare[1] as child:
                child.kill()

    def _work(self, job: Job) -> None:
        try:
            job.before = code.fingerprints(job.chapter)
            job.report = practise(
                job.chapter, job.exercise, start_child=lambda order: self._child(job, order)
            )
        except _Cancelled:
            pass
        except Exception as error:
            job.error = error

    def _child(self, job: Job, order: Order) -> subprocess.Popen[str]:
        with self._lock:
            if job.cancelled:
                raise _Cancelled
            job.child = child = self._take_spare(job.chapter) or waiting_child(job.chapter)
        give(child, order)
        return child

    def _take_spare(self, chapter: Chapter) -> subprocess.Popen[str] | None:
        if self._spare is None or self._spare[0] != chapter.name:
            return None
        child, self._spare = self._spare[1], None
        return child if child.poll() is None else None
