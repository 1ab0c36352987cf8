"""What a failing check saw of one program, small enough to keep and to compare.

Of each wrong output only a sketch is kept: type, shape, dtype, and a few weighted sums of its
numbers. Two outputs with the same sketch are the same numbers; the numbers cannot be read off it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.engine.recipe import Failure
from autograder.suite.describe import kind
from autograder.suite.record import Seen

SUMS = 4  # weighted sums of a sketch
# How far two sums may lie apart, relative to the sum of the absolute terms.
_TOLERANCE = {"float64": 1e-9, "float32": 2e-6, "float16": 2e-3}
_NEARER = 1e-2  # two wrong answers must be this much closer to each other than to the right one


@dataclass(frozen=True)
class Sketch:
    """What is kept of one value. `sums` of the finite entries; `odd` says where NaN and inf are."""

    kind: str
    shape: tuple[int, ...] = ()
    sums: tuple[float, ...] = ()
    scale: float = 0.0
    odd: float = 0.0

    def to_json(self) -> list[Any]:
        return [self.kind, list(self.shape), list(self.sums), self.scale, self.odd]

    @staticmethod
    def from_json(data: list[Any]) -> Sketch:
        return Sketch(data[0], tuple(data[1]), tuple(data[2]), data[3], data[4])


def sketch(value: Any) -> Sketch:
    """Return the sketch of an array or number; of anything else, its description."""
    if isinstance(value, (np.ndarray, np.generic)) or type(value) in (bool, int, float):
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            name = type(value).__name__ if np.ndim(value) == 0 else ""
            return _sketch(array, f"{name} {array.dtype}")
    return Sketch(f"text {kind(value)}")


def _sketch(array: np.ndarray, name: str) -> Sketch:
    numbers = array.astype(float).ravel()
    finite = np.isfinite(numbers)
    weights = _weights(numbers.size)
    codes = np.where(np.isnan(numbers), 1.0, np.where(numbers > 0, 2.0, 3.0))
    terms = weights * np.where(finite, numbers, 0.0)
    odd = float(np.sum(weights[0] * np.where(finite, 0.0, codes)))
    sums = tuple(float(total) for total in terms.sum(axis=1))
    return Sketch(name, array.shape, sums, float(np.abs(terms[0]).sum()), round(odd, 9))


@lru_cache(maxsize=256)
def _weights(size: int) -> np.ndarray:
    """Return fixed weights, the same on every machine: no sum of two orders of entries agrees."""
    steps = np.array([1.0, 1.7320508, 2.2360679, 2.6457513])[:SUMS, None]
    return np.sin(steps * np.arange(1, size + 1)) + 1.25


def same(a: Sketch, b: Sketch, right: Sketch | None = None) -> bool:
    """Say whether two sketches are of the same numbers, and not merely both close to `right`."""
    if (a.kind, a.shape) != (b.kind, b.shape) or a.odd != b.odd:
        return False
    apart = _apart(a, b)
    tolerance = _TOLERANCE.get(a.kind.split()[-1], 1e-9)
    if apart > tolerance * max(a.scale, b.scale):
        return False
    if right is None or (len(right.sums), right.shape, right.odd) != (len(a.sums), a.shape, a.odd):
        return True
    distance = _apart(a, right)
    return apart <= _NEARER * distance or distance <= tolerance * a.scale  # only the type is wrong


def _apart(a: Sketch, b: Sketch) -> float:
    return max((abs(x - y) for x, y in zip(a.sums, b.sums, strict=True)), default=0.0)


@dataclass(frozen=True)
class Trace:
    """A failing check in short: after how many assertions, what was wrong there, in which words.

    `wrong` maps the wrong outputs' names to their sketches; `rights` to those of the right answers,
    where they are known. `words` is a digest: it is compared where there is no output to compare.
    """

    step: int
    wrong: Mapping[str, Sketch]
    words: str
    rights: Mapping[str, Sketch] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        wrong = {name: each.to_json() for name, each in self.wrong.items()}
        return {"step": self.step, "wrong": wrong, "words": self.words}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Trace:
        wrong = {name: Sketch.from_json(each) for name, each in data["wrong"].items()}
        return Trace(data["step"], wrong, data["words"])

    def explains(self, other: Trace) -> frozenset[str]:
        """Return the names of the other's wrong outputs that are the same numbers here."""
        if self.step != other.step:
            return frozenset()
        return frozenset(
            name
            for name, mine in self.wrong.items()
            if name in other.wrong and same(other.wrong[name], mine, other.rights.get(name))
        )

    def fails_like(self, other: Trace) -> bool:
        """Say whether both end at the same assertion in the same words, with nothing to compare."""
        return not (self.wrong or other.wrong) and (self.step, self.words) == (
            other.step,
            other.words,
        )


def trace_of(failure: Failure) -> Trace:
    """Return the trace of a failing check."""
    seen = [each for each in failure.record.seen if not each.right]
    return Trace(
        step=failure.record.step,
        wrong={each.name: sketch_of(each) for each in seen},
        words=hashlib.sha256(failure.words.encode()).hexdigest()[:16],
        rights={
            each.name: _right(each.want)
            for each in seen
            if each.want is not None and each.sign is None
        },
    )


def sketch_of(seen: Seen) -> Sketch:
    """Return the sketch by which one wrong output is told from others."""
    return sketch(seen.got if seen.sign is None else seen.sign)


def _right(want: Any) -> Sketch:
    known = isinstance(want, (np.ndarray, np.generic, float, int))
    return sketch(want if known else np.asarray(want, dtype=float))
