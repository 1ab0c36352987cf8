"""What the thresholds of ch09 rest on: trainings and a race of its suites, over many seeds."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import datasets
from autograder.evidence import Run, module_from

FOLDER = Path(__file__).parent
public, hidden, support = (
    module_from(FOLDER / f"{name}.py") for name in ("test_public", "test_hidden", "support")
)
ROUNDS = 2  # the check takes the best of five, but processor time varies little

LAYER_OUTPUT = "y = W.reshape(n_filters, -1) @ self.cols.T  # (C_out, N*OH*OW)"

# One-place changes of the reference whose effect on the same runs is measured as well: a threshold
# sees some mistakes and is blind to others.
WRONG = {
    "filters never trained": ("(drows @ self.cols).reshape(W.shape)", "np.zeros_like(W)"),
    "input gradient not flipped": (
        "dcols = (W.reshape(n_filters, -1).T @ drows).T",
        "dcols = (W[:, :, ::-1, ::-1].reshape(n_filters, -1).T @ drows).T",
    ),
    "max pool gives to all": ("+= dout * wins", "+= dout"),
    # Slow only outside of training: otherwise its 20 trainings alone would take an hour.
    "windows one by one": (
        LAYER_OUTPUT,
        LAYER_OUTPUT + "\n        if not training:\n"
        "            rows = W.reshape(n_filters, -1)\n"
        "            y = np.array([(rows * window).sum(axis=1) for window in self.cols]).T.copy()",
    ),
}


def runs(reference: ModuleType) -> tuple[Run, ...]:
    """The trainings and the race; digits are judged by the reference's own network."""
    data = datasets.load("mnist5k")

    def digits(seed: int, module: ModuleType) -> float:
        rng = np.random.default_rng(seed)
        own, params, classes = hidden.learn_digits(
            module, reference, support, rng, _make_rng(seed), data
        )
        found = hidden.judge_digits(own, params, data)
        return float(np.mean(found == classes[data.y_test]))

    return (
        Run("stripes", public.test_stripes, public.STRIPES_ACCURACY, _stripes, tolerance=0.03),
        Run("digits", hidden.test_digits, hidden.DIGITS_ACCURACY, digits, tolerance=0.02),
        Run(
            "Conv2D: speed-up over loops",
            public.test_conv_is_fast,
            public.SPEED_UP,
            _speed_up,
            tolerance=1000,  # a time is not repeated on another day; only the threshold counts
        ),
    )


def _stripes(seed: int, module: ModuleType) -> float:
    """Share of 400 new strokes whose direction is recognised."""
    rng = np.random.default_rng(seed)
    params, x, y = public.learn_stripes(module, support, rng, _make_rng(seed))
    return float(np.mean(np.argmax(public.scores(params, x, True), axis=1) == y))


def _speed_up(seed: int, module: ModuleType) -> float:
    """The best time of the naive forward over the best time of the layer, side by side.

    Processor time: what else the machine does would add to the spread, not to the knowledge.
    """
    sides, _ = public.race(module, support, _make_rng(seed), np.random.default_rng(seed))
    pairs = [(_seconds(sides.naive), _seconds(sides.fast)) for _ in range(ROUNDS)]
    naive, fast = (min(times) for times in zip(*pairs, strict=True))
    return naive / (fast / support.Race.FAST_BATCHES)


def _seconds(f: Callable[[], None]) -> float:
    start = time.process_time()
    f()
    return time.process_time() - start


def _make_rng(seed: int) -> Any:
    """The suites' `make_rng`, with generators that differ from seed to seed."""
    return lambda number: np.random.default_rng([seed, number])
