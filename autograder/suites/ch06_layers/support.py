"""Simple parts for the checks of ch06: layers, a loss, a network, helpers.

They live beside the learner's code and are put together with it, so that a mistake in one exercise
does not show in another. NumPy only; the parts keep to the conventions of the course.
"""

from __future__ import annotations

import numpy as np

float32 = np.float32


class Scale:
    """y = x * s with one factor per column; params "s" (D,)."""

    def __init__(self, s):
        self.params = {"s": np.array(s)}
        self.grads = {"s": np.zeros_like(self.params["s"])}

    def forward(self, x, training=False):
        self.x = x
        return x * self.params["s"]

    def backward(self, dout):
        self.grads["s"] = (dout * self.x).sum(axis=0)
        return dout * self.params["s"]


class Mix:
    """y = x A + c; params "A" (D, M) and "c" (M,)."""

    def __init__(self, A, c):
        self.params = {"A": np.array(A), "c": np.array(c)}
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(self, x, training=False):
        self.x = x
        return x @ self.params["A"] + self.params["c"]

    def backward(self, dout):
        self.grads["A"] = self.x.T @ dout
        self.grads["c"] = dout.sum(axis=0)
        return dout @ self.params["A"].T


class Square:
    """y = x^2, nothing to learn."""

    def __init__(self):
        self.params = {}
        self.grads = {}

    def forward(self, x, training=False):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2 * self.x * dout


class Probe:
    """y = 2 x; notes what it is asked in `calls` ("train", "use", "backward") and its `inputs`."""

    def __init__(self):
        self.params = {}
        self.grads = {}
        self.calls = []
        self.inputs = []

    def forward(self, x, training=False):
        self.calls.append("train" if training is True else "use")
        self.inputs.append(np.array(x))
        return 2 * x

    def backward(self, dout):
        self.calls.append("backward")
        return 2 * dout


class SquaredLoss:
    """The mean over the rows of |pred - target|^2; notes the `targets` and the `losses`."""

    def __init__(self):
        self.targets = []
        self.losses = []

    def forward(self, pred, target):
        self.difference = pred - target
        self.targets.append(np.array(target))
        self.losses.append(float((self.difference**2).sum() / len(pred)))
        return self.losses[-1]

    def backward(self):
        return 2 * self.difference / len(self.difference)


class Chain:
    """A network of the parts above, with everything that a Sequential has."""

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

    def predict(self, x):
        return self.forward(x, training=False)

    @property
    def params(self):
        return {
            f"{i}.{k}": v for i, layer in enumerate(self.layers) for k, v in layer.params.items()
        }

    @property
    def grads(self):
        return {
            f"{i}.{k}": v for i, layer in enumerate(self.layers) for k, v in layer.grads.items()
        }


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


def two_inputs(layer, x1, x2, dout):
    """Forward on x1, backward, forward on x2 (not training), backward twice: the last result."""
    layer.forward(x1, training=True)
    layer.backward(dout[: len(x1)])
    layer.forward(x2, training=False)
    layer.backward(dout)
    return layer.backward(dout)


def use_global_random(seed):
    """Put NumPy's global generator into a known state."""
    np.random.seed(seed)


def global_random():
    """The state of NumPy's global generator as an array."""
    _, words, position, _, _ = np.random.get_state()
    return np.append(words, position)


def learn(layers, sequential, loss, train, weights, x, y, lr, epochs, batch_size, rng):
    """Train a network of layers (classes made by the caller) from the given weights.

    weights: {"0.W": array, ...}. Returns (losses, trained parameters).
    """
    net = sequential(layers)
    for name, value in weights.items():
        number, key = name.split(".")
        net.layers[int(number)].params[key] = np.array(value)
    losses = train(net, loss, x, y, lr, epochs, batch_size, rng)
    return losses, {name: np.array(value) for name, value in net.params.items()}
