"""Simple parts for the checks of ch11: cells, models of text, a training loop, helpers.

They live beside the learner's code and are put together with it, so that a mistake in one exercise
does not show in another. NumPy only; the parts keep to the conventions of the course.
"""

from __future__ import annotations

import numpy as np

float32 = np.float32


# Cells


class LinearCell:
    """h' = x Wx + h Wh + b: a cell whose numbers can be followed by hand."""

    def __init__(self, n_in, n_hidden, rng, dtype=np.float64):
        shapes = {"Wx": (n_in, n_hidden), "Wh": (n_hidden, n_hidden), "b": (n_hidden,)}
        self.params = {
            name: (0.5 * rng.standard_normal(shape)).astype(dtype) for name, shape in shapes.items()
        }
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(self, x, state=None):
        self.x = x
        self.h = self.zeros(x) if state is None else state
        out = self.h_new(x, self.h)
        return out, out

    def h_new(self, x, h):
        return x @ self.params["Wx"] + h @ self.params["Wh"] + self.params["b"]

    def backward(self, dout, dstate=None):
        return self.pull(dout if dstate is None else dout + dstate)

    def pull(self, da):
        self.grads["Wx"] = self.x.T @ da
        self.grads["Wh"] = self.h.T @ da
        self.grads["b"] = da.sum(axis=0)
        return da @ self.params["Wx"].T, da @ self.params["Wh"].T

    def zeros(self, x):
        Wh = self.params["Wh"]
        return np.zeros((len(x), len(Wh)), Wh.dtype)


class SineCell(LinearCell):
    """h' = sin(x Wx + h Wh + b): what backward needs is another thing in every step."""

    def forward(self, x, state=None):
        a, _ = super().forward(x, state)
        self.a = a
        out = np.sin(a)
        return out, out

    def backward(self, dout, dstate=None):
        dh = dout if dstate is None else dout + dstate
        return self.pull(dh * np.cos(self.a))


class PairCell(LinearCell):
    """A cell with two states: c' = c / 2 + sin(x Wx + h Wh + b) and h' = c' * c'."""

    def forward(self, x, state=None):
        h, self.c = (self.zeros(x), self.zeros(x)) if state is None else state
        a, _ = super().forward(x, h)
        self.a, self.c_new = a, 0.5 * self.c + np.sin(a)
        out = self.c_new * self.c_new
        return out, (out, self.c_new)

    def backward(self, dout, dstate=None):
        dh = dout if dstate is None else dout + dstate[0]
        dc = 2 * dh * self.c_new
        if dstate is not None:
            dc = dc + dstate[1]
        dx, dh_prev = self.pull(dc * np.cos(self.a))
        return dx, (dh_prev, 0.5 * dc)


def cell_with(made, params):
    """The given cell with copies of these parameters."""
    for name, value in params.items():
        made.params[name] = np.array(value)
    return made


def through_time(cell, x, state, dout, dstate):
    """Run a cell over (N, T, D) and back, each step computed again before its backward.

    Returns (outputs, last state, dx, gradient of the first state, summed grads).
    """
    states, outs = [state], []
    for t in range(x.shape[1]):
        out, state = cell.forward(x[:, t], state)
        states.append(state)
        outs.append(np.array(out))
    dx, sums = np.zeros_like(x), {}
    for t in reversed(range(x.shape[1])):
        cell.forward(x[:, t], states[t])
        dx[:, t], dstate = cell.backward(dout[:, t], dstate)
        for name, value in cell.grads.items():
            sums[name] = sums.get(name, 0) + value
    return np.stack(outs, axis=1), states[-1], dx, dstate, sums


def two_steps(cell, x1, x2, state, dout, dstate):
    """Forward on x1 and back, forward on x2, then backward twice: the last answer."""
    cell.forward(x1)
    cell.backward(np.ones((len(x1), dout.shape[1]), dout.dtype))
    cell.forward(x2, state)
    cell.backward(dout, dstate)
    return cell.backward(dout, dstate)


def two_inputs(layer, x1, x2, dout):
    """Forward on x1, backward, forward on x2 (not training), backward twice: the last result."""
    layer.forward(x1, training=True)
    layer.backward(np.ones((*x1.shape[:2], dout.shape[2]), dout.dtype))
    layer.forward(x2, training=False)
    layer.backward(dout)
    return layer.backward(dout)


class Chain:
    """Layers in a row."""

    def __init__(self, layers):
        self.layers = list(layers)

    def forward(self, x, training=False):
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


# Text


def collect(batches, ids, batch_size, seq_len):
    """All pairs that `batches` yields, as copies."""
    return [(np.array(x), np.array(y)) for x, y in batches(ids, batch_size, seq_len)]


