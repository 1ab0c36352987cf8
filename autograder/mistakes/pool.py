"""Processes that run changed references, which may loop without end or use up the memory."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.recipe import Recipe
from autograder.engine.run import recipes
from autograder.manifest import Chapter, load_chapter
from autograder.mistakes.replay import Bench
from autograder.project import Project
from autograder.sandbox import LocalSession, Program

CHECK_SECONDS = 10.0  # for one check; one that trains gets TRAINING_SECONDS
TRAINING_SECONDS = 90.0
_GRACE = 15.0


@dataclass(frozen=True)
class Job:
    """A program (the text of a chapter's module) and the checks to run on it."""

    key: Any
    root: Path
    chapter: str
    source: str
    checks: tuple[str, ...]
    stop: bool = False  # at the first check that fails

    def seconds(self) -> float:
        return _GRACE + len(self.checks) * TRAINING_SECONDS


@dataclass(frozen=True)
class Verdict:
    """Which of a job's checks did not pass, and which of those ran out of time."""

    key: Any
    failed: tuple[str, ...]
    late: tuple[str, ...] = ()


def run_jobs(jobs: Iterable[Job], processes: int) -> Iterator[Verdict]:
    """Yield the verdict on every job as it comes; a process that hangs is replaced."""
    # Inherited by the processes: small matrices gain nothing from threads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    waiting = list(jobs)[::-1]
    workers = [_Worker() for _ in range(min(processes, len(waiting)))]
    busy: dict[Any, _Worker] = {}
    try:
        while waiting or busy:
            for worker in workers:
                if worker.job is None and waiting:
                    worker.give(waiting.pop())
                    busy[worker.line] = worker
            for line in wait(list(busy), timeout=1.0):
                yield busy.pop(line).take()
            for line, worker in list(busy.items()):
                if worker.overdue():
                    del busy[line]
                    yield worker.replaced()
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """One process, the line to it and the job that it has."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def give(self, job: Job) -> None:
        self.job, self._due = job, time.monotonic() + job.seconds()
        self.line.send(job)

    def take(self) -> Verdict:
        """Return the answer; a process that has ended gives every check as failed."""
        try:
            verdict: Verdict = self.line.recv()
        except (EOFError, ConnectionError):
            return self.replaced()
        self.job = None
        return verdict

    def overdue(self) -> bool:
        return time.monotonic() > self._due

    def replaced(self) -> Verdict:
        job, self.job = self.job, None
        assert job is not None
        self.end()
        self._start()
        return Verdict(job.key, job.checks, job.checks)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.line.close()


class _Late(BaseException):
    """A check has used up its time."""


def _work(line: Connection) -> None:
    """Answer one job after the other until the other end is gone."""
    signal.signal(signal.SIGALRM, _ring)
    known: dict[str, tuple[Bench, dict[str, Recipe]]] = {}
    while True:
        try:
            job: Job = line.recv()
        except EOFError:
            return
        if job.chapter not in known:
            chapter = load_chapter(Project(job.root), job.chapter)
            known[job.chapter] = Bench(chapter), {r.id: r for r in chapter_recipes(chapter)}
        line.send(_verdict(job, *known[job.chapter]))


def chapter_recipes(chapter: Chapter) -> list[Recipe]:
    """Return every check of a chapter, public and hidden, in suite order."""
    return recipes(Task(chapter, Program(chapter.module, {}), LocalSession))


def _verdict(job: Job, bench: Bench, known: dict[str, Recipe]) -> Verdict:
    program = marking_program(bench.chapter, {bench.chapter.file: job.source.encode()})
    failed, late = [], []
    for check in job.checks:
        recipe = known[check]
        signal.setitimer(signal.ITIMER_REAL, TRAINING_SECONDS if recipe.trains else CHECK_SECONDS)
        try:
            if bench.run(recipe, program) is not None:
                failed.append(check)
        except _Late:
            failed.append(check)
            late.append(check)
            bench.forget()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if failed and job.stop:
            break
    return Verdict(job.key, tuple(failed), tuple(late))


def _ring(*_: Any) -> None:
    raise _Late
