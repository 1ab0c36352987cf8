"""What the thresholds of ch06 rest on: the trainings of its suites, over many seeds."""

from __future__ import annotations

import functools
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

# One-place changes of the reference whose effect on the same trainings is measured as well: a
# threshold sees some mistakes and is blind to others.
WRONG = {
    "no bias gradient": ("drows.sum(axis=0)", "0 * drows.sum(axis=0)"),
    "bias gradient averaged": ("drows.sum(axis=0)", "drows.mean(axis=0)"),
    "first layer's W not trained": ("rows.T @ drows ", "rows.T @ drows * (n_in not in (2, 784)) "),
    "no ReLU gradient": ("return dout * self.slope", "return 1 * dout"),
    "ReLU mask inverted": ("return dout * self.slope", "return dout * (1 - self.slope)"),
    "loss gradient without 1/N": ("dpred / len(dpred)", "dpred"),
    "loss gradient with 1/N twice": ("dpred / len(dpred)", "dpred / len(dpred) ** 2"),
    "always the first batch": ("order[start : start + batch_size]", "order[:batch_size]"),
    "W's gradient measured": (
        "rows.T @ drows ",
        "rows.T @ drows if n_in != 240 else np.array([[((rows @ (W + 1e-3 * np.outer("
        "np.arange(n_in) == i, np.arange(n_out) == j)) - rows @ W) * drows).sum() * 1e3 "
        "for j in range(n_out)] for i in range(n_in)]) ",
    ),
    "not shuffled": ("rng.permutation(len(x))", "np.arange(len(x))"),
}


def runs(reference: ModuleType) -> tuple[Run, ...]:
    """The trainings behind the thresholds; digits are judged by the reference's own forward."""
    data = datasets.load("mnist5k")

    @functools.cache
    def digits(seed: int, module: ModuleType) -> tuple[float, float]:
        rng = np.random.default_rng(seed)
        _, _, params, classes = hidden.learn_digits(module, support, rng, _make_rng(seed), data)
        found, loss = hidden.judge_digits(reference, params, classes, data)
        return float(np.mean(found == classes[data.y_test])), loss

    def accuracy(seed: int, module: ModuleType) -> float:
        return digits(seed, module)[0]

    def training_loss(seed: int, module: ModuleType) -> float:
        return digits(seed, module)[1]

    check = hidden.test_digits
    return (
        Run("two rings", public.test_two_rings, public.RINGS_ACCURACY, _rings, tolerance=0.02),
        Run("digits: accuracy", check, hidden.DIGITS_ACCURACY, accuracy, tolerance=0.01),
        Run(
            "digits: training loss",
            check,
            hidden.DIGITS_LOSS,
            training_loss,
            at_least=False,
            tolerance=0.01,
        ),
        Run(
            "Dense: cost",
            hidden.test_dense_backward_is_computed,
            hidden.DENSE_COST,
            lambda seed, module: _cost(seed, module, reference),
            at_least=False,
            tolerance=1000,  # a time is not repeated on another day; only the threshold counts
        ),
    )


def _rings(seed: int, module: ModuleType) -> float:
    """Share of 200 new points of two rings told apart."""
    rng = np.random.default_rng(seed)
    _, params, x, y = public.learn_two_rings(module, support, rng, _make_rng(seed))
    return float(np.mean(public.predictions(params, x) == y))


def _cost(seed: int, module: ModuleType, reference: ModuleType) -> float:
    """The time of a large layer's backward, in those of the reference's."""
    rng = np.random.default_rng(seed)
    layers = [each.Dense(240, 120, np.random.default_rng(1)) for each in (module, reference)]
    x, dout = rng.normal(size=(4, 240)), rng.normal(size=(4, 120))
    for layer in layers:
        layer.forward(x)
    return hidden.backward_cost(*layers, dout)


def _make_rng(seed: int) -> Any:
    """The suites' `make_rng`, with generators that differ from seed to seed."""
    return lambda number: np.random.default_rng([seed, number])
