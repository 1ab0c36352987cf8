"""What the thresholds of ch07 rest on: the trainings of its suites, over many seeds."""

from __future__ import annotations

import functools
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import datasets
from autograder.evidence import Run, module_from

FOLDER = Path(__file__).parent
hidden, support = (module_from(FOLDER / f"{name}.py") for name in ("test_hidden", "support"))

# One-place changes of the reference whose effect on the same trainings is measured as well: a
# threshold sees some mistakes and is blind to others. Each touches one optimizer, or all by the
# Trainer; what the others reach then is what they always reach.
VELOCITY = "v *= self.mu\n            v -= self.lr * grads[key]"
AHEAD = "v *= self.mu\n            v -= pull"
SQUARES = "h *= self.rho\n            h += (1 - self.rho) * g * g"
ADAM = "if key not in self.m:"
ROOT = "root = np.sqrt(v / (1 - self.beta2**t)) + self.eps"
UPDATE = "p -= self.lr / (1 - self.beta1**t) * m / root"
CORRECTED = ROOT + "\n            " + UPDATE
WRONG = {
    "Momentum: no state": (VELOCITY, VELOCITY.replace("self.mu", "0")),
    "Momentum: factor 1 - mu": (VELOCITY, VELOCITY.replace("-= ", "-= (1 - self.mu) * ")),
    "Nesterov: no state": (AHEAD, AHEAD.replace("self.mu", "0")),
    "AdaGrad: no state": ("h += g * g", "h[...] = g * g"),
    "RMSProp: no state": (SQUARES, SQUARES.replace("self.rho", "0", 1)),
    "Adam: no state": (ADAM, "if True:"),
    "Adam: no bias correction": (CORRECTED, "p -= self.lr * m / (np.sqrt(v) + self.eps)"),
    "Trainer: not shuffled": ("rng.permutation(len(x))", "np.arange(len(x))"),
    "Trainer: the first batch only": ("order[start : start + batch_size]", "order[:batch_size]"),
}


def runs(reference: ModuleType) -> tuple[Run, ...]:
    """The trainings behind the thresholds, two numbers from each."""
    data = datasets.load("mnist5k")

    @functools.cache
    def digits(name: str, seed: int, module: ModuleType) -> tuple[float, float]:
        rng = np.random.default_rng(seed)
        _, params, _ = hidden.learn_digits(
            module, support, name, rng, _make_rng(seed), data.x_train, data.y_train
        )
        loss = hidden.cross_entropy(hidden.scores(params, data.x_train), data.y_train)
        found = np.argmax(hidden.scores(params, data.x_test), axis=1)
        return loss, float(np.mean(found == data.y_test))

    def measure(name: str, number: int) -> Any:
        return lambda seed, module: digits(name, seed, module)[number]

    losses = [
        Run(
            f"{name}: loss",
            hidden.test_digits,
            hidden.DIGITS_LOSS,
            measure(name, 0),
            at_least=False,
            tolerance=0.05,
        )
        for name in hidden.OPTIMIZERS
    ]
    accuracies = [
        Run(
            f"{name}: accuracy",
            hidden.test_digits,
            hidden.DIGITS_ACCURACY,
            measure(name, 1),
            tolerance=0.05,
        )
        for name in hidden.OPTIMIZERS
    ]
    return (*losses, *accuracies)


def _make_rng(seed: int) -> Any:
    """The suites' `make_rng`, with generators that differ from seed to seed."""
    return lambda number: np.random.default_rng([seed, number])
