"""What wrong numbers look like, when no known mistake gives them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.engine.recipe import Failure

_TOLERANCE = 1e-6
_CRASHES = {
    "FloatingPointError: overflow": "a number became too large for a float: exp of what?",
    "FloatingPointError: divide by zero": "something was divided by 0, or a log taken of 0",
    "FloatingPointError: invalid value": "0 / 0, inf - inf or the like, which is not a number",
}


def fingerprint(failure: Failure) -> str:
    """Return one sentence on the first wrong output, or nothing when it looks like nothing."""
    for start, sentence in _CRASHES.items():
        if failure.words.startswith(start):
            return sentence
    for seen in failure.record.seen:
        if not seen.right and isinstance(seen.got, np.ndarray) and seen.want is not None:
            return _looks(seen.got, np.asarray(seen.want), failure.record.inputs)
    return ""


def _looks(got: np.ndarray, want: np.ndarray, inputs: Any) -> str:
    if got.dtype.kind not in "biuf" or got.size == 0:
        return ""
    if got.shape != want.shape:
        return _other_shape(got, want)
    if not got.any() and want.any():
        return "every entry is 0"
    if not np.isfinite(got).all():
        return _not_finite(got, want)
    return _ratio(got, want, inputs) or _rearranged(got, want) or _first_right(got, want)


def _other_shape(got: np.ndarray, want: np.ndarray) -> str:
    if got.ndim == 2 and got.T.shape == want.shape and _close(got.T, want):
        return "the right numbers, transposed"
    if got.size == want.size and _close(got.ravel(), want.ravel()):
        return "the right numbers in another shape"
    if got.size > 1 and want.size > 1 and got.ndim == want.ndim:
        return ""
    if got.size == 1 and want.size > 1:
        return "one number for all: a sum or mean without an axis?"
    return ""


def _not_finite(got: np.ndarray, want: np.ndarray) -> str:
    finite = np.isfinite(got)
    if finite.any() and _close(got[finite], want[finite]):
        return "right wherever the result is finite: does something overflow at large numbers?"
    return ""


def _ratio(got: np.ndarray, want: np.ndarray, inputs: Any) -> str:
    """Name a constant ratio that says something: -1, 2, 1/2, the length of an axis."""
    usable = np.abs(want) > 1e-9 * max(1.0, float(np.abs(want).max(initial=0.0)))
    if np.count_nonzero(usable) < 3:
        return ""
    ratios = got[usable].astype(float) / want[usable].astype(float)
    ratio = float(np.median(ratios))
    if ratio == 0 or not _close(ratios, np.full_like(ratios, ratio)):
        return ""
    if abs(ratio + 1) < _TOLERANCE:
        return "every entry has the opposite sign"
    for factor, words in ((2.0, "a factor of 2 too much"), (0.5, "a factor of 2 is missing")):
        if abs(ratio - factor) < _TOLERANCE:
            return words
    return _length(ratio, inputs)


def _length(ratio: float, inputs: Any) -> str:
    """Name the input that has an axis as long as the ratio, or as its inverse."""
    for name, value in inputs.items():
        for length in getattr(value, "shape", ()):
            if length > 2 and abs(ratio - length) < _TOLERANCE * length:
                return (
                    f"{length} times too large, and {name} {value.shape} has {length} of something"
                )
            if length > 2 and abs(ratio * length - 1) < _TOLERANCE:
                return (
                    f"{length} times too small, and {name} {value.shape} has {length} of something"
                )
    return ""


def _rearranged(got: np.ndarray, want: np.ndarray) -> str:
    if _close(got, want):  # in place and right: the dtype is wrong, or a digit far behind
        return ""
    if got.ndim == 2 and got.shape[0] == got.shape[1] and _close(got.T, want):
        return "the right numbers, transposed"
    if got.size > 3 and _close(np.sort(got, axis=None), np.sort(want, axis=None)):
        return "the right numbers in other places"
    return ""


def _first_right(got: np.ndarray, want: np.ndarray) -> str:
    if got.ndim == 0 or len(got) < 2 or not np.any(want[0]):
        return ""
    right = [_close(one, other) for one, other in zip(got, want, strict=True)]
    if right[0] and not any(right[1:]):
        return "the first one is right, the others are not: what carries over?"
    return ""


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    scale = max(float(np.abs(b).max(initial=0.0)), 1e-12)
    with np.errstate(all="ignore"):
        return bool((np.abs(a - b) <= _TOLERANCE * scale).all())
