"""A correct ch12 spelled out: plain loops, no inheritance, t-SNE without exaggeration."""

import numpy as np
from conv import Conv2D, MaxPool2D
from layers import Dense, Flatten, ReLU, Sequential, Sigmoid


def collect(model, what):
    found = {}
    for part in ("encoder", "decoder"):
        for key, value in getattr(getattr(model, part), what).items():
            found[part + "." + key] = value
    return found


def add_noise(x, size, rng):
    if x.dtype != np.float32:
        x = x.astype(np.float64)
    noise = rng.standard_normal(x.shape, dtype=x.dtype)
    noise *= size
    return x + noise


class Autoencoder:
    def __init__(self, n_in, hidden, code, rng, noise=0.0, dtype=np.float64):
        self.encoder = Sequential(
            [Dense(n_in, hidden, rng, dtype=dtype), ReLU(), Dense(hidden, code, rng, dtype=dtype)]
        )
        self.decoder = Sequential(
            [
                Dense(code, hidden, rng, dtype=dtype),
                ReLU(),
                Dense(hidden, n_in, rng, dtype=dtype),
                Sigmoid(),
            ]
        )
        self.noise = noise
        self.rng = rng

    def encode(self, x):
        return self.encoder.forward(x, training=False)

    def decode(self, z):
        return self.decoder.forward(z, training=False)

    def forward(self, x, training=False):
        if training and self.noise > 0:
            x = add_noise(x, self.noise, self.rng)
        z = self.encoder.forward(x, training=training)
        return self.decoder.forward(z, training=training)

    def backward(self, dout):
        dz = self.decoder.backward(dout)
        return self.encoder.backward(dz)

    def predict(self, x):
        return self.forward(x)

    @property
    def params(self):
        return collect(self, "params")

    @property
    def grads(self):
        return collect(self, "grads")


class Upsample:
    def __init__(self, factor=2):
        self.factor = factor
        self.params = {}
        self.grads = {}

    def forward(self, x, training=False):
        f = self.factor
        n, c, h, w = x.shape
        dtype = x.dtype if x.dtype in (np.float32, np.float64) else np.float64
        y = np.empty((n, c, f * h, f * w), dtype)
        for i in range(f):
            for j in range(f):
                y[:, :, i::f, j::f] = x
        return y

    def backward(self, dout):
        f = self.factor
        dx = np.zeros_like(dout[:, :, ::f, ::f])
        for i in range(f):
            for j in range(f):
                dx += dout[:, :, i::f, j::f]
        return dx


class Fold:
    def __init__(self, shape):
        self.shape = tuple(shape)
        self.params = {}
        self.grads = {}

    def forward(self, x, training=False):
        return x.reshape((len(x), *self.shape))

    def backward(self, dout):
        return dout.reshape((len(dout), -1))


class ConvAutoencoder:
    def __init__(self, input_shape, channels, code, rng, noise=0.0, dtype=np.float64):
        widths = [input_shape[0], *channels]
        height, width = input_shape[1:]
        layers = []
        for i in range(len(channels)):
            layers.append(Conv2D(widths[i], widths[i + 1], 3, rng, pad=1, dtype=dtype))
            layers.append(ReLU())
            layers.append(MaxPool2D(2))
            if height % 2 != 0 or width % 2 != 0:
                raise ValueError("height and width must be even before each pooling")
            height, width = height // 2, width // 2
        small = (widths[-1], height, width)
        size = int(np.prod(small))
        layers.append(Flatten())
        layers.append(Dense(size, code, rng, dtype=dtype))
        self.encoder = Sequential(layers)

        layers = [Dense(code, size, rng, dtype=dtype), Fold(small)]
        for i in reversed(range(len(channels))):
            layers.append(ReLU())
            layers.append(Upsample(2))
            layers.append(Conv2D(widths[i + 1], widths[i], 3, rng, pad=1, dtype=dtype))
        layers.append(Sigmoid())
        self.decoder = Sequential(layers)
        self.noise = noise
        self.rng = rng

    encode = Autoencoder.encode
    decode = Autoencoder.decode
    forward = Autoencoder.forward
    backward = Autoencoder.backward
    predict = Autoencoder.predict
    params = Autoencoder.params
    grads = Autoencoder.grads


def reconstruction_error(model, x):
    total = 0.0
    for start in range(0, len(x), 100):
        part = x[start : start + 100]
        total += float(np.sum((model.predict(part).astype(float) - part) ** 2))
    return total / x.size


def nearest_neighbours(codes, queries, k):
    answer = np.empty((len(queries), k), dtype=int)
    for i in range(len(queries)):
        distances = np.linalg.norm(codes - queries[i], axis=1)
        answer[i] = np.argsort(distances)[:k]
    return answer


def pairwise_affinities(x, perplexity):
    x = np.array(x, dtype=float)
    n = len(x)
    conditional = np.zeros((n, n))
    for i in range(n):
        others = [j for j in range(n) if j != i]
        squares = np.sum((x[others] - x[i]) ** 2, axis=1)
        squares -= squares.min()
        if squares.max() > 0:
            squares /= squares.max()
        beta, low, high = 1.0, 0.0, None
        for _ in range(200):
            p = np.exp(-beta * squares)
            p /= p.sum()
            positive = p[p > 0]
            found = 2 ** -np.sum(positive * np.log2(positive))
            if abs(found - perplexity) < 1e-5:
                break
            if found > perplexity:
                low = beta
                beta = 2 * beta if high is None else (low + high) / 2
            else:
                high = beta
                beta = (low + high) / 2
        conditional[i, others] = p
    joint = conditional + conditional.T
    return joint / (2 * n)


def tsne(x, rng, dim=2, perplexity=30.0, steps=500):
    joint = pairwise_affinities(x, perplexity)
    n = len(x)
    y = rng.normal(size=(n, dim))
    moved = np.zeros((n, dim))
    for _ in range(steps):
        lengths = np.sum(y * y, axis=1)
        kernel = 1 / (1 + np.maximum(lengths[:, None] + lengths - 2 * y @ y.T, 0))
        kernel -= np.diag(np.diag(kernel))
        force = (joint - kernel / kernel.sum()) * kernel
        slope = 4 * (np.diag(force.sum(axis=1)) - force) @ y
        moved = 0.8 * moved - 0.4 * n * slope
        y = y + moved
    return y


def interpolate(model, a, b, steps):
    codes = model.encode(np.array([a, b]))
    walk = []
    for i in range(steps):
        share = i / (steps - 1)
        walk.append(((1 - share) * codes[0] + share * codes[1]).astype(codes.dtype))
    return model.decode(np.array(walk))
