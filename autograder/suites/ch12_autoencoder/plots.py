"""Pictures of chapter 12: digits restored and cleaned, neighbours, a map of codes, a walk."""

from __future__ import annotations

from typing import Any

import numpy as np

import datasets
from autograder.learner.pictures import Easel, picture

CODE, STEPS = 12, 150


@picture("Autoencoder")
def restored(easel: Easel) -> None:
    """New digits, and what an autoencoder restores of them from 12 numbers each."""
    x = datasets.load("mnist5k").x_test
    model, losses = _trained(easel)
    y = np.asarray(model.predict(x))
    axes = _beside(easel, losses, [x[:6], y[:6]])
    error, flat = np.mean((y - x) ** 2), np.var(x, axis=0).mean()
    axes.set_title(f"error on new digits {error:.3f}", fontsize=10)
    if not error < 0.8 * flat:
        easel.wrong(f"the error is {error:.3g}; the mean digit, always the same, has {flat:.3g}")
    if y.min() < 0 or y.max() > 1:
        easel.wrong(
            f"pixels lie between 0 and 1, those restored from {y.min():.3g} to {y.max():.3g}"
        )


@picture("Autoencoder")
def denoised(easel: Easel) -> None:
    """Digits with noise, and what an autoencoder that was trained with noise makes of them."""
    x, rng = datasets.load("mnist5k").x_test, np.random.default_rng(1)
    noisy = (x + 0.4 * rng.standard_normal(x.shape)).astype(np.float32)
    model, _ = _trained(easel, noise=0.4)
    y = np.asarray(model.predict(noisy))
    easel.figure.set_size_inches(8, 3.0)
    rows = [x[:8], np.clip(noisy[:8], 0, 1), y[:8]]
    _rows(easel.figure, rows, ["original", "with noise", "denoised"])
    before, after = np.mean((noisy - x) ** 2), np.mean((y - x) ** 2)
    if not after < 0.5 * before:
        easel.wrong(f"the noise is an error of {before:.3g}, and {after:.3g} of it is left")
    if not np.array_equal(y, model.predict(noisy)):
        easel.wrong("predict does not repeat itself: noise belongs to training alone")
    twice = [np.array(model.forward(x[:8], training=True)) for _ in range(2)]
    if np.array_equal(*twice):
        easel.wrong("forward repeats itself while training: it must add new noise each time")


@picture("Upsample")
def enlarged(easel: Easel) -> None:
    """Upsample: a digit three times as large, and a gradient brought back to its size."""
    x = datasets.load("mnist5k", images=True).x_test[2:3, :, 4:24, 4:24].astype(float)
    layer = easel.student.Upsample(3)
    y = np.asarray(layer.forward(x))
    dx = np.asarray(layer.backward(y))  # of a block of equal numbers, nine times the number
    panels = easel.figure.subplots(1, 3, width_ratios=[1, 2.5, 1])
    for axes, image, name in zip(panels, (x, y, dx), ("x", "y", "dx for dout = y"), strict=True):
        axes.imshow(image[0, 0])
        axes.set_title(name)
        axes.set_xlabel(f"{image.shape[2]} x {image.shape[3]}")
        _bare(axes)
    if y.shape != (1, 1, 60, 60) or dx.shape != x.shape:
        easel.wrong(f"20 x 20 pixels must become 60 x 60, not {y.shape[2]} x {y.shape[3]}")
        return
    if not all(np.allclose(y[..., i::3, j::3], x) for i, j in np.ndindex(3, 3)):
        easel.wrong("each pixel must become a block of 3 x 3 equal ones")
    if not np.allclose(np.sum(dx * x), np.sum(y * y)):
        easel.wrong("the gradient of a pixel must be the sum over the nine that it became")


@picture("ConvAutoencoder")
def restored_by_filters(easel: Easel) -> None:
    """New digits, restored by a convolutional autoencoder after a short training."""
    data, support = datasets.load("mnist5k", images=True), easel.module("support")
    model = easel.student.ConvAutoencoder(
        (1, 28, 28), (4, 8), CODE, easel.make_rng(0), dtype=support.float32
    )
    losses, _ = support.learn(model, {}, data.x_train, 0.01, 120, 24, easel.make_rng(1))
    x = data.x_test[:6]
    _beside(easel, losses, [x, np.asarray(model.predict(x))])


@picture("nearest_neighbours")
def neighbours(easel: Easel) -> None:
    """Digits, and the seven most similar ones among 1,000, nearest first (pixels compared)."""
    data = datasets.load("mnist5k")
    known, asked = data.x_train[:1000], data.x_test[:4]
    near = np.asarray(easel.student.nearest_neighbours(known, asked, 7))
    easel.figure.set_size_inches(8, 4.2)
    rows = [np.vstack([asked[i : i + 1], known[near[i]]]) for i in range(4)]
    _rows(easel.figure, rows, [f"a {digit}" for digit in data.y_test[:4]])
    far = np.array([np.linalg.norm(known[near[i]] - asked[i], axis=1) for i in range(4)])
    least = np.array([np.linalg.norm(known - one, axis=1).min() for one in asked])
    if (np.diff(far, axis=1) < -1e-5).any():
        easel.wrong("the neighbours do not come nearest first")
    elif (far[:, 0] > least + 1e-5).any():
        easel.wrong(f"a {data.y_test[(far[:, 0] > least + 1e-5).argmax()]} has a nearer neighbour")


