"""What the checks of ch09 need beside the submission: arrays in odd memory orders, the naive
convolution that the fast one is timed against, and a training loop with its loss and optimizer,
since chapter 7 need not be there. NumPy only.
"""

from __future__ import annotations

import numpy as np

float32 = np.float32


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


def two_inputs(layer, x1, dout1, x2, dout2):
    """Forward on x1, backward, forward on x2 (not training), backward twice: the last result."""
    layer.forward(x1, training=True)
    layer.backward(dout1)
    layer.forward(x2, training=False)
    layer.backward(dout2)
    return layer.backward(dout2)


def use_global_random(seed):
    """Put NumPy's global generator into a known state."""
    np.random.seed(seed)


def global_random():
    """The state of NumPy's global generator as an array."""
    _, words, position, _, _ = np.random.get_state()
    return np.append(words, position)


class Race:
    """A convolutional layer and the naive way, at work on batches of images with stride 1.

    Every turn of a side takes images that it has not seen before. A turn of the layer is many
    batches, so that the way to and fro between the grader and this code hardly counts.
    """

    FAST_BATCHES = 20

    def __init__(self, layer, images, dout, weights, offsets, margin):
        layer.params["W"], layer.params["b"] = weights, offsets
        self.layer, self.dout, self.count = layer, dout, len(dout)
        self.weights, self.offsets = weights, offsets
        self.images = images
        self.padded = np.pad(images, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
        self.starts = {"fast": 0, "naive": 0}

    def _next(self, side, images):
        self.starts[side] += 1
        return images[self.starts[side] : self.starts[side] + self.count]

    def one(self):
        """Forward and backward of the layer, on a single batch."""
        self.fast(1)

    def fast(self, batches=FAST_BATCHES):
        """Forward and backward of the layer, on many batches."""
        for _ in range(batches):
            self.layer.forward(self._next("fast", self.images))
            self.layer.backward(self.dout)

    def naive(self):
        """The forward pass alone, as the definition says, on one batch."""
        kh, kw = self.weights.shape[2:]
        batch = self._next("naive", self.padded)
        y = np.empty_like(self.dout)
        for n, f, r, s in np.ndindex(*y.shape):
            window = batch[n, :, r : r + kh, s : s + kw]
            y[n, f, r, s] = np.sum(window * self.weights[f]) + self.offsets[f]


# Training


def learn(net, weights, x, y, lr, epochs, batch_size, rng):
    """Train net from the given weights by Adam, lr falling in a straight line to 0.

    weights: {"0.W": array, ...}. Returns (the loss of every batch, the trained parameters).
    """
    for name, value in weights.items():
        net.params[name][...] = value
    adam, losses = Adam(), []
    steps = epochs * -(-len(x) // batch_size)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            loss, dscores = cross_entropy(net.forward(x[batch], training=True), y[batch])
            net.backward(dscores)
            adam.step(net.params, net.grads, lr * (1 - len(losses) / steps))
            losses.append(loss)
    return losses, {name: np.array(value) for name, value in net.params.items()}


def cross_entropy(scores, y):
    """The mean cross entropy of scores (N, C) and class ids y (N,), and its gradient."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    dscores = np.exp(log_probs)
    dscores[rows, y] -= 1
    return -float(log_probs[rows, y].mean()), dscores / len(y)


class Adam:
    """Kingma and Ba's optimizer; the learning rate is given at each step."""

    def __init__(self):
        self.t, self.mean, self.square = 0, {}, {}

    def step(self, params, grads, lr):
        self.t += 1
        for name, p in params.items():
            g = grads[name]
            m = self.mean.setdefault(name, np.zeros_like(p))
            v = self.square.setdefault(name, np.zeros_like(p))
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= lr * (m / (1 - 0.9**self.t)) / (np.sqrt(v / (1 - 0.999**self.t)) + 1e-8)
