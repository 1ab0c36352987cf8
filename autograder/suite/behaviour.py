"""Checks of what a call does besides its answer: side effects, sharing, exceptions, speed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox import StudentError, inout, put
from autograder.suite.checks import CheckFailed
from autograder.suite.record import Seen, note

ROUNDS = 5  # repetitions of a timed pair; the best of each counts


def unchanged(call: str, f: Callable, *args: Any, **kwargs: Any) -> Any:
    """Call f and check that it modified none of its array arguments; return its answer."""
    __tracebackhide__ = True
    mine = [_copy(arg) for arg in args]
    named = {name: _copy(arg) for name, arg in kwargs.items()}
    answer = f(*map(_watched, mine), **{name: _watched(arg) for name, arg in named.items()})
    labels = [f"argument {number}" for number in range(1, len(args) + 1)] + list(kwargs)
    for label, before, after in zip(
        labels, [*args, *kwargs.values()], [*mine, *named.values()], strict=True
    ):
        if isinstance(before, np.ndarray) and not _same(before, after):
            note(Seen(label, after, before, right=False))
            raise CheckFailed(call, f"{label} was modified by the call; work on a copy")
    return answer


def fresh(call: str, f: Any, *args: Any) -> Any:
    """Call f and check that its answer shares no memory with an argument; return the answer.

    The answer stays with the student's code, the arguments are overwritten there, and the answer
    must not have moved.
    """
    __tracebackhide__ = True
    theirs = [put(f, _copy(arg)) if isinstance(arg, np.ndarray) else arg for arg in args]
    kept = f.keep(*theirs)
    before = kept.value()
    for arg, remote in zip(args, theirs, strict=True):
        if isinstance(arg, np.ndarray):
            remote[...] = np.full_like(arg, 77)
    after = kept.value()
    if not _same(before, after):
        note(Seen("the result, after its argument was overwritten", after, before, right=False))
        raise CheckFailed(call, "the result shares memory with an argument; return a new array")
    return before


def raises(
    call: str,
    f: Callable,
    *args: Any,
    types: tuple[type[Exception], ...] = (ValueError,),
    **inputs: Any,
) -> None:
    """Check that the student's code refuses these arguments with one of the exceptions."""
    __tracebackhide__ = True
    names = " or ".join(kind.__name__ for kind in types)
    note()
    try:
        answer = f(*args)
    except StudentError as error:
        if isinstance(error, types):
            return
        raise
    note(Seen(call, answer, None, right=False))
    raise CheckFailed(call, f"accepted bad input, must raise {names}", **inputs)


def faster(what: str, fast: Callable[[], Any], slow: Callable[[], Any], ratio: float) -> None:
    """Check that `fast` takes at most `ratio` of the time of `slow`, side by side, best of five."""
    __tracebackhide__ = True
    best_fast = best_slow = float("inf")
    for _ in range(ROUNDS):
        best_slow = min(best_slow, _seconds(slow))
        best_fast = min(best_fast, _seconds(fast))
    if not best_fast <= ratio * best_slow:
        found = best_fast / best_slow
        raise CheckFailed(
            what,
            f"takes {found:.2f} times as long as the naive version, must be at most {ratio:g}",
        )


def _seconds(f: Callable[[], Any]) -> float:
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def _copy(value: Any) -> Any:
    return np.array(value, copy=True, order="K") if isinstance(value, np.ndarray) else value


def _watched(value: Any) -> Any:
    return inout(value) if isinstance(value, np.ndarray) else value


def _same(a: Any, b: Any) -> bool:
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return bool(np.all(a == b))
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
