"""Pictures of chapter 11: a text in pieces, what cells keep, how far gradients go, a language."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from autograder.learner.pictures import RED, Easel, picture

CELLS = ("RNNCell", "GRUCell", "LSTMCell")
LETTERS = "abcd01ABCD"
# Of the language below: what nobody can beat, and what is left to those who forget the first letter
# of a word. A word of k + 2 letters carries k + 2 bits; forgetting costs 2 more (k = 3, 4, 5, 6).
FLOOR, FORGETFUL = 2.0, 2.0 ** (34 / 26)
CHUNKS, STEPS = 8, 20  # pieces of a training, and the batches of each


@picture("batches")
def reading(easel: Easel) -> None:
    """Which places of a text each row reads, one pair after the other."""
    ids = np.arange(61)
    pairs = easel.module("support").collect(easel.student.batches, ids, 3, 5)
    axes = easel.axes()
    easel.figure.set_size_inches(8, 1.8)
    for number, (x, _) in enumerate(pairs):
        for (row, step), value in np.ndenumerate(np.atleast_2d(x)):
            place = 5 * number + step, row
            axes.plot(*place, "s", color=f"C{number % 7}", alpha=0.3, markersize=22)
            axes.text(*place, value, ha="center", va="center", fontsize=9)
    axes.set(xlim=(-0.7, 5 * len(pairs) - 0.3), ylim=(2.7, -0.7))
    numbers = range(len(pairs))
    axes.set_xticks([5 * k + 2 for k in numbers], [f"x of pair {k}" for k in numbers])
    axes.set_yticks(range(3), [f"row {row}" for row in range(3)])
    axes.grid(visible=False)
    _judge_reading(easel, [(np.asarray(x), np.asarray(y)) for x, y in pairs])


def _judge_reading(easel: Easel, pairs: list) -> None:
    if len(pairs) != 4 or any(x.shape != (3, 5) for x, _ in pairs):
        shape = pairs[0][0].shape if pairs else "missing"
        easel.wrong(f"61 ids give 4 pairs of (3, 5), not {len(pairs)}; the first x is {shape}")
        return
    if any((y != x + 1).any() for x, y in pairs):
        easel.wrong("y must be one place further in the text than x")
    for number in range(3):
        jump = pairs[number + 1][0][:, 0] != pairs[number][0][:, -1] + 1
        if jump.any():
            easel.wrong(f"row {jump.argmax()} of pair {number + 1} must go on where it had stopped")
            return


@picture(*CELLS)
def memory(easel: Easel) -> None:
    """What each cell keeps of a 1, step by step, while it reads zeros."""
    found = easel.written(CELLS, lambda name: _kept(easel, name))
    t = np.arange(21)
    panels = easel.axes(1, 3)
    for axes, name in zip(panels, CELLS, strict=True):
        if name not in found:
            easel.blank(axes, f"{name} is not written yet")
            continue
        for setting, kept in found[name].items():
            easel.curve(axes, t, kept, label=_setting(name, setting))
            expected = _expected(name, setting)
            off = ~(np.abs(kept - expected) <= 1e-6)
            if off.any():
                axes.plot(t, expected, ":", color=RED)
                step = f"{_setting(name, setting)}: after step {off.argmax()} it keeps"
                was = f"{kept[off.argmax()]:.4g}, by the formula {expected[off.argmax()]:.4g}"
                easel.wrong(f"{name}, {step} {was}")
        axes.set(title=name, xlabel="step", ylim=(min(0, *map(np.min, found[name].values())), 1.05))
        axes.legend(fontsize=8)


def _setting(name: str, setting: float) -> str:
    return {"RNNCell": "Wh", "GRUCell": "bias of z", "LSTMCell": "bias of f"}[
        name
    ] + f" = {setting}"


def _kept(easel: Easel, name: str) -> dict[float, np.ndarray]:
    """Return what is left of a state of 1 after 0 ... 20 steps, for three settings of a cell."""
    gates = {"RNNCell": 1, "GRUCell": 3, "LSTMCell": 4}[name]
    found = {}
    for setting in (0.5, 1.0, 2.0) if name == "RNNCell" else (0.0, 1.0, 3.0):
        params = {"Wx": np.zeros((1, gates)), "Wh": np.zeros((1, gates)), "b": np.zeros(gates)}
        params["Wh" if gates == 1 else "b"].flat[0 if gates == 1 else 1] = setting
        made = getattr(easel.student, name)(1, 1, easel.make_rng(0))
        cell = easel.module("support").cell_with(made, params)
        one, kept = np.ones((1, 1)), [1.0]
        state: Any = (0 * one, one) if name == "LSTMCell" else one
        for _ in range(20):
            _, state = cell.forward(np.zeros((1, 1)), state)
            kept.append(float(np.ravel(state[1] if name == "LSTMCell" else state)[0]))
        found[setting] = np.array(kept)
    return found


def _expected(name: str, setting: float) -> np.ndarray:
    kept = [1.0]
    for _ in range(20):
        rnn = np.tanh(setting * kept[-1])
        kept.append(rnn if name == "RNNCell" else kept[-1] / (1 + np.exp(-setting)))
    return np.array(kept)


@picture("Recurrent", *CELLS)
def reach(easel: Easel) -> None:
    """How much of a gradient at the last of 30 steps arrives at each input."""
    found = easel.written(CELLS, lambda name: _arriving(easel, name))
    axes = easel.axes()
    t = np.arange(30)
    for name, (sizes, measured) in found.items():
        axes.plot(t, np.where(sizes > 0, sizes, np.nan), label=name)
        off = ~(np.abs(sizes - measured) <= 1e-3 * np.abs(measured) + 1e-8)
        if off.any():
            axes.plot(t, np.abs(measured), ":", color=RED)
            last = 29 - off[::-1].argmax()  # gradients travel from the last step to the first
            was = f"{sizes[last]:.4g}, measured {measured[last]:.4g}"
            easel.wrong(f"{name}: the gradient of the input of step {last} is {was}")
    axes.set(yscale="log", xlabel="time step", ylabel="size of the gradient")
    axes.legend()


def _arriving(easel: Easel, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the sizes of the inputs' gradients, and what differences make of them (30,)."""
    rng, h = np.random.default_rng(1), 1e-5
    layer = easel.student.Recurrent(getattr(easel.student, name)(5, 16, easel.make_rng(2)))
    x, dout = rng.standard_normal((1, 30, 5)), np.zeros((1, 30, 16))
    dout[0, -1] = rng.standard_normal(16)
    layer.forward(x)
    dx = np.asarray(layer.backward(dout))[0]  # (30, 5)
    sizes = np.linalg.norm(dx, axis=1)
    towards = np.where(sizes[:, None] > 0, dx / np.maximum(sizes, 1e-300)[:, None], 5**-0.5)
    shifts = h * np.eye(30)[:, :, None] * towards  # (30, 30, 5): one step of one example
    ends = [np.asarray(layer.forward(x + sign * shifts))[:, -1] for sign in (1, -1)]
    return sizes, (ends[0] - ends[1]) @ dout[0, -1] / (2 * h)


