"""What the thresholds of ch12 rest on: trainings and maps of its suites, over many seeds."""

from __future__ import annotations

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

# One-place changes of the reference whose effect on the same runs is measured as well: a threshold
# sees some mistakes and is blind to others.
WRONG = {
    "encoder gets no gradient": (
        "return self.encoder.backward(self.decoder.backward(dout))",
        "return self.encoder.backward(0 * self.decoder.backward(dout))",
    ),
    "uphill": (
        "return self.encoder.backward(self.decoder.backward(dout))",
        "return self.encoder.backward(self.decoder.backward(-dout))",
    ),
    "no ReLU": (
        "self.encoder = Sequential([first, ReLU(), second])\n"
        "        self.decoder = Sequential([third, ReLU(), last, Sigmoid()])",
        "self.encoder = Sequential([first, Sequential([]), second])\n"
        "        self.decoder = Sequential([third, Sequential([]), last, Sigmoid()])",
    ),
    "all pull, no push": ("(P - weights / weights.sum())", "P"),
    "the map is its random beginning": ("y = y + velocity", "y = y + 0 * velocity"),
}


def runs(reference: ModuleType) -> tuple[Run, ...]:
    """The trainings and the maps; digits are judged by the reference's own forward."""
    data = datasets.load("mnist5k")
    best_flat = hidden.pca_error(data.x_train, data.x_test, hidden.DIGITS[2])

    def digits(seed: int, module: ModuleType) -> float:
        rng = np.random.default_rng(seed)
        *_, params = hidden.learn_digits(module, support, rng, _make_rng(seed), data)
        return hidden.digits_error(reference, params, data) / best_flat

    def map_of_digits(seed: int, module: ModuleType) -> float:
        y, x = hidden.map_of_digits(module, np.random.default_rng(seed), _make_rng(seed), data)
        return hidden.map_error(x, y)

    return (
        Run("curve", public.test_curve, public.CURVE_ERROR, _curve, at_least=False, tolerance=0.05),
        Run(
            "a batch of images",
            hidden.test_conv_autoencoder_learns_a_batch,
            hidden.BATCH_ERROR,
            _batch,
            at_least=False,
            tolerance=0.05,
        ),
        Run(
            "heaps on the map",
            public.test_tsne_keeps_heaps_together,
            public.CLUSTER_PURITY,
            _heaps,
            tolerance=0.05,
        ),
        Run(
            "digits on the map",
            hidden.test_tsne_of_digits,
            hidden.MAP_ERROR,
            map_of_digits,
            at_least=False,
            tolerance=0.05,
        ),
        Run("digits", hidden.test_digits, hidden.DIGITS_ERROR, digits, at_least=False),
    )


def _curve(seed: int, module: ModuleType) -> float:
    """The error of a curve's reconstruction over that of the best straight line."""
    rng = np.random.default_rng(seed)
    _, _, params, x = public.learn_curve(module, support, rng, _make_rng(seed))
    return public.curve_error(params, x)


def _batch(seed: int, module: ModuleType) -> float:
    """The error of a convolutional autoencoder on its few images over its first loss."""
    rng = np.random.default_rng(seed)
    return hidden.learn_batch(module, support, rng, _make_rng(seed))[0]


def _heaps(seed: int, module: ModuleType) -> float:
    """The share of neighbours on the map that are of one heap."""
    y, heap = public.map_of_clusters(module, np.random.default_rng(seed), _make_rng(seed))
    return public.purity(y, heap, 10)


def _make_rng(seed: int) -> Any:
    """The suites' `make_rng`, with generators that differ from seed to seed."""
    return lambda number: np.random.default_rng([seed, number])
