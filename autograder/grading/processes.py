"""Marking processes: orders to them, answers back, and what happens when one is lost.

Any `concurrent.futures.Executor` will do. Only a few orders are under way at a time, so a thousand
hand-ins need no more memory than a hundred.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from multiprocessing.connection import Connection
from typing import Any

from autograder.errors import UserError
from autograder.grading.grade import grade, grader_error
from autograder.grading.intake import Submission
from autograder.grading.result import Result
from autograder.interrupts import without_interruption
from autograder.manifest import Chapter
from autograder.sandbox import Sandbox, harden_process

Marked = tuple[Result, dict[str, float]]

AHEAD = 16  # orders under way in an executor whose width is not known
TRIES = 3  # of one submission whose workers are killed from outside
_one_at_a_time = threading.Lock()  # pytest runs once per process, also below a thread pool


@dataclass(frozen=True)
class Order:
    """What one marking process needs to know; travels to it by pickle, from us to us."""

    index: int
    submission: Submission
    chapter: Chapter
    secret: bytes
    unsafe: bool


def mark_all(
    orders: Iterable[Order], executor: Executor | None = None, jobs: int = 1
) -> Generator[tuple[Order, Marked], None, None]:
    """Mark the orders and yield each with its Result, as they come.

    A lost order gets a second chance in a process of its own; lost again, it is a grader error.
    """
    lost: list[Order] = []
    for order, marked in _first_try(iter(orders), executor, jobs):
        if marked is None:
            lost.append(order)
        else:
            yield order, marked
    for order, marked in _each_alone(lost):
        yield order, marked or _lost(order)


def mark(order: Order) -> Marked:
    """Mark one submission; whatever goes wrong on our side is a grader error."""
    with _one_at_a_time:
        sandbox = sandbox_of(order.unsafe)
        for _ in range(TRIES):
            before = sandbox.lost
            marked = _or_error(order, sandbox)
            if sandbox.lost == before:
                return marked
    why = (
        f"its workers were killed from outside, {TRIES} times (is there enough memory?); "
        "mark this submission again"
    )
    return grader_error(order.submission, order.chapter, why), {}


@lru_cache(maxsize=2)
def sandbox_of(unsafe: bool) -> Sandbox:
    """Return this process's warm sandbox."""
    harden_process()
    sandbox = Sandbox(unsafe=unsafe)
    atexit.register(sandbox.close)
    return sandbox


def _or_error(order: Order, sandbox: Sandbox) -> Marked:
    try:
        return grade(order.submission, order.chapter, sandbox=sandbox, secret=order.secret)
    except UserError as error:
        return grader_error(order.submission, order.chapter, str(error)), {}
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        return grader_error(order.submission, order.chapter, why), {}


def _lost(order: Order) -> Marked:
    why = "the marking process was lost twice; mark this submission again"
    return grader_error(order.submission, order.chapter, why), {}


def _first_try(
    orders: Iterator[Order], executor: Executor | None, jobs: int
) -> Iterator[tuple[Order, Marked | None]]:
    """Yield every order with its answer, None where it was lost; replace a broken executor."""
    if executor is not None:
        orders = yield from _under_way(executor, orders, AHEAD)
    for first in orders:
        with Pool(jobs) as pool:
            orders = yield from _under_way(pool, chain([first], orders), 2 * jobs)


def _each_alone(orders: list[Order]) -> Iterator[tuple[Order, Marked | None]]:
    waiting = iter(orders)
    for first in waiting:
        with Pool(1) as pool:
            waiting = yield from _under_way(pool, chain([first], waiting), 1)


def _under_way(
    pool: Executor | Pool, orders: Iterator[Order], ahead: int
) -> Generator[tuple[Order, Marked | None], None, Iterator[Order]]:
    """Keep `ahead` orders under way; return those that are left when the pool has broken."""
    futures: dict[Future[Marked], Order] = {}
    broken = False
    while True:
        while not broken and len(futures) < ahead:
            order = next(orders, None)
            if order is None:
                break
            try:
                futures[pool.submit(mark, order)] = order
            except RuntimeError:  # it broke, or was shut down, since the last answer
                broken, orders = True, chain([order], orders)
        if not futures:
            return orders
        for future in wait(futures, return_when=FIRST_COMPLETED).done:
            yield futures.pop(future), _answer(future)


def _answer(future: Future[Marked]) -> Marked | None:
    try:
        return future.result()
    except Exception:  # the process was killed, or its answer got lost
        return None


class Pool:
    """Marking processes of our own. They end with this one, however that ends."""

    def __init__(self, jobs: int) -> None:
        here, self._alive = multiprocessing.Pipe(duplex=False)
        self._theirs = here
        self._executor = ProcessPoolExecutor(
            jobs,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(here,),
        )

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: Any) -> None:
        """Wait for nothing: whatever is still under way is not wanted any more."""
        with without_interruption():
            self._alive.close()
            self._executor.shutdown(cancel_futures=True)
            self._theirs.close()

    def submit(self, function: Any, order: Order) -> Future[Marked]:
        """Give an order to the next process that is free; processes start when there is work."""
        with without_interruption():
            return self._executor.submit(function, order)


def _begin(alive: Connection) -> None:
    """Prepare a marking process: it ends when nobody holds the other end of `alive` any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()


def _end_with(alive: Connection) -> None:
    try:
        alive.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)
