"""The one comparison of an answer with what it should be.

Positive and strict: what is not shown to be right is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.suite.describe import entry, kind

# Relative and absolute tolerance by the precision of the expected answer.
TOLERANCES = {"float64": (1e-6, 1e-12), "float32": (1e-4, 1e-6), "float16": (1e-2, 1e-3)}

FLOATING = "float"  # as a dtype: any floating dtype will do


@dataclass(frozen=True)
class Difference:
    """What is wrong with an answer: a headline and, where it helps, the first place."""

    headline: str
    where: str = ""


def difference(
    got: Any, want: Any, *, rtol: float | None, atol: float | None, dtype: Any = None
) -> Difference | None:
    """Return how `got` differs from `want`, or None when it is right.

    `want` is an array, a nested list of floats or a number. The answer must be an exact array
    (for a number: a NumPy or Python scalar or a 0-d array) of the same shape, of the dtype of
    `want` (or `dtype`; "float" accepts every floating dtype), finite wherever `want` is.
    """
    wanted = want if isinstance(want, (np.ndarray, np.generic)) else np.asarray(want, dtype=float)
    array = _as_array(got, scalar=np.ndim(wanted) == 0)
    if array is None:
        return Difference(f"got {kind(got)}, expected an array of shape {np.shape(wanted)}")
    if array.shape != np.shape(wanted):
        return _shape_difference(array, np.asarray(wanted))
    wrong_dtype = _dtype_difference(array, got, wanted, dtype)
    return _value_difference(array, np.asarray(wanted), rtol, atol) or wrong_dtype


def _as_array(got: Any, *, scalar: bool) -> np.ndarray | None:
    if type(got) is np.ndarray and got.dtype.kind in "biufc":
        return got
    if scalar and (isinstance(got, np.generic) or type(got) in (bool, int, float)):
        return np.asarray(got)
    return None


def _shape_difference(got: np.ndarray, want: np.ndarray) -> Difference:
    hint = ""
    if got.ndim == want.ndim == 2 and got.shape == want.shape[::-1]:
        hint = " (transposed?)"
    elif got.size == want.size:
        hint = " (the number of entries is right)"
    return Difference(f"shape {got.shape}, expected {want.shape}{hint}")


def _dtype_difference(array: np.ndarray, got: Any, want: Any, dtype: Any) -> Difference | None:
    if type(got) in (float, int, bool):  # a Python number has no dtype to get wrong, but a kind
        same = type(got) is float or np.asarray(want).dtype.kind in "biu"
        return None if same else Difference(f"got {kind(got)}, expected a float")
    if dtype == FLOATING:
        expected, right = "a floating dtype", array.dtype.kind == "f"
    else:
        target = np.dtype(dtype) if dtype is not None else np.asarray(want).dtype
        expected, right = str(target), array.dtype == target
    if right:
        return None
    return Difference(f"dtype {array.dtype}, expected {expected} (shape and values are right)")


def _value_difference(
    got: np.ndarray, want: np.ndarray, rtol: float | None, atol: float | None
) -> Difference | None:
    default_rtol, default_atol = TOLERANCES.get(str(want.dtype), TOLERANCES["float64"])
    rtol = default_rtol if rtol is None else rtol
    atol = default_atol if atol is None else atol
    with np.errstate(all="ignore"):
        left, right = got.astype(complex if got.dtype.kind == "c" else float), want.astype(float)
        close = np.abs(left - right) <= atol + rtol * np.abs(right)
    close &= np.isfinite(got)
    if bool(close.all()):
        return None
    return _first_wrong(got, want, close)


def _first_wrong(got: np.ndarray, want: np.ndarray, close: np.ndarray) -> Difference:
    wrong = int(np.count_nonzero(~close))
    index = tuple(int(i) for i in np.argwhere(~close)[0])
    place = f"first at [{', '.join(map(str, index))}]: " if index else ""
    one, other = entry(got[index]), entry(want[index])
    if one == other:  # they differ beyond the digits that are usually shown
        one, other = repr(float(got[index])), repr(float(want[index]))
    where = f"{place}got {one}, expected {other}"
    ratio = _constant_ratio(got, want)
    if ratio:
        where += f"; every entry is {ratio} times the expected one"
    what = "the value is wrong" if got.size == 1 else f"{wrong} of {got.size} values are wrong"
    return Difference(what, where)


def _constant_ratio(got: np.ndarray, want: np.ndarray) -> str:
    """Return got/want when it is the same number, not 1, for every non-zero entry of several."""
    usable = np.abs(want) > 1e-9 * max(1.0, float(np.max(np.abs(want), initial=0.0)))
    if np.count_nonzero(usable) < 3 or got.dtype.kind == "c" or not np.isfinite(got).all():
        return ""
    ratios = got[usable].astype(float) / want[usable].astype(float)
    middle = float(np.median(ratios))
    same = np.abs(ratios - middle) <= 1e-6 * abs(middle)
    return f"{middle:.6g}" if bool(same.all()) and abs(middle - 1) > 1e-6 else ""
