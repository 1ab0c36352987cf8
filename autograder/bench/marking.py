"""Our marking, alone and with the gradebook, beside stock nbgrader on the same hand-ins of ch03.

The hand-ins are taken in blocks, and every way marks a block before the next one's turn, so that a
machine which gets busy slows all of them. Stock nbgrader executes each notebook in a kernel; ours
marks in the sandbox, many more checks, and writes the scores into the same notebook.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from autograder.bench.work import Cost, cost, load, median
from autograder.classroom import steps
from autograder.classroom.api import opened
from autograder.classroom.course import Course, open_course
from autograder.engine.reference import reference_source
from autograder.engine.seeds import PUBLIC_SECRET
from autograder.grading.grade import grade
from autograder.grading.intake import read
from autograder.grading.processes import sandbox_of
from autograder.grading.result import GRADED
from autograder.grading.run_all import grade_all
from autograder.grading.store import Store
from autograder.manifest import Chapter, load_chapter
from autograder.mistakes.catalogue import all_changed, load_catalogue
from autograder.project import Project

CHAPTER = "ch03_activations"
BLOCK = 8  # hand-ins of one round; five rounds make forty
_COURSE = 'id = "bench"\nname = "Bench"\n'

Way = Callable[[list[str]], None]


def run(project: Project, rounds: int) -> Iterator[str]:
    """Measure and yield the lines of a table."""
    chapter = load_chapter(project, CHAPTER)
    with tempfile.TemporaryDirectory(prefix="dlfs-bench-") as folder:
        course = _course(project, Path(folder))
        steps.release(course, chapter)
        students = [f"s{number:03}" for number in range(rounds * BLOCK + 1)]
        for student, source in zip(students, _sources(chapter), strict=False):
            _hand_in(course, chapter, student, source)
        count = len(students) - 1
        yield f"marking the same {count} hand-ins of {CHAPTER}, one job; medians of {rounds} blocks"
        with opened(course) as api:
            costs = _measured(_ways(api, course, chapter), students)
        yield from _table(costs)
        yield f"  {load()}"


def _ways(api: Any, course: Course, chapter: Chapter) -> dict[str, Way]:
    return {
        "stock": lambda block: _stock(api, course, chapter, block),
        "marking": lambda block: _mark(course, chapter, block),
        "gradebook": lambda block: _into_gradebook(course, chapter, block),
    }


def _measured(ways: dict[str, Way], students: list[str]) -> dict[str, list[Cost]]:
    """Return what one hand-in costs in each way, block by block; the first one warms up."""
    for way in ways.values():
        way(students[:1])
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for start in range(1, len(students), BLOCK):
        block = students[start : start + BLOCK]
        for name, way in ways.items():
            costs[name].append(cost(partial(way, block)).per(len(block)))
    return costs


def _table(costs: dict[str, list[Cost]]) -> Iterator[str]:
    middle = {name: median(each) for name, each in costs.items()}
    yield f"  {'':44} seconds  processor  a minute   stock takes"
    for name, words in (
        ("stock", "stock nbgrader autograde, a kernel each"),
        ("marking", "ours: marking in the sandbox"),
        ("gradebook", "ours: marking and nbgrader's gradebook"),
    ):
        one, ratio = middle[name], middle["stock"].cpu / middle[name].cpu
        much = "" if name == "stock" else f"{ratio:10.1f} times"
        yield f"  {words:44} {one.wall:7.3f} {one.cpu:10.3f} {60 / one.cpu:9.0f} {much}".rstrip()
    yield "  (a minute: hand-ins per minute of one core's time; ratios are of that)"


def _course(project: Project, root: Path) -> Course:
    (root / "course.toml").write_text(_COURSE, encoding="utf-8")
    return open_course(project, root)


def _sources(chapter: Chapter) -> Iterator[str]:
    """Yield right and wrong solutions without end: every other one has a known mistake."""
    right = reference_source(chapter)
    wrong = list(all_changed(chapter, load_catalogue(chapter)).values())
    number = 0
    while True:
        yield right
        yield wrong[number % len(wrong)]
        number += 1


def _hand_in(course: Course, chapter: Chapter, student: str, source: str) -> None:
    """Put a hand-in where nbgrader collects them; each with a content of its own."""
    folder = course.submitted(student, chapter.name)
    shutil.copytree(course.release(chapter.name), folder)
    (folder / chapter.file).write_text(f"{source}\n# {student}\n", encoding="utf-8")


def _mark(course: Course, chapter: Chapter, students: list[str]) -> None:
    for student in students:
        submission = read(course.submitted(student, chapter.name), chapter)
        result, _ = grade(submission, chapter, sandbox=sandbox_of(False), secret=PUBLIC_SECRET)
        _expect(result.status == GRADED and result.score > 0, f"marking gave {result.score}")


def _into_gradebook(course: Course, chapter: Chapter, students: list[str]) -> None:
    """What `dlfs grade` does, in one process that is the gradebook's only writer."""
    folders = [course.submitted(student, chapter.name) for student in students]
    grade_all((read(folder, chapter) for folder in folders), chapter, Store(course.root))
    for marked in steps.autograde(course, chapter.name, students):
        _expect(marked.problem is None, str(marked.problem))


def _stock(api: Any, course: Course, chapter: Chapter, students: list[str]) -> None:
    """What nbgrader does by itself: its own preprocessors, with the kernel."""
    with _stock_converters(api, chapter), _in(course.root), _quiet_kernels():
        for student in students:
            done = api.autograde(chapter.name, student)
            _expect(done["success"], done.get("log", "") + done.get("error", ""))


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
def _quiet_kernels() -> Iterator[None]:
    """Keep from the screen what each kernel says as it starts; kernels inherit the descriptor."""
    sys.stderr.flush()
    before = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


@contextlib.contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _expect(condition: bool, why: str) -> None:
    if not condition:
        raise RuntimeError(f"the benchmark measures something that failed: {why}")
