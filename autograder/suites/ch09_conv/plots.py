"""Pictures of chapter 9: filters on a line and on an image, windows, pooling, a trained network."""

from __future__ import annotations

from typing import Any

import numpy as np

import datasets
from autograder.learner.pictures import RED, Easel, picture

FIRST_TABLE = np.array([[a, a + 1, a + 4, a + 5] for a in (1, 2, 3, 5, 6, 7)])
# In how many windows each pixel of a row of 8 lies: (window, stride, padding, counts).
COUNTS = (
    (3, 1, 0, [1, 2, 3, 3, 3, 3, 2, 1]),
    (3, 2, 0, [1, 1, 2, 1, 2, 1, 1, 0]),
    (4, 2, 1, [1, 2, 2, 2, 2, 2, 2, 1]),
)
BY_HAND = {
    "lower edges": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
    "right edges": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
    "lines": [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
    "one to the right": [[0, 0, 0], [1, 0, 0], [0, 0, 0]],
}


@picture("conv1d")
def line(easel: Easel) -> None:
    """A row of pixels through a zero, seen through two filters, and the gradient of both."""
    student = easel.student
    row = _digit(0)[:, :, 14]  # (1, 1, 28)
    W, b = np.array([[[1 / 3, 1 / 3, 1 / 3]], [[1.0, 0.0, 0.0]]]), np.array([0.0, 0.5])
    y = np.asarray(student.conv1d_forward(row, W, b, pad=1))
    dout = np.random.default_rng(0).standard_normal((1, 2, 28))
    dx, dW, db = student.conv1d_backward(row, W, dout, pad=1)
    panels = easel.axes(1, 3)
    for axes, values, name in zip(
        panels, y[0], ("mean of three", "(1, 0, 0), offset 0.5"), strict=False
    ):
        axes.plot(row[0, 0], color="#b0b0b0", label="pixels")
        axes.plot(values, color="C0", label="seen")
        axes.set(title=name, xlabel="place", ylim=(-0.1, 2.1))
        axes.legend()
    if y.shape != (1, 2, 28) or not np.allclose(y[0, 1], np.append(0, row[0, 0, :-1]) + 0.5):
        easel.wrong("(1, 0, 0) must move the pixels to the right by one, the offset lift them")
    panels[2].plot(np.ravel(dx), color="C0")
    panels[2].set(title="gradient of the pixels", xlabel="place")
    measured = _slopes(lambda x: student.conv1d_forward(x, W, b, pad=1), row, dout)
    if not _close(dx, measured):
        panels[2].plot(np.ravel(measured), ":", color=RED, label="measured slope")
        panels[2].legend()
        easel.wrong("conv1d_backward: dx does not fit the slope of what forward returns")
    for name, found, value in (("dW", dW, W), ("db", db, b)):
        args = {"dW": lambda v: (row, v, b), "db": lambda v: (row, W, v)}[name]
        slopes = _slopes(lambda v, a=args: student.conv1d_forward(*a(v), pad=1), value, dout)
        if not _close(found, slopes):
            easel.wrong(f"conv1d_backward: {name} does not fit the slope of what forward returns")


def _slopes(f: Any, x: np.ndarray, dout: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """Return the slope of sum(f(x) * dout) in each number of x, measured."""
    slopes = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        shift = np.zeros(x.shape)
        shift[place] = h
        slopes[place] = np.sum((f(x + shift) - f(x - shift)) * dout) / (2 * h)
    return slopes


def _close(found: Any, expected: np.ndarray) -> bool:
    return np.shape(found) == expected.shape and bool(np.allclose(found, expected, atol=1e-6))


@picture("conv2d_naive")
def edges(easel: Easel) -> None:
    """A digit through four filters made by hand: blue a match, red a match with the opposite."""
    image = _digit(5)
    filters = np.array(list(BY_HAND.values()), dtype=float)[:, None]  # (4, 1, 3, 3)
    easel.figure.set_size_inches(8, 2.2)
    seen = np.asarray(easel.student.conv2d_naive(image, filters, np.zeros(4), pad=1))
    panels = easel.axes(1, 5)
    for axes, values, name in zip(
        panels, [image[0, 0], *seen[0]], ["image", *BY_HAND], strict=True
    ):
        limit = 4 if name in list(BY_HAND)[:3] else 1
        _tile(axes, values, "RdBu", limit)
        axes.set_title(name, fontsize=10)
    moved = np.zeros((28, 28))
    moved[:, 1:] = image[0, 0, :, :-1]
    if seen.shape != (1, 4, 28, 28) or not np.allclose(seen[0, 3], moved):
        easel.wrong("a filter with a 1 on its left must move the image to the right by one pixel")


@picture("im2col")
def windows(easel: Easel) -> None:
    """im2col: every window of 2 x 2 becomes a row."""
    image = np.arange(1.0, 13.0).reshape(1, 1, 3, 4)
    table = np.asarray(easel.student.im2col(image, 2, 2))
    easel.figure.set_size_inches(7, 2.6)
    left, right = easel.axes(1, 2)
    _numbers(left, image[0, 0], "image")
    _numbers(right, table, "one row per window", FIRST_TABLE)
    right.set_yticks(range(len(table)), [f"row {n}" for n in range(len(table))])
    if table.shape != (6, 4):
        easel.wrong(f"im2col returns {table.shape}: 6 windows of 4 pixels are (6, 4)")
    elif (off := (table != FIRST_TABLE).any(axis=1)).any():
        row, pixels = off.argmax(), ", ".join(f"{n}" for n in FIRST_TABLE[off.argmax()])
        easel.wrong(f"row {row} must hold window {row} of the image, {pixels}")


@picture("col2im")
def way_home(easel: Easel) -> None:
    """col2im: a one comes home from every window; so many windows hold each pixel."""
    for axes, (size, stride, pad, counts) in zip(easel.axes(1, 3), COUNTS, strict=True):
        n = ((8 + 2 * pad - size) // stride + 1) ** 2
        ones = np.ones((n, size * size))
        found = np.asarray(easel.student.col2im(ones, (1, 1, 8, 8), size, size, stride, pad))
        title = f"{size} x {size}, stride {stride}, pad {pad}"
        expected = np.outer(counts, counts)
        _numbers(axes, found[0, 0], title, expected)
        if found.shape != (1, 1, 8, 8):
            easel.wrong(f"{title}: col2im returns {found.shape}, the images are (1, 1, 8, 8)")
        elif (off := found[0, 0] != expected).any():
            r, c = np.argwhere(off)[0]
            came = f"{expected[r, c]} ones must come home, not {found[0, 0, r, c]:g}"
            easel.wrong(f"{title}: to pixel ({r}, {c}) {came}")


@picture("MaxPool2D", "AvgPool2D")
def pooling(easel: Easel) -> None:
    """Right edges of a digit, pooled by 2 x 2, and which pixels get a gradient."""
    image = _digit(3)
    edges = image.copy()
    edges[..., :-1] -= 0.6 * image[..., 1:]  # negative numbers too

    def pool(name: str) -> tuple[np.ndarray, np.ndarray]:
        layer = getattr(easel.student, name)(2)
        y = np.asarray(layer.forward(edges))
        return y, np.asarray(layer.backward(np.ones(y.shape)))

    found = easel.written(("MaxPool2D", "AvgPool2D"), pool)
    easel.figure.set_size_inches(8, 2.2)
    panels = easel.axes(1, 5)
    _tile(panels[0], edges[0, 0], "RdBu", 1)
    panels[0].set_title("edges", fontsize=10)
    for place, name in ((1, "MaxPool2D"), (3, "AvgPool2D")):
        if name not in found:
            easel.blank(panels[place], f"{name}\nis not\nwritten yet")
            panels[place + 1].axis("off")
            continue
        y, dx = found[name]
        _tile(panels[place], y[0, 0], "RdBu", 1)
        _tile(panels[place + 1], dx[0, 0], "gray_r", 1)
        panels[place].set_title(name, fontsize=10)
        panels[place + 1].set_title("its gradient", fontsize=10)
        _judge_pooling(easel, name, edges, y, dx)


def _judge_pooling(easel: Easel, name: str, x: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    if y.shape != (1, 1, 14, 14) or dx.shape != x.shape:
        easel.wrong(f"{name}(2) makes {y.shape} of {x.shape}, and a gradient {dx.shape}")
    elif not np.isclose(dx.sum(), y.size):
        easel.wrong(f"{name}: a gradient of {y.size} came in, {dx.sum():.4g} reached the pixels")
    elif not np.isclose(np.sum(dx * x), y.sum()):
        easel.wrong(f"{name}: the gradient went to other pixels than those that made the output")
    elif name == "AvgPool2D" and not np.isclose(y.mean(), x.mean()):
        easel.wrong(f"the mean of the means is {y.mean():.3g}, that of the pixels {x.mean():.3g}")
    elif name == "MaxPool2D" and not np.isclose(y.max(), x.max()):
        easel.wrong(f"the largest pixel is {x.max():.3g}, the largest maximum {y.max():.3g}")


# A network


@picture("build_convnet", "Conv2D", "MaxPool2D")
def filters(easel: Easel) -> None:
    """Filters before and after training on digits, and what they make of a five."""
    net, before, after, _ = _trained(easel)
    easel.figure.set_size_inches(8, 3.4)
    x = _digit(5).astype(np.float32)
    maps = np.asarray(net.layers[1].forward(net.layers[0].forward(x)))[0]  # (8, 28, 28)
    grid = easel.axes(3, 8)
    limit = np.abs(after).max()
    for f in range(8):
        _tile(grid[0, f], before[f, 0], "RdBu", limit)
        _tile(grid[1, f], after[f, 0], "RdBu", limit)
        _tile(grid[2, f], maps[f], "gray_r", maps.max())
    for axes, name in zip(grid[:, 0], ("before", "after", "a five"), strict=True):
        axes.set_ylabel(name, rotation=0, ha="right", va="center")
    _judge_filters(easel, before, after)
    _judge_gradients(easel)


def _judge_gradients(easel: Easel) -> None:
    """Without offsets y is proportional to x and to W, so y * dout = x * dx = W * dW in sum."""
    rng = np.random.default_rng(0)
    layer, x = easel.student.Conv2D(2, 3, 3, easel.make_rng(0), pad=1), rng.random((2, 2, 5, 5))
    y = np.asarray(layer.forward(x))
    dout = rng.standard_normal(y.shape)
    layer.backward(dout)
    found = {"dx": np.sum(layer.backward(dout) * x)}
    found["dW"] = np.sum(layer.grads["W"] * layer.params["W"])
    for name, value in found.items():
        if not np.isclose(value, np.sum(y * dout)):
            easel.wrong(f"Conv2D: {name} does not fit what forward returns")


def _judge_filters(easel: Easel, before: np.ndarray, after: np.ndarray) -> None:
    if not np.isfinite(after).all():
        easel.wrong("after training, the filters are no numbers")
    elif (after == before).all():
        easel.wrong("training does not change the filters: no gradient reaches them")


@picture("build_convnet", "Conv2D", "MaxPool2D")
def confusion(easel: Easel) -> None:
    """Training on 1,000 digits, and which of 1,000 new ones are taken for which."""
    net, _, _, losses = _trained(easel)
    data = datasets.load("mnist5k", images=True)
    said = np.argmax(net.predict(data.x_test), axis=1)
    table = np.zeros((10, 10), dtype=int)
    np.add.at(table, (data.y_test, said), 1)
    left, right = easel.axes(1, 2)
    easel.losses(left, losses)
    left.set(ylabel="loss", ylim=(0, None))
    right.imshow(table, cmap="Blues", vmax=150)
    for (row, column), count in np.ndenumerate(table):
        if count:
            colour = "white" if count > 75 else "black"
            right.text(column, row, count, ha="center", va="center", fontsize=7, color=colour)
    share = np.mean(said == data.y_test)
    right.set(xlabel="taken for", ylabel="digit", title=f"{share:.1%} right")
    right.set(xticks=range(10), yticks=range(10))
    right.grid(visible=False)
    if share < 0.6:
        easel.wrong(f"only {share:.0%} of the new digits are read correctly")


def _trained(easel: Easel) -> tuple[Any, np.ndarray, np.ndarray, list[float]]:
    """Train a small network; return it, its first filters before and after, and the losses."""
    data, support = datasets.load("mnist5k", images=True), easel.module("support")
    how = {"channels": (8, 8), "kernel_size": 5, "dtype": support.float32}
    net = easel.student.build_convnet((1, 28, 28), 10, easel.make_rng(1), **how)
    before = np.array(net.params["0.W"])
    x, y = data.x_train[:1000], data.y_train[:1000]
    losses, params = support.learn(net, {}, x, y, 0.01, 4, 50, easel.make_rng(2))
    return net, before, np.array(params["0.W"]), losses


def _digit(number: int) -> np.ndarray:
    """Return a test image of a digit, (1, 1, 28, 28)."""
    data = datasets.load("mnist5k", images=True)
    return data.x_test[data.y_test == number][1:2].astype(float)


def _tile(axes: Any, values: np.ndarray, colours: str, limit: float) -> None:
    axes.imshow(values, cmap=colours, vmin=0 if colours == "gray_r" else -limit, vmax=limit)
    _bare(axes)


def _bare(axes: Any) -> None:
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def _numbers(axes: Any, table: np.ndarray, title: str, expected: Any = None) -> None:
    """Draw a table of numbers; those that differ from the expected ones in red."""
    axes.imshow(table, cmap="Blues", vmin=0, vmax=3 * max(float(table.max()), 1), aspect="auto")
    off = np.zeros(table.shape, bool)
    if expected is not None and table.shape == expected.shape:
        off = table != expected
    for place, value in np.ndenumerate(table):
        style = {"color": RED, "weight": "bold"} if off[place] else {"color": "black"}
        axes.text(*place[::-1], f"{value:g}", ha="center", va="center", **style)
    axes.set_title(title)
    _bare(axes)