# A language


def _language(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return ids of words: a, b, c or d; then 3, 4, 5 or 6 times 0 or 1; then A, B, C or D."""
    words: list[int] = []
    while len(words) < count:
        first = int(rng.integers(4))
        words += [first, *(4 + rng.integers(2, size=3 + first)), 6 + first]
    return np.array(words[:count])


def _learn(easel: Easel, cell: str, judge: Any = None) -> tuple[Any, list[float]]:
    """Train a model of the language; return it, and judge(model) after every chunk of steps."""
    rng, support = np.random.default_rng(0), easel.module("support")
    text = np.stack([_language(rng, 21) for _ in range(800)])
    kind, how = getattr(easel.student, cell), {"dtype": support.float32}
    model = easel.student.CharModel(10, 32, easel.make_rng(3), cell=kind, **how)
    marks = []
    for chunk in range(CHUNKS):
        lr, batches = 0.03 * (1 - chunk / CHUNKS), easel.make_rng(chunk)
        support.learn_text(model, {}, text[:, :-1], text[:, 1:], lr, STEPS, 32, batches)
        if judge is not None:
            marks.append(judge(model))
    return model, marks


@picture("CharModel", "perplexity", *CELLS)
def language(easel: Easel) -> None:
    """A language of known entropy: the perplexity of new text while each cell learns it."""
    rng = np.random.default_rng(100)
    new = np.stack([_language(rng, 61) for _ in range(40)])

    def judge(model: Any) -> float:
        return float(easel.student.perplexity(model.predict(new[:, :-1]), new[:, 1:]))

    found = easel.written(CELLS, lambda cell: _learn(easel, cell, judge)[1])
    axes = easel.axes()
    steps = STEPS * np.arange(1, CHUNKS + 1)
    for cell, marks in found.items():
        easel.curve(axes, steps, np.array(marks), label=cell, marker="o", markersize=4)
        if min(marks) < 0.95 * FLOOR:
            easel.wrong(f"{cell}: a perplexity of {min(marks):.3g}, but nobody can go below 2")
        elif not marks[-1] < FORGETFUL:
            possible = f"even without the first letter {FORGETFUL:.3g} is possible"
            easel.wrong(f"{cell}: the perplexity ends at {marks[-1]:.3g}; {possible}")
    for height, name, side in ((FLOOR, "floor", "top"), (FORGETFUL, "forgetful", "bottom")):
        axes.axhline(height, color="black", linestyle=":", linewidth=1)
        axes.text(steps[-1], height, name, ha="right", va=side, fontsize=8)
    axes.set(xlabel="batch", ylabel="perplexity", ylim=(min(1.8, *map(min, found.values())), None))
    axes.legend()


@picture("sample", "CharModel", "LSTMCell")
def writing(easel: Easel) -> None:
    """What an LSTM writes at three temperatures; words that the language does not have in red."""
    untrained = easel.student.CharModel(10, 4, easel.make_rng(0))
    easel.student.sample(untrained, np.array([9]), 1, 1.0, easel.make_rng(0))  # is it written?
    model, _ = _learn(easel, "LSTMCell")
    axes = easel.axes()
    easel.figure.set_size_inches(8, 1.8)
    shares = []
    for row, temperature in enumerate((0.2, 1.0, 3.0)):
        ids = easel.student.sample(model, np.array([9]), 400, temperature, easel.make_rng(5))
        if len(ids) != 400 and row == 0:
            easel.wrong(f"sample returns {len(ids)} ids where 400 were asked for")
        text = "".join(LETTERS[int(i)] for i in ids)
        words = re.findall(r"[a-d]?[01]*[A-D]|[a-d]?[01]+|[a-d]", text)[:-1]  # the last may be cut
        shares.append(np.mean([_is_word(word) for word in words] or [False]))
        about = f"temperature {temperature}: {shares[-1]:.0%} words"
        axes.text(0, row, about, va="center", fontsize=9)
        _write(axes, words, row)
    axes.set(xlim=(0, 100), ylim=(2.6, -0.6))
    axes.axis("off")
    _judge_writing(easel, shares)


def _judge_writing(easel: Easel, shares: list[float]) -> None:
    if shares[0] < shares[2] or shares[0] == shares[2] > 0.5:
        easel.wrong("a low temperature must write more of the right words than a high one")
    elif shares[0] < 0.5:
        easel.wrong(f"at temperature 0.2, {shares[0]:.0%} of the text are words of the language")


def _is_word(word: str) -> bool:
    first = "abcd".find(word[0])
    return bool(re.fullmatch(rf"[a-d][01]{{{first + 3}}}{word[0].upper()}", word)) and first >= 0


def _write(axes: Any, words: list[str], row: int) -> None:
    place = 26.0
    for word in words:
        if place + len(word) > 100:
            return
        colour = "black" if _is_word(word) else RED
        axes.text(place, row, word, family="monospace", fontsize=9, va="center", color=colour)
        place += 1.05 * len(word) + 1.2
