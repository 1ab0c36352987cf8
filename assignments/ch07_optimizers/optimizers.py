"""Optimizers, learning-rate schedules, gradient clipping, and a trainer that puts them to work.

An optimizer has `step(params, grads)`. Both are dicts of arrays with the same keys, like those of
a network. `step` changes every array in params *in place*, so that the layers, which own these
arrays, see the new values; it returns None and leaves the arrays in grads as they are.

What an optimizer remembers of a parameter it keeps under that parameter's key: made when the key is
first seen, and zero at first. A key that appears later starts then. The dicts themselves may be new
at every step, and so may the arrays in them; only the keys tell which parameter is which. grads
may also be the same arrays again with new numbers: keep copies, never the arrays themselves.

`lr` is a public attribute that may be changed at any time: it is read anew at every step.
float32 parameters stay float32. Below, p is a parameter, g its gradient, and all products, squares
and roots work on each number by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]
Schedule = Callable[[int], float]

AT_ONCE = 500  # so many examples are judged together: a large network needs much memory for each


class SGD:
    """Stochastic gradient descent: p -= lr * g.

    Example: lr = 0.1, p = [1, 2], g = [10, -5] gives p = [0, 2.5].
    """

    def __init__(self, lr: float = 0.01) -> None:
        self.lr = lr

    def step(self, params: Arrays, grads: Arrays) -> None:
        """Change every array in params in place."""
        raise NotImplementedError("SGD")


class Momentum:
    """Gradient descent with a velocity v: v = mu * v - lr * g, then p += v.

    (Other books and libraries put lr or a factor 1 - mu elsewhere; here it is as written.)
    Example: lr = 0.1, mu = 0.9, p = [1], g = [1] in both of two steps gives p = [0.9], [0.71].
    """

    def __init__(self, lr: float = 0.01, mu: float = 0.9) -> None:
        self.lr, self.mu = lr, mu
        self.v: Arrays = {}  # the velocity of each parameter, by its key

    def step(self, params: Arrays, grads: Arrays) -> None:
        """Change every array in params in place."""
        raise NotImplementedError("Momentum")


class Nesterov:
    """Momentum that looks ahead: v = mu * v - lr * g, then p += mu * v - lr * g, with the new v.

    Example: lr = 0.1, mu = 0.9, p = [1], g = [1] in both of two steps gives p = [0.81], [0.539].
    """

    def __init__(self, lr: float = 0.01, mu: float = 0.9) -> None:
        self.lr, self.mu = lr, mu
        self.v: Arrays = {}  # the velocity of each parameter, by its key

    def step(self, params: Arrays, grads: Arrays) -> None:
        """Change every array in params in place."""
        raise NotImplementedError("Nesterov")


class AdaGrad:
    """A step size for each number by itself: h += g^2, then p -= lr * g / (sqrt(h) + eps).

    h is the sum of all squares so far. eps stands outside the root and keeps 0 / 0 away.
    Example: lr = 0.1, p = [1], g = [3], then g = [4] gives p = [0.9], then p = [0.82].
    """

    def __init__(self, lr: float = 0.01, eps: float = 1e-8) -> None:
        self.lr, self.eps = lr, eps
        self.h: Arrays = {}  # the sum of squares for each parameter, by its key

    def step(self, params: Arrays, grads: Arrays) -> None:
        """Change every array in params in place."""
        raise NotImplementedError("AdaGrad")


class RMSProp:
    """AdaGrad that forgets: h = rho * h + (1 - rho) * g^2, then p -= lr * g / (sqrt(h) + eps).

    eps stands outside the root. h is not corrected for its start at zero.
    Example: lr = 0.1, rho = 0.75, p = [1], g = [2], then g = [3] gives p = [0.8], then 0.6267949.
    """

    def __init__(self, lr: float = 0.001, rho: float = 0.9, eps: float = 1e-8) -> None:
        self.lr, self.rho, self.eps = lr, rho, eps
        self.h: Arrays = {}  # the running mean of squares for each parameter, by its key

    def step(self, params: Arrays, grads: Arrays) -> None:
        """Change every array in params in place."""
        raise NotImplementedError("RMSProp")


class Adam:
    """A velocity and a step size for each number, both corrected for their start at zero.

    In the t-th step of a key (t = 1, 2, ..., counted for each key by itself):

        m = beta1 * m + (1 - beta1) * g        m_hat = m / (1 - beta1^t)
        v = beta2 * v + (1 - beta2) * g^2      v_hat = v / (1 - beta2^t)
        p -= lr * m_hat / (sqrt(v_hat) + eps)

    m and v themselves are kept uncorrected. eps stands outside the root.
    Example: lr = 0.1, p = [1, 1], g = [8, -0.5] gives p = [0.9, 1.1]: the first step has size lr.
    """

    def __init__(
        self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ) -> None:
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m: Arrays = {}  # the running mean of gradients for each parameter, by its key
        self.v: Arrays = {}  # the running mean of their squares
        self.t: dict[str, int] = {}  # the number of steps

    def step(self, params: Arrays, grads: Arrays) -> None:
        """Change every array in params in place."""
        raise NotImplementedError("Adam")


class AdamW(Adam):
    """Adam with decoupled weight decay: in each step also p -= lr * weight_decay * p, on the old p.

    Every parameter decays, biases too, and m and v never hear of it.
    Example: lr = 0.1, weight_decay = 0.5, p = [2], g = [8] gives p = [2 - 0.1 - 0.1] = [1.8].
    """

    def __init__(
        self,
        lr: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = weight_decay

    def step(self, params: Arrays, grads: Arrays) -> None:
        """Change every array in params in place."""
        raise NotImplementedError("AdamW")


def linear_decay(start: float, end: float, steps: int) -> Schedule:
    """Return a schedule: a function of t = 0, 1, 2, ... that gives the learning rate.

    From start at t = 0 to end at t = steps - 1 in equal differences; end for every later t. With
    steps = 1 the rate at t = 0 is start. The answer depends on t alone, not on earlier calls.
    Example: linear_decay(1.0, 0.2, steps=5) gives 1, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2, ...
    """

    raise NotImplementedError("linear_decay")


def exponential_decay(start: float, end: float, steps: int) -> Schedule:
    """Return a schedule like that of linear_decay, but in equal ratios. start and end are positive.

    Example: exponential_decay(8.0, 1.0, steps=4) gives 8, 4, 2, 1, 1, 1, ...
    """

    raise NotImplementedError("exponential_decay")


def cosine_decay(start: float, end: float, steps: int) -> Schedule:
    """Return a schedule like that of linear_decay, but along half a wave of the cosine.

    It leaves start slowly, is half way in the middle, and slows down again before end.
    Example: cosine_decay(1.0, 0.0, steps=5) gives 1, 0.8535534, 0.5, 0.1464466, 0, 0, ...
    """

    raise NotImplementedError("cosine_decay")


def clip_grad_norm(grads: Arrays, max_norm: float) -> tuple[Arrays, float]:
    """Return (clipped, norm): the gradients, shortened if need be, and their length before that.

    The length is that of all gradients taken together as one long vector: the root of the sum of
    the squares of all their numbers. If it is above max_norm, every gradient is multiplied by
    max_norm / norm; otherwise the values stay as they are. `clipped` is a new dict with the keys of
    grads; the arrays in grads are not changed, and dtypes stay. `norm` is a Python float.
    Example: {"W": [[3, 0]], "b": [4]} has norm 5; with max_norm = 1 it becomes
    {"W": [[0.6, 0]], "b": [0.8]}.
    """
    raise NotImplementedError("clip_grad_norm")


class Trainer:
    """Trains a network: everything with forward, backward, params, grads and predict.

    The loss has forward(pred, target) and backward(), as in chapter 6; the optimizer, step and lr.
    The schedule is a function of the epoch's number, or None for a constant rate.
    """

    def __init__(
        self, net: Any, loss: Any, optimizer: Any, schedule: Schedule | None = None
    ) -> None:
        self.net, self.loss, self.optimizer, self.schedule = net, loss, optimizer, schedule
        self.on_epoch: Callable[[int, dict[str, list[float]]], None] | None = None

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        epochs: int,
        batch_size: int,
        rng: np.random.Generator,
        x_val: np.ndarray | None = None,
        y_val: np.ndarray | None = None,
        max_norm: float | None = None,
    ) -> dict[str, list[float]]:
        """Train for some epochs; return {"loss": [...], "accuracy": [...], "lr": [...]}.

        Each list has one float per epoch: the mean loss, from train_epoch; the accuracy after the
        epoch, on x_val, y_val if given, otherwise on x, y (this list stays empty where the targets
        are floats and not class ids); the learning rate of the epoch.

        In each epoch: if there is a schedule, call it with the epoch's number, 0, 1, ..., and set
        the optimizer's lr, before the first step; train; note the three numbers; call
        on_epoch(number, history) if it is not None. A second fit starts the schedule at 0 again
        and goes on with the same optimizer, which remembers. fit itself prints nothing.
        """
        history: dict[str, list[float]] = {"loss": [], "accuracy": [], "lr": []}
        raise NotImplementedError("Trainer")
        return history

    def train_epoch(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int,
        rng: np.random.Generator,
        max_norm: float | None,
    ) -> float:
        """Go once through all N examples; return the mean loss per example.

        The order is a new rng.permutation(N), and the last batch may be shorter. For every batch:
        forward with training=True, loss, backward; then one step of the optimizer, with the
        gradients clipped to max_norm unless that is None. A batch's loss, the one before its step,
        counts as much as the batch has examples. x and y are not changed.
        """
        raise NotImplementedError("Trainer")

    def accuracy(self, x: np.ndarray, y: np.ndarray) -> float:
        """Return the share of class ids in y that are where predict(x) has its (first) maximum.

        x goes through predict AT_ONCE examples at a time, or all at once if you prefer. Scores may
        be (N, C) with y (N,), or (N, T, C) with y (N, T).
        """
        raise NotImplementedError("Trainer")


def show_progress(epoch: int, history: dict[str, list[float]]) -> None:
    """Print one line about an epoch if there is a terminal, nothing elsewhere. (Given.)

    For scripts: trainer.on_epoch = show_progress.
    """
    import sys  # not above: there is no sys where submissions are marked, nor a terminal

    if sys.stdout.isatty():
        latest = [f"{name} {values[-1]:.4g}" for name, values in history.items() if values]
        print(f"epoch {epoch + 1}: {', '.join(latest)}")
