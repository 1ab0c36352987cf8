"""Pictures of chapter 7: paths through two landscapes, steps, schedules, clipping, training."""

from __future__ import annotations

from typing import Any

import numpy as np

import datasets
from autograder.learner.pictures import RED, Easel, picture
from autograder.sandbox import put

NAMES = ("SGD", "Momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam")
SCHEDULES = ("linear_decay", "exponential_decay", "cosine_decay")
RAVINE_RATES = (0.9, 0.1, 0.1, 1.5, 0.3, 0.6)
BEALE_RATES = (0.005, 0.003, 0.003, 0.6, 0.03, 0.1)
DIGITS_RATES = (0.2, 0.02, 0.02, 0.02, 0.002, 0.003, 0.003)


# Paths


@picture(*NAMES)
def ravine(easel: Easel) -> None:
    """A ravine: 40 steps of each optimizer to the lowest point."""
    x, y = np.meshgrid(np.linspace(-8, 4, 120), np.linspace(-2.6, 2.6, 100))
    land = x, y, x**2 / 20 + y**2, [0.02, 0.1, 0.3, 0.7, 1.3, 2.2, 3.5, 5]
    _draw_paths(easel, RAVINE_RATES, land, _ravine_gradient, (-7.0, 2.0), (0.0, 0.0), 40)


@picture(*NAMES)
def beale(easel: Easel) -> None:
    """Beale's function, a bent valley between high walls: 300 steps of each optimizer."""
    x, y = np.meshgrid(np.linspace(-0.5, 4.2, 120), np.linspace(-1.7, 1.9, 100))
    height = sum((c - x + x * y**n) ** 2 for n, c in ((1, 1.5), (2, 2.25), (3, 2.625)))
    land = x, y, height, 10.0 ** np.arange(-1.5, 4, 0.5)
    _draw_paths(easel, BEALE_RATES, land, _beale_gradient, (0.8, 1.6), (3.0, 0.5), 300)


def _draw_paths(
    easel: Easel, rates: tuple, land: tuple, gradient: Any, begin: tuple, goal: tuple, steps: int
) -> None:
    lr = dict(zip(NAMES, rates, strict=True))
    paths = easel.written(
        NAMES, lambda name: _walk(getattr(easel.student, name)(lr=lr[name]), gradient, begin, steps)
    )
    easel.figure.set_size_inches(8, 4.6)
    x, y, height, levels = land
    for number, (name, axes) in enumerate(zip(NAMES, easel.axes(2, 3).flat, strict=True)):
        if name not in paths:
            easel.blank(axes, f"{name} is not written yet")
            continue
        axes.contour(x, y, height, levels=levels, colors="#bbbbbb", linewidths=0.8)
        axes.plot(*goal, "k+", markersize=9)
        path = paths[name]
        axes.plot(*path.T, f"C{number}", marker="o", markersize=2.5, linewidth=1.1)
        axes.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()), title=f"{name}, lr = {lr[name]}")
        axes.grid(visible=False)
        _judge_path(easel, name, path, goal)


def _judge_path(easel: Easel, name: str, path: np.ndarray, goal: tuple) -> None:
    first, last = np.linalg.norm(path[0] - goal), np.linalg.norm(path[-1] - goal)
    if not np.isfinite(path).all():
        step = int(np.isfinite(path).all(axis=1).argmin())
        easel.wrong(f"{name} flies away: from step {step} on, its parameters are no numbers")
    elif (path == path[0]).all():
        easel.wrong(f"{name} moves nothing: step must change the arrays in params themselves")
    elif last >= first:
        easel.wrong(f"{name} ends {last:.3g} from the lowest point and began {first:.3g} away")


def _walk(optimizer: Any, gradient: Any, begin: tuple, steps: int) -> np.ndarray:
    """Return the path of an optimizer, (steps + 1, len(begin))."""
    params = put(optimizer, {"p": np.array(begin)})  # lives beside the optimizer that changes it
    path = [np.array(begin)]
    with np.errstate(all="ignore"):  # a path that flies away is a finding
        for _ in range(steps):
            optimizer.step(params, {"p": gradient(path[-1])})
            path.append(np.array(params["p"]))
    return np.array(path)


def _ravine_gradient(p: np.ndarray) -> np.ndarray:
    return np.array([p[0] / 10, 2 * p[1]])


def _beale_gradient(p: np.ndarray) -> np.ndarray:
    x, y = p
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    dx = a * (y - 1) + b * (y**2 - 1) + c * (y**3 - 1)
    return 2 * np.array([dx, a * x + 2 * b * x * y + 3 * c * x * y**2])


# Steps


