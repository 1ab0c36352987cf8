"""Mark many submissions over any executor; what is finished is kept, what is lost tried again."""

from __future__ import annotations

import atexit
import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.errors import UserError
from autograder.grading.grade import grade, grader_error
from autograder.grading.intake import Submission, read
from autograder.grading.result import GRADED, Result
from autograder.grading.store import Store
from autograder.manifest import Chapter
from autograder.sandbox import Sandbox, harden_process

Marked = tuple[Result, dict[str, float]]


@dataclass(frozen=True)
class Order:
    """What one marking process needs to know; travels to it by pickle, from us to us."""

    submission: Submission
    chapter: Chapter
    secret: bytes
    unsafe: bool


def grade_all(
    submissions: list[Submission],
    chapter: Chapter,
    store: Store,
    *,
    executor: Executor | None = None,
    jobs: int = 1,
    unsafe: bool = False,
    on_result: Callable[[Submission, Result, bool], None] = lambda *_: None,
) -> list[Result]:
    """Return the Result of every submission, in the given order.

    Stored Results of the same content and grader are used again. `on_result` is told of each
    Result as it comes, and whether it was marked now.
    """
    check_isolation(unsafe=unsafe)
    secret = store.secret()
    done: dict[int, Result] = {}
    orders: dict[int, Order] = {}
    for index, submission in enumerate(submissions):
        known = store.load(submission, chapter, isolated=not unsafe)
        if known is not None:
            done[index] = known
            on_result(submission, known, False)
        else:
            orders[index] = Order(submission, chapter, secret, unsafe)

    def keep(index: int, marked: Marked) -> None:
        done[index], timings = marked
        order = orders[index]
        if done[index].status == GRADED:
            store.save(order.submission, chapter, done[index], timings)
        on_result(order.submission, done[index], True)

    _run(orders, keep, executor, jobs)
    return [done[index] for index in range(len(submissions))]


def result_for(chapter: Chapter, folder: Path, store: Store, *, unsafe: bool = False) -> Result:
    """Return the Result of the hand-in in `folder`: the stored one, or mark it now."""
    return grade_all([read(folder, chapter)], chapter, store, unsafe=unsafe)[0]


def check_isolation(*, unsafe: bool) -> list[str]:
    """Return the layers in force, or refuse to mark on a machine below the minimum."""
    return list(_sandbox(unsafe).isolation)


def _run(
    orders: dict[int, Order],
    keep: Callable[[int, Marked], None],
    executor: Executor | None,
    jobs: int,
) -> None:
    """Mark all orders; a lost task gets a second chance in a process of its own."""
    if not orders:
        return
    if executor is None and (jobs == 1 or len(orders) == 1):
        for index, order in orders.items():
            keep(index, _or_error(order))
        return
    lost = []
    pool = executor or _pool(min(jobs, len(orders)))
    try:
        for index, marked in _results(pool, orders):
            if marked is None:
                lost.append(index)
            else:
                keep(index, marked)
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)
    for index in lost:
        with _pool(1) as second:
            found = dict(_results(second, {index: orders[index]}))
        keep(index, found[index] or _lost(orders[index]))


def _results(pool: Executor, orders: dict[int, Order]) -> Iterable[tuple[int, Marked | None]]:
    futures: dict[Future[Marked], int] = {}
    for index, order in orders.items():
        try:
            futures[pool.submit(_or_error, order)] = index
        except RuntimeError:  # the pool broke while it was being filled
            yield index, None
    for future in as_completed(futures):
        try:
            yield futures[future], future.result()
        except Exception:  # the process was killed, or its answer got lost
            yield futures[future], None


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))


def _or_error(order: Order) -> Marked:
    """Mark one submission; whatever goes wrong on our side is a grader error."""
    try:
        return grade(
            order.submission,
            order.chapter,
            sandbox=_sandbox(order.unsafe),
            secret=order.secret,
        )
    except UserError as error:
        return grader_error(order.submission, order.chapter, str(error)), {}
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        return grader_error(order.submission, order.chapter, why), {}


def _lost(order: Order) -> Marked:
    why = "the marking process was lost twice; mark this submission again"
    return grader_error(order.submission, order.chapter, why), {}


@lru_cache(maxsize=2)
def _sandbox(unsafe: bool) -> Sandbox:
    """One warm sandbox per marking process."""
    harden_process()
    sandbox = Sandbox(unsafe=unsafe)
    atexit.register(sandbox.close)
    return sandbox
