"""A correct ch12 in a terse style: one network with a cut, einsum, gains in t-SNE."""

import math

import numpy as np
from conv import Conv2D, MaxPool2D
from layers import Dense, Flatten, ReLU, Sequential, Sigmoid


class _Cut:
    """Two Sequentials, made by _parts, with the code between them."""

    def __init__(self, *shape, rng, noise, dtype):
        self._draw = lambda x: rng.normal(scale=noise, size=x.shape) if noise else 0.0
        self.decoder, self.encoder = map(Sequential, self._parts(*shape, rng, dtype)[::-1])
        self.encode, self.decode = self.encoder.predict, self.decoder.predict

    def forward(self, x, training=False):
        if training:
            kind = x.dtype if x.dtype.kind == "f" else np.float64
            x = np.add(x, self._draw(x)).astype(kind)
        z = self.encoder.forward(x, training)
        return self.decoder.forward(z, training)

    def backward(self, dout):
        for part in (self.decoder, self.encoder):
            dout = part.backward(dout)
        return dout

    def predict(self, x):
        return self.decode(self.encode(x))

    def __getattr__(self, name):
        if name not in ("params", "grads"):
            raise AttributeError(name)
        parts = (("encoder", self.encoder), ("decoder", self.decoder))
        return {f"{p}.{k}": v for p, part in parts for k, v in getattr(part, name).items()}


class Autoencoder(_Cut):
    def __init__(self, n_in, hidden, code, rng, noise=0.0, dtype=np.float64):
        super().__init__(n_in, hidden, code, rng=rng, noise=noise, dtype=dtype)

    def _parts(self, n_in, hidden, code, rng, dtype):
        def pair(a, b):
            return [Dense(a, hidden, rng, dtype), ReLU(), Dense(hidden, b, rng, dtype)]

        right = [*pair(code, n_in), Sigmoid()]
        return pair(n_in, code), right


class Upsample:
    def __init__(self, factor=2):
        self.params, self.grads, self.block = {}, {}, np.ones((factor, factor))

    def forward(self, x, training=False):
        kind = x.dtype if x.dtype.kind == "f" else float
        return np.kron(x.astype(kind), self.block.astype(kind))

    def backward(self, dout):
        f = len(self.block)
        rows = sum(dout[:, :, i::f] for i in range(f))
        return sum(rows[..., j::f] for j in range(f))


class _Reshape:
    params, grads = {}, {}

    def __init__(self, *shape):
        self.shape = shape

    def forward(self, x, training=False):
        return x.reshape(-1, *self.shape)

    def backward(self, dout):
        return dout.reshape(len(dout), -1)


class ConvAutoencoder(_Cut):
    def __init__(self, input_shape, channels, code, rng, noise=0.0, dtype=np.float64):
        super().__init__(input_shape, channels, code, rng=rng, noise=noise, dtype=dtype)

    def _parts(self, input_shape, channels, code, rng, dtype):
        c, h, w = input_shape
        left, right = [], []
        for n in channels:
            left += [Conv2D(c, n, 3, rng, 1, 1, dtype), ReLU(), MaxPool2D(2)]
            right = [Upsample(), Conv2D(n, c, 3, rng, 1, 1, dtype), ReLU(), *right]
            (h, odd_h), (w, odd_w), c = divmod(h, 2), divmod(w, 2), n
            if odd_h or odd_w:
                raise ValueError(f"{input_shape} cannot be halved that often")
        right[-1] = Sigmoid()
        size = math.prod((c, h, w))
        left += [Flatten(), Dense(size, code, rng, dtype)]
        return left, [Dense(code, size, rng, dtype), ReLU(), _Reshape(c, h, w), *right]


def reconstruction_error(model, x):
    return float(np.square(model.forward(x) - x).mean())


def _squares(a, b):
    centre = b.mean(axis=0, dtype=float)
    a, b = a - centre, b - centre
    return (a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * np.einsum("id,jd->ij", a, b)


def nearest_neighbours(codes, queries, k):
    return np.array([np.lexsort((row,))[:k] for row in _squares(queries, codes)])


def pairwise_affinities(x, perplexity):
    n = len(x)
    squares = np.maximum(_squares(x, x), 0)
    P = np.zeros((n, n))
    for i, row in enumerate(squares):
        rest = np.delete(row, i)
        rest = (rest - rest.min()) / max(np.ptp(rest), 1e-300)
        low, high = -30.0, 30.0  # of log beta
        for _ in range(60):
            middle = (low + high) / 2
            p = np.exp(-np.exp(middle) * rest)
            p /= p.sum()
            bits = -np.sum(p * np.log2(p, where=p > 0, out=np.zeros_like(p)))
            low, high = (middle, high) if bits > np.log2(perplexity) else (low, middle)
        P[i] = np.insert(p, i, 0)
    P += P.T.copy()
    return P / P.sum()


def tsne(x, rng, dim=2, perplexity=30.0, steps=500):
    P = pairwise_affinities(x, perplexity)
    y = rng.normal(scale=1e-4, size=(len(x), dim))
    step, gain = np.zeros_like(y), np.ones_like(y)
    for t in range(steps):
        apart = y[:, None] - y
        w = 1 / (1 + np.einsum("ijd,ijd->ij", apart, apart))
        w[np.diag_indices(len(x))] = 0
        pull = ((4 if t < 0.2 * steps else 1) * P - w / w.sum()) * w
        slope = 4 * np.einsum("ij,ijd->id", pull, apart)
        gain = np.where(slope * step < 0, gain + 0.2, np.maximum(0.8 * gain, 0.01))
        step = (0.5 if t < 0.2 * steps else 0.8) * step - 100 * gain * slope
        y = y + step
    return y


def interpolate(model, a, b, steps):
    za, zb = model.encode(a[None]), model.encode(b[None])
    return model.decode(np.concatenate([za + (zb - za) * (t / (steps - 1)) for t in range(steps)]))