@picture(*NAMES)
def steps(easel: Easel) -> None:
    """The length of each step while the gradient is always 2 (lr = 0.1)."""
    t = np.arange(1, 41)
    expected = {  # what the formulas come to: mu = rho = 0.9
        "SGD": np.full(40, 0.2),
        "Momentum": 0.2 * (1 - 0.9**t) / 0.1,
        "Nesterov": 0.2 * (1 - 0.9 ** (t + 1)) / 0.1,
        "AdaGrad": 0.1 / np.sqrt(t),
        "RMSProp": 0.1 / np.sqrt(1 - 0.9**t),
        "Adam": np.full(40, 0.1),
    }
    paths = easel.written(
        NAMES, lambda name: _walk(getattr(easel.student, name)(lr=0.1), _always_2, (0.0,), 40)
    )
    easel.figure.set_size_inches(8, 4.2)
    grid = easel.axes(2, 3)
    for number, (name, axes) in enumerate(zip(NAMES, grid.flat, strict=True)):
        if name not in paths:
            easel.blank(axes, f"{name} is not written yet")
            continue
        found = -np.diff(paths[name][:, 0])
        axes.plot(t, found, f"C{number}")
        top = max(found.max(), expected[name].max())
        axes.set(title=name, ylim=(min(0, found.min()), 1.1 * top))
        _compare(easel, axes, t, found, expected[name], f"{name}: step")
    for axes in grid[1]:
        axes.set_xlabel("step")


def _always_2(p: np.ndarray) -> np.ndarray:
    return np.full_like(p, 2.0)


def _compare(
    easel: Easel, axes: Any, t: np.ndarray, found: np.ndarray, expected: np.ndarray, what: str
) -> None:
    """Mark where a curve is not what its formula comes to."""
    off = ~(np.abs(found - expected) <= 1e-4 * np.abs(expected).max())
    if off.any():
        axes.plot(t, expected, ":", color=RED, label="the formula")
        first = off.argmax()
        was = f"{found[first]:.4g}, by the formula {expected[first]:.4g}"
        easel.wrong(f"{what} {t[first]} is {was}")


@picture("AdamW")
def weight_decay(easel: Easel) -> None:
    """AdamW: what weight decay leaves of a parameter whose gradient is 0 (lr = 0.02)."""
    axes, t = easel.axes(), np.arange(101)
    for decay in (0.0, 0.5, 2.0):
        optimizer = easel.student.AdamW(lr=0.02, weight_decay=decay)
        path = _walk(optimizer, np.zeros_like, (1.0,), 100)[:, 0]
        axes.plot(t, path, label=f"weight_decay = {decay}")
        what = f"weight_decay = {decay}: the parameter after step"
        _compare(easel, axes, t, path, (1 - 0.02 * decay) ** t, what)
    axes.set(xlabel="step", ylabel="parameter")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


# Schedules and clipping


@picture(*SCHEDULES)
def schedules(easel: Easel) -> None:
    """Three ways from a learning rate of 0.1 to 0.001 in 20 epochs."""
    t, share = np.arange(25), np.minimum(np.arange(25) / 19, 1)
    expected = {
        "linear_decay": 0.1 - 0.099 * share,
        "exponential_decay": 0.1 * 0.01**share,
        "cosine_decay": 0.001 + 0.099 * (1 + np.cos(np.pi * share)) / 2,
    }
    rates = easel.written(SCHEDULES, lambda name: _rates(getattr(easel.student, name), t))
    left, right = easel.axes(1, 2)
    for (name, values), marker in zip(rates.items(), "os^", strict=False):
        for axes in (left, right):
            axes.plot(t, values, marker=marker, markersize=3.5, linewidth=1.2, label=name)
        _compare(easel, left, t, values, expected[name], f"{name}: the rate of epoch")
    left.set(xlabel="epoch", ylabel="learning rate")
    right.set(xlabel="epoch", yscale="log", title="the same, logarithmic")
    left.legend()


def _rates(make: Any, t: np.ndarray) -> np.ndarray:
    schedule = make(0.1, 0.001, 20)
    return np.array([schedule(int(number)) for number in t], dtype=float)


@picture("clip_grad_norm")
def clipping(easel: Easel) -> None:
    """Gradients of two parameters before (gray) and after clipping to length 1."""
    left, right = easel.axes(1, 2)
    lengths = np.linspace(0.3, 2.8, 11)
    angles = np.linspace(0, 2 * np.pi, 11, endpoint=False)
    before = lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)  # (11, 2)
    answers = [
        easel.student.clip_grad_norm({"W": np.array([[w]]), "b": np.array([b])}, 1.0)
        for w, b in before
    ]
    after = np.array([[clipped["W"][0, 0], clipped["b"][0]] for clipped, _ in answers])
    circle = np.linspace(0, 2 * np.pi, 100)
    left.plot(np.cos(circle), np.sin(circle), color="black", linewidth=0.8)
    for arrows, colour in ((before, "#c0c0c0"), (after, "C0")):
        zeros = np.zeros(len(arrows))
        left.quiver(zeros, zeros, *arrows.T, color=colour, units="xy", scale=1, width=0.05)
    left.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), aspect="equal", xlabel="W", ylabel="b")
    found = np.linalg.norm(after, axis=1)
    right.plot(lengths, found, marker="o", label="length after")
    right.plot(lengths, [norm for _, norm in answers], "s", mfc="none", label="norm returned")
    right.set(xlabel="length before", ylim=(0, None))
    right.legend()
    _judge_clipping(easel, before, after, np.array([norm for _, norm in answers], dtype=float))


