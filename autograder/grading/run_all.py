"""Mark many submissions over any executor; what is finished is kept, what is lost tried again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import overload

from autograder.errors import UserError
from autograder.grading.intake import Submission, read
from autograder.grading.processes import Marked, Order, mark, mark_all, sandbox_of
from autograder.grading.result import GRADED, Result
from autograder.grading.store import Store
from autograder.grading.version import grader_version
from autograder.manifest import Chapter


class Results(Sequence[Result]):
    """Results in the order of their submissions, each read from its file when it is looked at."""

    def __init__(self, places: list[Path | Result]) -> None:
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> Results: ...

    def __getitem__(self, index: int | slice) -> Result | Results:
        if isinstance(index, slice):
            return Results(self._places[index])
        place = self._places[index]
        if isinstance(place, Result):
            return place
        return Result.from_json(json.loads(place.read_text(encoding="utf-8")))


def grade_all(
    submissions: Iterable[Submission],
    chapter: Chapter,
    store: Store,
    *,
    executor: Executor | None = None,
    jobs: int = 1,
    unsafe: bool = False,
    on_result: Callable[[Submission, Result, bool], None] = lambda *_: None,
) -> Results:
    """Return the Result of every submission, in the given order.

    Stored Results of the same content and grader are used again. `on_result` is told of each
    Result as it comes, and whether it was marked now. A submission is taken from the iterable
    when its turn comes and not kept afterwards.
    """
    check_isolation(unsafe=unsafe)
    run = _Run(chapter, store, unsafe, on_result)
    with store.in_use(chapter):
        orders = run.orders(submissions)
        few = list(islice(orders, 2))  # one alone is not worth a process
        orders = chain(few, orders)
        if executor is None and (jobs == 1 or len(few) < 2):
            for order in orders:
                run.keep(order, mark(order))
        else:
            with closing(mark_all(orders, executor, jobs)) as answers:
                for order, marked in answers:
                    run.keep(order, marked)
    return Results([run.places[index] for index in range(len(run.places))])


def result_for(chapter: Chapter, folder: Path, store: Store, *, unsafe: bool = False) -> Result:
    """Return the Result of the hand-in in `folder`: the stored one, or mark it now."""
    return grade_all([read(folder, chapter)], chapter, store, unsafe=unsafe)[0]


def check_isolation(*, unsafe: bool) -> list[str]:
    """Return the layers in force, or refuse to mark on a machine below the minimum."""
    return list(sandbox_of(unsafe).isolation)


class _Run:
    """One run over many submissions: where each Result is, what is still to be marked."""

    def __init__(
        self,
        chapter: Chapter,
        store: Store,
        unsafe: bool,
        on_result: Callable[[Submission, Result, bool], None],
    ) -> None:
        self.places: dict[int, Path | Result] = {}
        self._chapter, self._store, self._unsafe = chapter, store, unsafe
        self._secret, self._tell = store.secret(), on_result
        self._version = grader_version(chapter)

    def orders(self, submissions: Iterable[Submission]) -> Iterator[Order]:
        """Yield what is still to be marked."""
        for index, submission in enumerate(submissions):
            path = self._path(submission)
            known = self._store.load(path)
            if known is None or known.student != submission.student:
                yield Order(index, submission, self._chapter, self._secret, self._unsafe)
            else:
                self.places[index] = path
                self._tell(submission, known, False)

    def keep(self, order: Order, marked: Marked) -> None:
        """Store a Result; one that could not be marked is not stored, so it is tried next time."""
        result, timings = marked
        if result.grader_version != self._version:
            raise UserError(
                f"the grader of {self._chapter.name} changed while it was at work: run it again; "
                "what was finished before is kept"
            )
        self.places[order.index] = result
        if result.status == GRADED:
            self.places[order.index] = path = self._path(order.submission)
            self._store.save(path, result, timings)
        self._tell(order.submission, result, True)

    def _path(self, submission: Submission) -> Path:
        return self._store.path(submission, self._chapter, self._version, not self._unsafe)
