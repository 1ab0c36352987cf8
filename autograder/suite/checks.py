"""The vocabulary of a suite: every assertion about values, with messages that speak to a student.

A failing check raises CheckFailed. Its text has at most five lines: what is wrong, where, how far
off, and the inputs; the engine adds the student's line and how to run the check again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.suite.compare import Difference, difference
from autograder.suite.describe import entry, inputs_line, kind
from autograder.suite.record import Seen, note


class CheckFailed(AssertionError):
    """The answer is wrong. The text is meant for the student."""

    def __init__(self, what: str, problem: str, where: str = "", **inputs: Any) -> None:
        lines = [f"{what}: {problem}"]
        lines += [f"  {line}" for line in where.splitlines()]
        if inputs:
            lines.append(f"  input: {inputs_line(inputs)}")
        super().__init__("\n".join(lines))


def equal(
    what: str,
    got: Any,
    want: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    dtype: Any = None,
    **inputs: Any,
) -> None:
    """Check one array (or number) against the right one: type, shape, dtype, finiteness, values.

    `want` may be an array, whose dtype counts, or a list of floats (float64). Without rtol and
    atol the tolerance follows the precision of `want`. `inputs` are shown when the check fails.
    """
    __tracebackhide__ = True
    found = difference(got, want, rtol=rtol, atol=atol, dtype=dtype)
    note(Seen(what, got, want, found is None), inputs=inputs)
    if found is not None:
        raise CheckFailed(what, found.headline, found.where, **inputs)


def outputs(
    pairs: dict[str, tuple[Any, Any]],
    *,
    call: str,
    rtol: float | None = None,
    atol: float | None = None,
    **inputs: Any,
) -> None:
    """Check several named outputs of one call and say which are right and which are wrong."""
    __tracebackhide__ = True
    found = {
        name: difference(got, want, rtol=rtol, atol=atol) for name, (got, want) in pairs.items()
    }
    wrong = {name: problem for name, problem in found.items() if problem is not None}
    note(*(Seen(name, *pair, name not in wrong) for name, pair in pairs.items()), inputs=inputs)
    if wrong:
        verdict = ", ".join(f"{name} {'wrong' if name in wrong else 'right'}" for name in pairs)
        raise CheckFailed(call, verdict, _details(wrong), **inputs)


def gradient(what: str, got: Any, want: Any, *, tol: float = 1e-6, **inputs: Any) -> None:
    """Check a gradient against finite differences.

    An entry may be off by `tol` of its own size and of the largest entry's: finite differences
    are no better than that.
    """
    __tracebackhide__ = True
    scale = float(np.max(np.abs(want), initial=0.0))
    found = difference(got, want, rtol=tol, atol=tol * max(scale, 1e-3), dtype="float")
    note(Seen(what, got, want, found is None, _gap(got, want)), inputs=inputs)
    if found is not None:
        where = f"{found.where}\nexpected: the slope measured by finite differences"
        raise CheckFailed(what, found.headline, where.strip(), **inputs)


def _gap(got: Any, want: np.ndarray) -> Any:
    """Return by how much a gradient misses the slope: either of the two may be the wrong one."""
    fits = type(got) is np.ndarray and got.shape == want.shape and got.dtype.kind == "f"
    return got - want if fits else None


def number(what: str, got: Any, want: float, *, rtol: float = 1e-6, **inputs: Any) -> None:
    """Check a Python float, such as a loss."""
    __tracebackhide__ = True
    if type(got) is not float:
        note(Seen(what, got, want, right=False), inputs=inputs)
        raise CheckFailed(what, f"got {_typed(got)}, expected a Python float", **inputs)
    equal(what, got, np.float64(want), rtol=rtol, **inputs)


def true(what: str, condition: Any, problem: str, **inputs: Any) -> None:
    """Check a property that is no comparison; `problem` says what is wrong otherwise."""
    __tracebackhide__ = True
    note()
    if not (isinstance(condition, (bool, np.bool_)) and bool(condition)):
        raise CheckFailed(what, problem, **inputs)


def at_least(what: str, value: Any, threshold: float, **inputs: Any) -> None:
    """Check that a number reaches a threshold; NaN does not."""
    __tracebackhide__ = True
    measured = _measured(what, value)
    note(Seen(what, measured, None, measured >= threshold), inputs=inputs)
    if not measured >= threshold:
        raise CheckFailed(what, f"{entry(measured)}, must be at least {entry(threshold)}", **inputs)


def at_most(what: str, value: Any, threshold: float, **inputs: Any) -> None:
    """Check that a number stays below a threshold; NaN does not."""
    __tracebackhide__ = True
    measured = _measured(what, value)
    note(Seen(what, measured, None, measured <= threshold), inputs=inputs)
    if not measured <= threshold:
        raise CheckFailed(what, f"{entry(measured)}, must be at most {entry(threshold)}", **inputs)


def accuracy(what: str, predictions: Any, labels: np.ndarray, threshold: float) -> None:
    """Check the share of right class ids, in percent of the examples."""
    __tracebackhide__ = True
    if type(predictions) is not np.ndarray or predictions.shape != labels.shape:
        raise CheckFailed(what, f"got {kind(predictions)}, expected class ids {labels.shape}")
    share = float(np.mean(predictions == labels))
    note(Seen(what, predictions, None, share >= threshold))
    if not share >= threshold:
        got, wanted = f"{100 * share:.1f} %", f"{100 * threshold:.1f} %"
        raise CheckFailed(what, f"{got} of {len(labels)} right, must be at least {wanted}")


def _details(wrong: dict[str, Difference]) -> str:
    lines = []
    for name, problem in list(wrong.items())[:3]:
        lines.append(
            f"{name}: {problem.headline}" + (f"; {problem.where}" if problem.where else "")
        )
    if len(wrong) > 3:
        lines.append(f"and {len(wrong) - 3} more")
    return "\n".join(lines)


def _typed(value: Any) -> str:
    return (
        f"{type(value).__name__} {entry(value)}" if isinstance(value, np.generic) else kind(value)
    )


def _measured(what: str, value: Any) -> float:
    if type(value) in (int, float) or isinstance(value, (np.floating, np.integer)):
        return float(value)
    raise CheckFailed(what, f"got {kind(value)}, expected a number")