def _judge_clipping(easel: Easel, before: np.ndarray, after: np.ndarray, said: np.ndarray) -> None:
    length, found = np.linalg.norm(before, axis=1), np.linalg.norm(after, axis=1)
    turned = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]) > 1e-6
    off = np.abs(found - np.minimum(length, 1)) > 1e-6
    if turned.any():
        easel.wrong(f"a gradient of length {length[turned.argmax()]:.3g} changes its direction")
    if off.any():
        first = off.argmax()
        rule = "stay as it is" if length[first] <= 1 else "get the length 1"
        easel.wrong(
            f"a gradient of length {length[first]:.3g} must {rule}, it has {found[first]:.3g}"
        )
    if not np.allclose(said, length):
        first = (~np.isclose(said, length)).argmax()
        easel.wrong(f"the norm returned for length {length[first]:.3g} is {said[first]:.3g}")


# Training


@picture("Trainer", *NAMES, "AdamW")
def digits(easel: Easel) -> None:
    """Digits with every optimizer: the loss, and the share of new digits read correctly."""
    lr = dict(zip((*NAMES, "AdamW"), DIGITS_RATES, strict=True))
    found = easel.written(lr, lambda name: _fit(easel, name, lr[name]))
    left, right = easel.axes(1, 2)
    faults = []
    for name, (history, read) in found.items():
        loss, accuracy = np.array(history["loss"]), np.array(history["accuracy"])
        epochs = np.arange(1, len(loss) + 1)
        easel.curve(left, epochs, loss, label=f"{name}, lr = {lr[name]}", marker="o", markersize=3)
        right.plot(np.arange(1, len(accuracy) + 1), accuracy, marker="o", markersize=3)
        faults += _training_fault(name, loss, accuracy, read)
    if faults:
        more = f" (and {len(faults) - 1} more of them)" if len(faults) > 1 else ""
        easel.wrong(faults[0] + more)
    left.set(xlabel="epoch", ylabel="loss", ylim=(0, None))
    left.legend(fontsize=8)
    right.set(xlabel="epoch", ylabel="accuracy")


def _fit(easel: Easel, name: str, lr: float) -> tuple[dict[str, list[float]], float]:
    """Train a small network; return the history, and what the network really reads afterwards."""
    data, support, rng = datasets.load("mnist5k"), easel.module("support"), np.random.default_rng(0)
    weights = {"0.W": rng.standard_normal((784, 32)) * (2 / 784) ** 0.5, "0.b": np.zeros(32)}
    weights |= {"2.W": rng.standard_normal((32, 10)) * (2 / 32) ** 0.5, "2.b": np.zeros(10)}
    net = support.DigitNet({key: value.astype(np.float32) for key, value in weights.items()})
    loss, optimizer = support.SoftmaxLoss(support.QuietLog()), getattr(easel.student, name)(lr=lr)
    trainer = easel.student.Trainer(net, loss, optimizer)
    train, test = (data.x_train[:1000], data.y_train[:1000]), (data.x_test, data.y_test)
    history = trainer.fit(*train, 6, 50, easel.make_rng(1), *test)
    return history, float(np.mean(net.predict(test[0]).argmax(axis=1) == test[1]))


def _training_fault(name: str, loss: np.ndarray, accuracy: np.ndarray, read: float) -> list[str]:
    """Return what is wrong with one training, a sentence or none."""
    if len(loss) != 6 or len(accuracy) != 6:
        return [f"{name}: 6 epochs give {len(loss)} losses and {len(accuracy)} accuracies"]
    if not loss[0] < 3:
        return [f"{name}: the loss of epoch 1 is {loss[0]:.3g}; guessing would cost 2.3"]
    if not loss[-1] < 0.99 * loss[0]:
        return [f"{name}: the loss does not fall, from {loss[0]:.3g} to {loss[-1]:.3g}"]
    if not abs(accuracy[-1] - read) < 1e-6:
        return [f"{name}: the last accuracy is {accuracy[-1]:.3g}, the network has {read:.3g}"]
    return []