@picture("tsne", "pairwise_affinities", "Autoencoder")
def code_map(easel: Easel) -> None:
    """The codes of 300 digits: a flat projection, and the map of t-SNE."""
    data = datasets.load("mnist5k")
    model, _ = _trained(easel)
    codes = np.asarray(model.encode(data.x_test[:300])).astype(float)
    centred = codes - codes.mean(axis=0)
    flat = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    found = np.asarray(easel.student.tsne(codes, easel.make_rng(2), perplexity=20.0, steps=250))
    easel.figure.set_size_inches(8, 3.8)
    panels = easel.axes(1, 2)
    if found.shape != (300, 2) or not np.isfinite(found).all():
        for axes in panels:
            easel.blank(axes, "no map")
        easel.wrong(f"the map must be (300, 2) finite numbers, not {found.shape}")
        return
    kept = []
    for axes, name, where in zip(panels, ("PCA, flat", "t-SNE"), (flat, found), strict=True):
        dots = axes.scatter(*where.T, c=data.y_test[:300], cmap="tab10", vmin=-0.5, vmax=9.5, s=8)
        kept.append(_kept(codes, where))
        axes.set_title(f"{name}: {kept[-1]:.0%} of neighbours kept", fontsize=10)
        _bare(axes)
    easel.figure.colorbar(dots, ax=panels, ticks=range(10), label="digit")
    if not kept[1] > kept[0]:
        easel.wrong(f"t-SNE keeps {kept[1]:.0%} of the neighbours, a flat projection {kept[0]:.0%}")


def _kept(x: np.ndarray, y: np.ndarray, k: int = 10) -> float:
    """Return the share of the k nearest points of each point of x that are so in y, too."""
    near = []
    for points in (x, y):
        distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
        np.fill_diagonal(distances, np.inf)
        near.append(np.argsort(distances, axis=1)[:, :k])
    return float(np.mean([len(set(a) & set(b)) / k for a, b in zip(*near, strict=True)]))


@picture("interpolate", "Autoencoder")
def walk(easel: Easel) -> None:
    """A walk from one digit to another, between their codes."""
    data = datasets.load("mnist5k")
    model, _ = _trained(easel)
    pairs = [(4, 9), (1, 7), (3, 5)]
    rows, faults = [], []
    for first, last in pairs:
        a, b = (data.x_test[data.y_test == digit][0] for digit in (first, last))
        images = np.asarray(easel.student.interpolate(model, a, b, 9))
        faults += _walk_fault(images, np.asarray(model.predict(np.stack([a, b]))))
        rows.append(images.reshape(-1, 784))
    for fault in faults[:1]:
        easel.wrong(fault)
    easel.figure.set_size_inches(8, 3.0)
    _rows(easel.figure, rows, [f"{first} to {last}" for first, last in pairs])


def _walk_fault(images: np.ndarray, ends: np.ndarray) -> list[str]:
    """Return what is wrong with a walk between two restored digits, a sentence or none."""
    if images.shape != (9, 784):
        return [f"nine steps of 784 pixels are (9, 784), not {images.shape}"]
    if not np.allclose(images[[0, -1]], ends, atol=1e-4):
        return ["a walk must begin and end with what the model restores of the two digits"]
    if np.allclose(images[4], ends.mean(axis=0), atol=1e-3):
        return ["half way is a double exposure of the ends: mix the codes, not the images"]
    return []


def _trained(easel: Easel, noise: float = 0.0) -> tuple[Any, list[float]]:
    """Return an autoencoder after a short training on digits, and the loss of every batch."""
    support, x = easel.module("support"), datasets.load("mnist5k").x_train
    model = easel.student.Autoencoder(
        784, 96, CODE, easel.make_rng(0), noise, dtype=support.float32
    )
    losses, _ = support.learn(model, {}, x, 0.005, STEPS, 64, easel.make_rng(1))
    return model, losses


def _beside(easel: Easel, losses: list[float], rows: list[np.ndarray]) -> Any:
    """Draw the losses, and beside them digits over what was restored; return the losses' axes."""
    easel.figure.set_size_inches(8, 2.6)
    left, right = easel.figure.subfigures(1, 2, width_ratios=[1, 2])
    axes = left.subplots()
    easel.losses(axes, losses)
    axes.set(ylim=(0, None), ylabel="loss")
    _rows(right, rows, ["original", "restored"])
    return axes


def _rows(figure: Any, rows: list[np.ndarray], titles: list[str]) -> None:
    """Draw rows of digits (n, 784) or (n, 1, 28, 28)."""
    grid = figure.subplots(len(rows), max(len(row) for row in rows), squeeze=False)
    for line, images, title in zip(grid, rows, titles, strict=True):
        for axes in line:
            _bare(axes)
        for axes, image in zip(line, images, strict=False):
            axes.imshow(np.reshape(image, (28, 28)), vmin=0, vmax=1)
        line[0].set_ylabel(title, rotation=0, ha="right", va="center")


def _bare(axes: Any) -> None:
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
