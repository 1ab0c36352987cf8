"""Pictures of chapter 4: probabilities, losses and a trained network, from the learner's code."""

from __future__ import annotations

from typing import Any

import numpy as np

import datasets
from autograder.learner.pictures import RED, Easel, picture
from datasets.pretrained import digits_network

CLASSES = range(10)


@picture("logsumexp")
def soft_maximum(easel: Easel) -> None:
    """logsumexp of t and 0: a maximum with a rounded corner."""
    t = np.linspace(-5.0, 5.0, 101)
    pairs = np.stack([t, np.zeros_like(t)], axis=1)  # (101, 2)
    value = np.asarray(easel.student.logsumexp(pairs), dtype=float)
    axes = easel.axes()
    axes.plot(t, pairs.max(axis=1), color="black", linewidth=1, label="maximum of t and 0")
    easel.curve(axes, t, value, label="logsumexp")
    axes.set_xlabel("t")
    axes.legend()
    above = value - pairs.max(axis=1)
    if not (above.min() > 0 and above.max() < np.log(2) + 1e-9):
        easel.wrong("logsumexp must lie above the maximum, by log(2) at most")


@picture("softmax")
def temperature(easel: Easel) -> None:
    """The same five scores, made sharper and softer by a temperature T."""
    scores = np.array([2.0, 1.0, 0.5, -1.0, 1.8])
    for axes, heat in zip(easel.axes(1, 3), (0.2, 1.0, 5.0), strict=True):
        p = np.asarray(easel.student.softmax(scores / heat), dtype=float)
        axes.bar(range(5), p)
        axes.set(title=f"T = {heat:g}", xlabel="class", ylim=(0, 1))
        if not np.isclose(p.sum(), 1):
            easel.wrong(f"the probabilities add up to {p.sum():.3g}")


@picture("softmax_cross_entropy")
def loss_of_one_score(easel: Easel) -> None:
    """The loss and its gradient as the score of the true class grows."""
    scores = np.linspace(-6.0, 6.0, 61)
    rows = [np.array([[score, 0.0, 0.0]]) for score in scores]
    pairs = [tuple(easel.student.softmax_cross_entropy(row, np.array([0]))) for row in rows]
    values = np.array([float(loss) for loss, _ in pairs])
    slopes = np.array([gradient[0, 0] for _, gradient in pairs])
    left, right = easel.axes(1, 2)
    easel.curve(left, scores, values, label="loss")
    easel.curve(right, scores, slopes, label="gradient")
    measured = np.gradient(values, scores)
    if not np.abs(measured - slopes)[1:-1].max() < 0.02:
        right.plot(scores, measured, ":", color=RED, label="slope of the loss")
        easel.wrong("the gradient does not fit the slope of the loss")
    for axes in (left, right):
        axes.set_xlabel("score of the true class")
        axes.legend()


@picture("predict")
def answers(easel: Easel) -> None:
    """What the given network says about five digits that it finds hard."""
    p, data = _predicted(easel)
    truth = data.y_test
    doubtful = np.argsort(p[np.arange(len(p)), truth])[:5]
    for column, number in zip(easel.axes(2, 5).T, doubtful, strict=True):
        above, below = column
        above.imshow(data.x_test[number].reshape(28, 28))
        above.set_title(f"{truth[number]}, said {p[number].argmax()}")
        above.axis("off")
        below.bar(CLASSES, p[number])
        below.set(ylim=(0, 1), xticks=CLASSES[::3], yticks=[0, 1])


@picture("predict", "one_hot")
def confusions(easel: Easel) -> None:
    """Truth (rows) and answer (columns) of the given network on 1,000 digits."""
    p, data = _predicted(easel)
    rows, columns = (
        np.asarray(easel.student.one_hot(ids, 10), dtype=float)
        for ids in (data.y_test, p.argmax(axis=1))
    )
    table = rows.T @ columns
    axes = easel.axes()
    axes.imshow(np.where(np.eye(10) == 1, 0, table))
    for (row, column), count in np.ndenumerate(table):
        if count:
            shade = "#999999" if row == column else "white" if count > 3 else "black"
            axes.text(column, row, f"{count:g}", ha="center", va="center", color=shade, fontsize=8)
    axes.set(xlabel="answer", ylabel="truth", xticks=CLASSES, yticks=CLASSES)
    axes.grid(visible=False)


def _predicted(easel: Easel) -> tuple[np.ndarray, Any]:
    """The learner's probabilities for the 1,000 test images, and the data set."""
    data = datasets.load("mnist5k")
    p = np.asarray(easel.student.predict(digits_network(), data.x_test), dtype=float)
    if not np.allclose(p.sum(axis=1), 1, atol=1e-4):
        easel.wrong("the probabilities of an image do not add up to 1")
    return p, data
