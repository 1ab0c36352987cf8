"""Short descriptions of values for failure messages."""

from __future__ import annotations

from typing import Any

import numpy as np

_SHOWN = 6  # entries of a tuple or list of inputs that are worth showing


def inputs_line(inputs: dict[str, Any]) -> str:
    """Describe the arguments of a call: `x (3, 4) float32, slope 0.2`."""
    return ", ".join(f"{name} {describe(value)}" for name, value in inputs.items())


def describe(value: Any) -> str:
    """Describe an input: arrays by shape and dtype (and content when tiny), the rest by repr."""
    if isinstance(value, np.ndarray):
        text = f"{value.shape} {value.dtype}"
        return f"{text} {_flat(value)}" if 0 < value.size <= _SHOWN else text
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def kind(value: Any) -> str:
    """Name the kind of an answer that is not the array it should be."""
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (bool, int, float, complex, str)):
        return f"{type(value).__name__} {describe(value)}"
    if type(value).__module__.startswith("autograder"):
        return repr(value)
    name = type(value).__name__.removeprefix("Frozen").lower()
    return f"a {name}"


def entry(value: Any) -> str:
    """Write one number so that two different numbers look different."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (complex, np.complexfloating)):
        return str(complex(value))
    return format(float(value), ".8g")


def _flat(value: np.ndarray) -> str:
    numbers = " ".join(entry(item) for item in value.ravel()) if value.dtype.kind in "biuf" else "?"
    return f"[{numbers}]"
