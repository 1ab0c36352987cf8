"""Seconds per submission of ch03: our marking, alone and with the gradebook, beside stock nbgrader.

All three mark the same hand-in, in turn, in one run. Stock nbgrader executes the notebook in a
kernel; ours marks in the sandbox, more checks, and writes the scores into the same notebook.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autograder.classroom import steps
from autograder.classroom.api import opened
from autograder.classroom.course import Course, open_course
from autograder.engine.reference import reference_source
from autograder.engine.seeds import PUBLIC_SECRET
from autograder.grading.grade import grade
from autograder.grading.intake import read
from autograder.grading.run_all import grade_all
from autograder.grading.store import Store
from autograder.manifest import Chapter, load_chapter
from autograder.project import Project
from autograder.sandbox import Sandbox

CHAPTER = "ch03_activations"
_COURSE = 'id = "bench"\nname = "Bench"\n'


def run(project: Project, rounds: int) -> Iterator[str]:
    """Measure and yield the lines of a table."""
    chapter = load_chapter(project, CHAPTER)
    with tempfile.TemporaryDirectory(prefix="dlfs-bench-") as folder, Sandbox() as sandbox:
        course = _course(project, Path(folder))
        steps.release(course, chapter)
        students = [f"s{number}" for number in range(rounds + 1)]
        for student in students:
            _hand_in(course, chapter, student)
        yield f"seconds per submission of {CHAPTER}, {rounds} rounds after one to warm up, one job"
        yield f"  {'':44}  minimum   median  maximum"
        marking = _timed(students, lambda who: _mark(course, chapter, who, sandbox))
        with opened(course) as api:
            book = _timed(students, lambda who: _into_gradebook(api, course, chapter, who))
            stock = _timed(students, lambda who: _stock(api, course, chapter, who))
        yield _row("ours: marking in the sandbox", marking)
        yield _row("ours: marking and nbgrader's gradebook", book)
        yield _row("stock nbgrader autograde, the same notebook", stock)
        for name, times in (("marking alone", marking), ("with the gradebook", book)):
            ratio = statistics.median(stock) / statistics.median(times)
            yield f"  stock takes {ratio:.1f} times as long as ours {name}"


def _course(project: Project, root: Path) -> Course:
    (root / "course.toml").write_text(_COURSE, encoding="utf-8")
    return open_course(project, root)


def _hand_in(course: Course, chapter: Chapter, student: str) -> None:
    """Put a finished hand-in where nbgrader collects them; each with a content of its own."""
    folder = course.submitted(student, chapter.name)
    shutil.copytree(course.release(chapter.name), folder)
    source = f"{reference_source(chapter)}\n# {student}\n"
    (folder / chapter.file).write_text(source, encoding="utf-8")


def _timed(students: list[str], step: Callable[[str], Any]) -> list[float]:
    """Return the wall seconds of each step but the first, which warms up."""
    seconds = []
    for student in students:
        start = time.perf_counter()
        step(student)
        seconds.append(time.perf_counter() - start)
    return seconds[1:]


def _mark(course: Course, chapter: Chapter, student: str, sandbox: Sandbox) -> None:
    submission = read(course.submitted(student, chapter.name), chapter)
    result, _ = grade(submission, chapter, sandbox=sandbox, secret=PUBLIC_SECRET)
    _expect(result.score == result.max_score, f"marking gave {result.score}")


def _into_gradebook(api: Any, course: Course, chapter: Chapter, student: str) -> None:
    submission = read(course.submitted(student, chapter.name), chapter)
    grade_all([submission], chapter, Store(course.root))
    _autograde(api, chapter, student)


def _stock(api: Any, course: Course, chapter: Chapter, student: str) -> None:
    """What nbgrader does by itself: its own preprocessors, with the kernel."""
    with _stock_converters(api, chapter), _in(course.root):
        _autograde(api, chapter, student)


@contextlib.contextmanager
def _stock_converters(api: Any, chapter: Chapter) -> Iterator[None]:
    """Take our preprocessors and hooks out of the configuration, but keep the student's file."""
    ours = api.config.Autograde
    stock = type(ours)({"exclude_overwriting": {chapter.name: [chapter.file]}})
    api.config.Autograde = stock
    try:
        yield
    finally:
        api.config.Autograde = ours


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _autograde(api: Any, chapter: Chapter, student: str) -> None:
    done = api.autograde(chapter.name, student)
    _expect(done["success"], done.get("log", "") + done.get("error", ""))


def _expect(condition: bool, why: str) -> None:
    if not condition:
        raise RuntimeError(f"the benchmark measures something that failed: {why}")


def _row(name: str, seconds: list[float]) -> str:
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    return f"  {name:44} {low:8.3f} {middle:8.3f} {high:8.3f}"
