"""How a test says which exercise it checks."""

from __future__ import annotations

from collections.abc import Callable

import pytest


def exercise(name: str, *, weight: int = 1) -> Callable:
    """Mark a test as a check of exercise `name`.

    The points of an exercise are shared among its checks, public and hidden, in proportion to
    their weights.
    """
    return pytest.mark.exercise(name, weight=weight)