class SumModel:
    """A model whose state is the sum s of id + 1 of all ids read; its scores: table[s mod rows].

    read: what it was asked to read, one array of ids for each call.
    """

    def __init__(self, table):
        self.table = np.array(table)
        self.read, self.state = [], [None]

    def forward(self, ids, training=False, state=None):
        self.read.append(np.array(ids))
        start = 0 if state is None or state[0] is None else state[0]
        sums = np.cumsum(ids + 1, axis=1) + start
        self.state = [sums[:, -1:]]
        return self.table[sums % len(self.table)]

    def predict(self, ids):
        return self.forward(ids)


def sample_many(sample, table, start, count, temperature, rng):
    """The first id of `count` samples from a SumModel."""
    model = SumModel(table)
    return np.array([sample(model, start, 1, temperature, rng)[0] for _ in range(count)])


# Training


class CrossEntropy:
    """Cross entropy of the softmax of scores, a mean over all examples and steps."""

    def forward(self, scores, target):
        rows = scores.reshape(-1, scores.shape[-1])
        rows = rows - rows.max(axis=1, keepdims=True)
        log_probs = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
        hits = np.arange(target.size), target.reshape(-1)
        dscores = np.exp(log_probs)
        dscores[hits] -= 1
        self.dscores = (dscores / target.size).reshape(scores.shape)
        return -float(log_probs[hits].mean())

    def backward(self):
        return self.dscores


class Adam:
    """Adam on gradients clipped to a total length of 1, with a rate that falls to 0."""

    def __init__(self, lr, steps):
        self.lr, self.steps, self.t = lr, steps, 0
        self.m, self.v = {}, {}

    def step(self, params, grads):
        norm = float(np.sqrt(sum(float((g * g).sum()) for g in grads.values())))
        factor, rate = 1.0 / max(norm, 1.0), self.lr * (1 - self.t / self.steps)
        self.t += 1
        for key, p in params.items():
            g = grads[key] * factor
            m = self.m[key] = 0.9 * self.m.get(key, 0) + 0.1 * g
            v = self.v[key] = 0.99 * self.v.get(key, 0) + 0.01 * g * g
            m_hat, v_hat = m / (1 - 0.9**self.t), v / (1 - 0.99**self.t)
            p -= rate * m_hat / (np.sqrt(v_hat) + 1e-8)


def learn(net, x, y, lr, steps, batch_size, rng):
    """Train net on batches drawn from x, y; return copies of its parameters."""
    loss, adam = CrossEntropy(), Adam(lr, steps)
    for _ in range(steps):
        batch = rng.integers(len(x), size=batch_size)
        loss.forward(net.forward(x[batch], training=True), y[batch])
        net.backward(loss.backward())
        adam.step(net.params, net.grads)
    return {key: np.array(value) for key, value in net.params.items()}


def learn_text(model, weights, x, y, lr, steps, batch_size, rng):
    """Train a CharModel from the given weights."""
    params = model.params
    for key, value in weights.items():
        params[key][...] = value
    return learn(model, x, y, lr, steps, batch_size, rng)


class LastStep:
    """Scores h W + c from the last step of a recurrent layer: other steps get no gradient."""

    def __init__(self, layer, W, c):
        self.layer, self.own = layer, {"W": np.array(W), "c": np.array(c)}
        self.slopes = {key: np.zeros_like(value) for key, value in self.own.items()}

    def forward(self, x, training=False):
        self.h = self.layer.forward(x, training=training)
        return self.h[:, -1] @ self.own["W"] + self.own["c"]

    def backward(self, dout):
        self.slopes = {"W": self.h[:, -1].T @ dout, "c": dout.sum(axis=0)}
        dh = np.zeros_like(self.h)
        dh[:, -1] = dout @ self.own["W"].T
        self.layer.backward(dh)

    @property
    def params(self):
        return {**self.layer.params, **self.own}

    @property
    def grads(self):
        return {**self.layer.grads, **self.slopes}


def learn_recall(layer, weights, x, y, lr, steps, batch_size, rng):
    """Train a recurrent layer and scores on its last step, from the given weights."""
    for key in ("Wx", "Wh", "b"):
        layer.params[key][...] = weights[key]
    return learn(LastStep(layer, weights["W"], weights["c"]), x, y, lr, steps, batch_size, rng)


# Memory


def fortran(x):
    """A read-only copy of x in column-major order."""
    return _read_only(np.array(x, order="F"))


def strided(x):
    """A read-only copy of x whose last axis runs backwards through every second place in memory."""
    room = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    view = room[..., ::-2]
    view[...] = x
    return _read_only(view)


def _read_only(x):
    x.flags.writeable = False
    return x


def use_global_random(seed):
    """Put NumPy's global generator into a known state."""
    np.random.seed(seed)


def global_random():
    """The state of NumPy's global generator as an array."""
    _, words, position, _, _ = np.random.get_state()
    return np.append(words, position)
