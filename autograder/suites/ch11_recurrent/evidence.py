"""What the thresholds of ch11 rest on: the trainings of its suites, over many seeds."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from autograder.evidence import Run, module_from

FOLDER = Path(__file__).parent
public, hidden, support = (
    module_from(FOLDER / f"{name}.py") for name in ("test_public", "test_hidden", "support")
)

# One-place changes of the reference whose effect on the same trainings is measured as well: a
# threshold sees some mistakes and is blind to others.
WRONG = {
    "no gradient through time": (
        "self.steps[t].backward(dout[:, t], dstate)",
        "self.steps[t].backward(dout[:, t], None)",
    ),
    "weights' gradient of the first step only": (
        "self.grads[name] += value",
        "self.grads[name] = value",
    ),
    "RNN: no tanh in backward": ("da = dh * (1 - out * out)  # (N, H)", "da = dh"),
    "GRU: reset gate without gradient": ("da_r = drh * h * r * (1 - r)", "da_r = 0 * drh"),
    "LSTM: cell gradient not carried": ("dc = dc + dstate[1]", "dc = dc + 0 * dstate[1]"),
}


def runs(reference: ModuleType) -> tuple[Run, ...]:
    """The trainings behind the thresholds, judged by the reference's own forward."""

    def text(cell: str) -> Callable[[int, ModuleType], float]:
        def measure(seed: int, module: ModuleType) -> float:
            rng = np.random.default_rng(seed)
            _, params, new = hidden.learn_language(module, support, rng, _make_rng(seed), cell)
            return hidden.judge_language(reference, cell, params, new)

        return measure

    @functools.cache
    def recall(seed: int, module: ModuleType, cell: str) -> float:
        rng = np.random.default_rng(seed)
        params, x, y = hidden.learn_recall(module, support, rng, _make_rng(seed), cell)
        return float(np.mean(hidden.judge_recall(reference, cell, params, x) == y))

    def recalled(seed: int, module: ModuleType) -> float:
        return recall(seed, module, "LSTMCell")

    def lead(seed: int, module: ModuleType) -> float:
        return recall(seed, module, "LSTMCell") - recall(seed, module, "RNNCell")

    def language(cell: str, check: Any) -> Run:
        name, limit = f"language, {cell[:-4]}: perplexity", hidden.LANGUAGE_PERPLEXITY
        return Run(name, check, limit, text(cell), at_least=False, tolerance=0.01)

    check = hidden.test_recall
    return (
        language("RNNCell", public.test_language_rnn),
        language("GRUCell", hidden.test_language),
        language("LSTMCell", hidden.test_language),
        Run("recall, LSTM", check, hidden.RECALL_LSTM, recalled, tolerance=0.02),
        Run("recall, lead of the LSTM", check, hidden.RECALL_LEAD, lead, tolerance=0.15),
    )


def _make_rng(seed: int) -> Any:
    """The suites' `make_rng`, with generators that differ from seed to seed."""
    return lambda number: np.random.default_rng([seed, number])
