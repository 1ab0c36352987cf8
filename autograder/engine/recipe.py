"""A collected check as plain data: what is needed to run it once more, outside pytest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.sandbox import StudentError
from autograder.suite.record import Record, Seen

MAX_KEPT = 1 << 22  # bytes of a wrong answer that are kept until the submission is marked


@dataclass(frozen=True)
class Recipe:
    """One check: its test function, the values of its parameters, the fixtures it asks for."""

    id: str
    exercise: str
    public: bool
    trains: bool  # it has a larger budget than a check that does not train
    function: Callable[..., None]
    params: Mapping[str, Any]
    fixtures: tuple[str, ...]


@dataclass(frozen=True)
class Failure:
    """How a check of one program ended: what its last assertion saw, and the error in words."""

    record: Record
    words: str


def recipe_of(item: Any, check: str, exercise: str, *, public: bool, trains: bool) -> Recipe:
    """Return the recipe of a collected pytest item."""
    callspec = getattr(item, "callspec", None)
    params = dict(callspec.params) if callspec else {}
    names = tuple(name for name in item._fixtureinfo.argnames if name not in params)
    return Recipe(check, exercise, public, trains, item.function, params, names)


def failure_of(record: Record, error: BaseException) -> Failure:
    """Return a failure in words that hold no names or lines of the student's own."""
    record.seen = tuple(map(_small, record.seen))
    if isinstance(error, StudentError):
        return Failure(record, f"{error.kind}: {error.text}")
    return Failure(record, f"{type(error).__name__}: {error}")


def _small(seen: Seen) -> Seen:
    """Forget answers of a size that no right one has, so that a hand-in cannot fill the memory."""
    got = seen.got
    if isinstance(got, (list, dict, tuple, set, frozenset, bytes, bytearray)):
        return replace(seen, got=type(got)())  # of these only the kind is looked at
    if isinstance(got, np.ndarray) and got.nbytes > MAX_KEPT:
        return replace(seen, got="an array that is too large", sign=None)
    return replace(seen, got=got[:1000]) if isinstance(got, str) else seen
