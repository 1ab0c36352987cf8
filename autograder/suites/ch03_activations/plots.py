"""Pictures of chapter 3: every activation function with its derivative, from the learner's code."""

from __future__ import annotations

import numpy as np

from autograder.learner.pictures import Easel, picture

# An even number of points: none of them is 0, where relu has its corner.
X = np.linspace(-6.0, 6.0, 240)


def draw_pair(easel: Easel, name: str, low: float, high: float) -> None:
    """Draw a function and its derivative, and what does not fit."""
    value, derivative = getattr(easel.student, name), getattr(easel.student, f"{name}_grad")
    left, right = easel.axes(1, 2)
    y = np.asarray(value(X), dtype=float)
    easel.curve(left, X, y, label=name)
    if y.min() < low or y.max() > high:
        easel.wrong(f"{name} leaves the range from {low:g} to {high:g}")
    easel.curve(right, X, np.asarray(derivative(X), dtype=float), label=f"{name}_grad")
    easel.slope(right, f"{name}_grad", X, value, derivative)
    for axes in (left, right):
        axes.set_xlabel("x")
        axes.legend()


@picture("sigmoid")
def sigmoid(easel: Easel) -> None:
    """sigmoid and its derivative."""
    draw_pair(easel, "sigmoid", 0, 1)


@picture("tanh")
def tanh(easel: Easel) -> None:
    """tanh and its derivative."""
    draw_pair(easel, "tanh", -1, 1)


@picture("relu")
def relu(easel: Easel) -> None:
    """relu and its derivative."""
    draw_pair(easel, "relu", 0, np.inf)


@picture("leaky_relu")
def leaky_relu(easel: Easel) -> None:
    """leaky_relu and its derivative."""
    draw_pair(easel, "leaky_relu", -np.inf, np.inf)


@picture("softplus")
def softplus(easel: Easel) -> None:
    """softplus and its derivative."""
    draw_pair(easel, "softplus", 0, np.inf)
