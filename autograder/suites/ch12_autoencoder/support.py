"""What the checks of ch12 need beside the submission: a simple model, arrays in odd memory orders,
slopes of a model in its parameters, and a training loop. NumPy only.
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


class Model:
    """A simple autoencoder: z = (x as a row @ A)^2, y = (z @ B + c)^2 in the given shape.

    While training, forward adds 5 to its answer: whoever judges a model must not see it.
    """

    def __init__(self, A, B, c, shape):
        self.A, self.B, self.c, self.shape = A, B, c, tuple(shape)

    def encode(self, x):
        return (x.reshape(len(x), -1) @ self.A) ** 2

    def decode(self, z):
        return ((z @ self.B + self.c) ** 2).reshape(len(z), *self.shape)

    def forward(self, x, training=False):
        return self.decode(self.encode(x)) + (5.0 if training else 0.0)

    def predict(self, x):
        return self.forward(x, training=False)


class Wave:
    """An elementwise model: z = x + sin(pi x), y = (z * B + c)^2.

    An example of whole numbers is its own code, and nothing between two such examples is. A walk
    from one to the other is then the same whether they are taken for examples or for codes, but
    not the same as what comes out for a mixture of the examples.
    """

    def __init__(self, B, c):
        self.B, self.c = B, c

    def encode(self, x):
        return x + np.sin(np.pi * x)

    def decode(self, z):
        return (z * self.B + self.c) ** 2

    def forward(self, x, training=False):
        return self.decode(self.encode(x))

    def predict(self, x):
        return self.forward(x, training=False)


def along(model, x, directions, h):
    """The outputs of model for x with each parameter moved by -h and by +h in its direction.

    directions: {key: array of the parameter's shape}. Returns {key: (output before, after)}.
    """
    found = {}
    for key, direction in directions.items():
        start = np.array(model.params[key])
        pair = []
        for step in (-h, h):
            model.params[key][...] = start + step * direction
            pair.append(np.array(model.forward(x)))
        model.params[key][...] = start
        found[key] = tuple(pair)
    return found


# Training


def learn(net, weights, x, lr, steps, batch_size, rng):
    """Train net from the given weights to give back x, by Adam; batches are drawn from rng.

    weights: {"encoder.0.W": array, ...}. Returns (the loss of every step, the trained parameters).
    """
    for name, value in weights.items():
        net.params[name][...] = value
    adam, losses = Adam(lr), []
    for _ in range(steps):
        batch = x[rng.integers(len(x), size=batch_size)]
        difference = net.forward(batch, training=True) - batch
        losses.append(float(np.mean(difference**2)))
        net.backward(2 * difference / difference.size)
        adam.step(net.params, net.grads)
    return losses, {name: np.array(value) for name, value in net.params.items()}


class Adam:
    """Kingma and Ba's optimizer."""

    def __init__(self, lr):
        self.lr, self.t, self.mean, self.square = lr, 0, {}, {}

    def step(self, params, grads):
        self.t += 1
        rate = self.lr * (1 - 0.999**self.t) ** 0.5 / (1 - 0.9**self.t)
        for name, p in params.items():
            g = grads[name]
            m = self.mean.setdefault(name, np.zeros_like(p))
            v = self.square.setdefault(name, np.zeros_like(p))
            m += 0.1 * (g - m)
            v += 0.001 * (g * g - v)
            p -= rate * m / (np.sqrt(v) + 1e-8)
