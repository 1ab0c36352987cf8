"""Pictures of chapter 6: training curves, what a network separates, what its weights look at."""

from __future__ import annotations

from typing import Any

import numpy as np

import datasets
from autograder.learner.pictures import Easel, picture

NETWORK = ("Dense", "ReLU", "SoftmaxCrossEntropy", "Sequential", "train")


@picture("SoftmaxCrossEntropy")
def loss_of_one_score(easel: Easel) -> None:
    """The loss and its gradient as one of three scores grows."""
    scores = np.linspace(-6.0, 6.0, 61)
    loss = easel.student.SoftmaxCrossEntropy()
    values, slopes = [], []
    for score in scores:
        values.append(loss.forward(np.array([[score, 0.0, 0.0]]), np.array([0])))
        slopes.append(loss.backward()[0, 0])
    left, right = easel.axes(1, 2)
    easel.curve(left, scores, np.array(values), label="loss")
    easel.curve(right, scores, np.array(slopes), label="gradient")
    measured = np.gradient(values, scores)
    if not np.abs(measured - slopes)[1:-1].max() < 0.02:
        right.plot(scores, measured, ":", color="#D55E00", label="slope of the loss")
        easel.wrong("the gradient does not fit the slope of the loss")
    for axes in (left, right):
        axes.set_xlabel("score of the true class")
        axes.legend()


@picture(*NETWORK)
def rings(easel: Easel) -> None:
    """Two rings: the loss of every batch, and what the network says about the plane."""
    x, y = _rings(np.random.default_rng(0))
    net = _network(easel, (2, 16, 2))
    losses = _train(easel, net, x, y, lr=0.5, epochs=60)
    left, right = easel.axes(1, 2)
    easel.losses(left, losses)
    grid = np.linspace(-3.0, 3.0, 80)
    plane = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)  # (6400, 2)
    said = np.asarray(net.predict(plane)).argmax(axis=1).reshape(80, 80)
    right.contourf(grid, grid, said, levels=[-0.5, 0.5, 1.5], colors=["#cfe3f3", "#f6dcc8"])
    right.scatter(x[:, 0], x[:, 1], c=y, s=6, cmap="coolwarm")
    right.grid(visible=False)


@picture(*NETWORK)
def digits(easel: Easel) -> None:
    """Digits: the loss of every batch, and what five hidden units look at."""
    train, _ = _mnist()
    net = _network(easel, (784, 32, 10))
    losses = _train(easel, net, *train, lr=0.2, epochs=2)
    axes = easel.figure.subplot_mosaic("AA123;AA45.")
    easel.losses(axes["A"], losses)
    weights = np.asarray(net.params["0.W"])  # (784, 32)
    for number in range(5):
        tile = axes[str(number + 1)]
        tile.imshow(weights[:, number].reshape(28, 28), cmap="RdBu")
        tile.axis("off")


def _network(easel: Easel, sizes: tuple[int, int, int]) -> Any:
    student, rng = easel.student, easel.make_rng(0)
    first, second = student.Dense(sizes[0], sizes[1], rng), student.Dense(sizes[1], sizes[2], rng)
    return student.Sequential([first, student.ReLU(), second])


def _train(easel: Easel, net: Any, x: np.ndarray, y: np.ndarray, lr: float, epochs: int) -> list:
    loss = easel.student.SoftmaxCrossEntropy()
    return easel.student.train(net, loss, x, y, lr, epochs, 32, easel.make_rng(1))


def _rings(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    y = np.arange(300) % 2
    radius, angle = 1.0 + y + 0.15 * rng.standard_normal(300), rng.uniform(0, 2 * np.pi, 300)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), y


def _mnist() -> Any:
    data = datasets.load("mnist5k")
    return (data.x_train[:2000], data.y_train[:2000]), (data.x_test, data.y_test)
