"""Autoencoders: networks that squeeze an example into a few numbers, its code, and restore it.

An autoencoder is an encoder, x -> z, and a decoder, z -> y, trained together so that y comes close
to x. Nobody has to label anything: the target is the input itself. As z has far fewer numbers than
x, the code has to keep what matters. The second half of the module looks at codes: who lies next to
whom, a map of them in the plane (t-SNE), and what lies between two of them.

The networks keep to the rules of chapter 6: `forward(x, training=False)`, `backward(dout)`,
`params` and `grads` with the same keys, `predict(x)`. So chapter 7's Trainer takes them as they
are: `trainer.fit(x, x, ...)`. Rows are examples, images are (N, C, H, W). Arguments are never
modified; float32 stays float32. Random numbers come from the `rng` that is handed in, only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from conv import Conv2D, MaxPool2D
from layers import Dense, Flatten, MeanSquaredError, ReLU, Sequential, Sigmoid


class Autoencoder:
    """An autoencoder of dense layers for rows x (N, n_in) with numbers between 0 and 1.

    encoder: Dense(n_in, hidden), ReLU, Dense(hidden, code)
    decoder: Dense(code, hidden), ReLU, Dense(hidden, n_in), Sigmoid
    Both are `Sequential`s. params and grads have their keys with the part's name and a dot before:
    "encoder.0.W", "encoder.0.b", "encoder.2.W", ..., "decoder.2.b".
    """

    def __init__(
        self,
        n_in: int,
        hidden: int,
        code: int,
        rng: np.random.Generator,
        noise: float = 0.0,
        dtype: Any = np.float64,
    ) -> None:
        """Make encoder and decoder, all parameters of the given dtype, weights drawn from rng.

        noise is the standard deviation of normal numbers, drawn from rng too, that `forward` adds
        to its input while training. As the target stays clean, the network learns to remove them.
        """
        self.noise, self.rng = noise, rng
        ### BEGIN SOLUTION
        first, second = Dense(n_in, hidden, rng, dtype=dtype), Dense(hidden, code, rng, dtype=dtype)
        third, last = Dense(code, hidden, rng, dtype=dtype), Dense(hidden, n_in, rng, dtype=dtype)
        self.encoder = Sequential([first, ReLU(), second])
        self.decoder = Sequential([third, ReLU(), last, Sigmoid()])
        ### END SOLUTION

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Return the codes z (N, code) of x; never with noise."""
        ### BEGIN SOLUTION Autoencoder
        return self.encoder.predict(x)
        ### END SOLUTION

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Return the examples, of the shape of x, that belong to codes z (N, code)."""
        ### BEGIN SOLUTION Autoencoder
        return self.decoder.predict(z)
        ### END SOLUTION

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the reconstruction y of x, of the shape of x; both parts get to know `training`.

        While training, what is encoded is x plus new noise (if noise is not 0); x itself stays.
        """
        ### BEGIN SOLUTION Autoencoder
        if training and self.noise:
            noise = self.noise * self.rng.standard_normal(x.shape)
            x = x + noise.astype(np.result_type(x, 1.0))  # float32 stays float32
        return self.decoder.forward(self.encoder.forward(x, training=training), training=training)
        ### END SOLUTION

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx for dout = dL/dy of the latest forward; every layer sets its grads."""
        ### BEGIN SOLUTION Autoencoder
        return self.encoder.backward(self.decoder.backward(dout))
        ### END SOLUTION

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the reconstruction of x: forward without training."""
        ### BEGIN SOLUTION Autoencoder
        return self.forward(x, training=False)
        ### END SOLUTION

    @property
    def params(self) -> dict[str, np.ndarray]:
        """All parameters, looked up anew on every access: the layers' own arrays, not copies."""
        ### BEGIN SOLUTION Autoencoder
        encoder = {f"encoder.{name}": value for name, value in self.encoder.params.items()}
        decoder = {f"decoder.{name}": value for name, value in self.decoder.params.items()}
        return encoder | decoder
        ### END SOLUTION

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """All gradients, under the keys of params, looked up anew on every access."""
        ### BEGIN SOLUTION Autoencoder
        encoder = {f"encoder.{name}": value for name, value in self.encoder.grads.items()}
        decoder = {f"decoder.{name}": value for name, value in self.decoder.grads.items()}
        return encoder | decoder
        ### END SOLUTION


class Upsample:
    """The layer that enlarges images (N, C, H, W): each pixel becomes factor x factor equal ones.

    Example: x = [[[[1, 2]]]] (1, 1, 1, 2), factor = 2 gives y = [[[[1, 1, 2, 2], [1, 1, 2, 2]]]];
    then dout = [[[[1, 2, 3, 4], [5, 6, 7, 8]]]] gives dx = [[[[14, 22]]]].
    """

    def __init__(self, factor: int = 2) -> None:
        self.factor = factor
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y (N, C, factor * H, factor * W); whole numbers become float64."""
        ### BEGIN SOLUTION
        x = x.astype(np.result_type(x, 1.0), copy=False)
        return x.repeat(self.factor, axis=2).repeat(self.factor, axis=3)
        ### END SOLUTION

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx (N, C, H, W): each pixel gets the sum over its block of dout."""
        ### BEGIN SOLUTION
        n, c, h, w = dout.shape
        f = self.factor
        return dout.reshape(n, c, h // f, f, w // f, f).sum(axis=(3, 5))
        ### END SOLUTION


class Unflatten:
    """The layer that folds rows (N, A*B*...) into examples (N, A, B, ...): Flatten backwards."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y (N, *shape)."""
        return x.reshape(len(x), *self.shape)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx (N, A*B*...)."""
        return dout.reshape(len(dout), -1)


class ConvAutoencoder(Autoencoder):
    """An autoencoder for images (N, C, H, W) whose parts are convolutional.

    encoder: for each entry of channels Conv2D with that many filters, ReLU, MaxPool2D(2);
             then Flatten and Dense to the code: (N, code)
    decoder: Dense, ReLU, Unflatten; then the way back: for each entry of channels, the last one
             first, Upsample(2) and Conv2D to the number of channels before it, with a ReLU after
             each but the last, which is followed by Sigmoid
    Filters are 3 x 3 with padding 1. Everything but the constructor is as in Autoencoder.
    Example: input_shape (1, 28, 28), channels (8, 16) and code 10 shrink an image to (16, 7, 7),
    784 numbers, and then to 10.
    """

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        channels: tuple[int, ...],
        code: int,
        rng: np.random.Generator,
        noise: float = 0.0,
        dtype: Any = np.float64,
    ) -> None:
        """Make encoder and decoder for images of input_shape (C, H, W).

        rng, noise and dtype are as in Autoencoder. Raises ValueError unless H and W can be halved
        once for each entry of channels.
        """
        self.noise, self.rng = noise, rng
        ### BEGIN SOLUTION
        c, h, w = input_shape
        shrink = 2 ** len(channels)
        if h % shrink or w % shrink:
            raise ValueError(f"{h} x {w} pixels cannot be halved {len(channels)} times")
        small = (channels[-1], h // shrink, w // shrink)
        size = small[0] * small[1] * small[2]
        down: list[Any] = []
        up: list[Any] = []
        for before, after in zip((c, *channels), channels, strict=False):
            down += [Conv2D(before, after, 3, rng, pad=1, dtype=dtype), ReLU(), MaxPool2D(2)]
            end = ReLU() if up else Sigmoid()
            up = [Upsample(2), Conv2D(after, before, 3, rng, pad=1, dtype=dtype), end, *up]
        to_code, from_code = (
            Dense(size, code, rng, dtype=dtype),
            Dense(code, size, rng, dtype=dtype),
        )
        self.encoder = Sequential([*down, Flatten(), to_code])
        self.decoder = Sequential([from_code, ReLU(), Unflatten(small), *up])
        ### END SOLUTION


def reconstruction_error(model: Any, x: np.ndarray) -> float:
    """Return the mean of (model.predict(x) - x)^2 over all elements of x, a Python float.

    Example: x = [[1, 2], [3, 4]] and the prediction [[1, 2], [3, 6]] give 1.0.
    """
    ### BEGIN SOLUTION
    return MeanSquaredError().forward(model.predict(x), x)
    ### END SOLUTION


def nearest_neighbours(codes: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    """Return the numbers of the k codes nearest to each query, (M, k) integers, nearest first.

    codes (N, D) and queries (M, D); near means a small Euclidean distance. A query that is one of
    the codes finds itself first.
    Example: codes = [[0], [10], [4]], queries = [[3], [9]], k = 2 gives [[2, 0], [1, 2]].
    """
    ### BEGIN SOLUTION
    squares = _squared_distances(queries, codes)  # (M, N)
    return np.argsort(squares, axis=1, kind="stable")[:, :k]
    ### END SOLUTION


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return |a_i - b_j|^2 for rows a (M, D) and b (N, D): an array (M, N) of float64.

    Row by row, so that no array (M, N, D) is made. The differences are taken first: the shorter
    |a|^2 + |b|^2 - 2ab loses all digits where two rows are close together and far from 0.
    """
    b = b.astype(float)
    return np.array([np.sum((row - b) ** 2, axis=1) for row in a.astype(float)])


def pairwise_affinities(x: np.ndarray, perplexity: float) -> np.ndarray:
    """Return the joint probabilities P (N, N) of t-SNE for points x (N, D).

    Each point i looks at all others: p(j | i) is proportional to exp(-beta_i |x_i - x_j|^2), and 0
    for j = i. Its beta_i is searched for so that the row has the wanted perplexity, 2 to the
    entropy in bits, within 1e-3: points in dense regions look less far. Then P = (p(j | i) +
    p(i | j)) / (2 N), symmetric, with sum 1 and a diagonal of zeros. perplexity lies between 1 and
    N - 1. Points may be as far apart, or as close together, as they like.
    Example: the corners of a square, one after the other, and perplexity 2.8717 give 0.1 for
    neighbours and 0.05 for opposite corners.
    """
    ### BEGIN SOLUTION
    n = len(x)
    others = ~np.eye(n, dtype=bool)
    squares = _squared_distances(x, x)[others].reshape(n, n - 1)
    squares -= squares.min(axis=1, keepdims=True)  # the nearest one's exponential is always 1
    scale = squares.mean(axis=1, keepdims=True)
    beta = 1 / np.where(scale > 0, scale, 1)  # (N, 1)
    low, high = np.zeros((n, 1)), np.full((n, 1), np.inf)
    for _ in range(64):
        weights = np.exp(-beta * squares)
        total = weights.sum(axis=1, keepdims=True)
        # The entropy in nats: -sum(p log p) with log p = -beta * squares - log(total).
        entropy = np.log(total) + beta * (weights * squares).sum(axis=1, keepdims=True) / total
        wide = entropy > np.log(perplexity)  # looks too far: beta must grow
        low, high = np.where(wide, beta, low), np.where(wide, high, beta)
        beta = np.where(np.isinf(high), 2 * beta, (low + high) / 2)
    conditional = np.zeros((n, n))
    conditional[others] = (weights / total).ravel()
    return (conditional + conditional.T) / (2 * n)
    ### END SOLUTION


def _map_gradient(P: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the gradient (N, dim) of KL(P || Q) with respect to the points y (N, dim) of the map.

    KL is the sum of P log(P / Q) over all pairs; Q = w / sum(w) with w_ij = 1 / (1 + |y_i - y_j|^2)
    and w_ii = 0. The gradient of point i is the sum over j of 4 (P_ij - Q_ij) w_ij (y_i - y_j).
    """
    ### BEGIN SOLUTION tsne
    weights = 1 / (1 + np.sum((y[:, None] - y[None]) ** 2, axis=-1))  # (N, N)
    np.fill_diagonal(weights, 0)
    pull = (P - weights / weights.sum()) * weights
    return 4 * (pull.sum(axis=1, keepdims=True) * y - pull @ y)
    ### END SOLUTION


def tsne(
    x: np.ndarray,
    rng: np.random.Generator,
    dim: int = 2,
    perplexity: float = 30.0,
    steps: int = 500,
) -> np.ndarray:
    """Return a map (N, dim) of the points x (N, D) in which neighbours stay neighbours.

    The points begin in a small random heap, drawn from rng, and make `steps` steps of gradient
    descent (`_map_gradient`) with momentum. Known to help: P four times as large in the first
    quarter of the steps ("early exaggeration"), and a learning rate in proportion to N.
    """
    ### BEGIN SOLUTION
    P = pairwise_affinities(x, perplexity)
    y = 1e-2 * rng.standard_normal((len(x), dim))
    velocity = np.zeros_like(y)
    for step in range(steps):
        early = step < steps // 4
        gradient = _map_gradient(4 * P if early else P, y)
        velocity = (0.5 if early else 0.8) * velocity - 0.25 * len(x) * gradient
        y = y + velocity
    return y - y.mean(axis=0)
    ### END SOLUTION


def interpolate(model: Any, a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """Return what the decoder makes of the straight way from the code of a to the code of b.

    a and b are two single examples, without an axis for the batch. Their codes and the steps - 2
    codes between them, at equal distances, are decoded: (steps, ...), the ends included.
    """
    ### BEGIN SOLUTION
    start, end = model.encode(np.stack([a, b]))  # (code,) each
    return model.decode(np.linspace(start, end, steps, dtype=start.dtype))
    ### END SOLUTION
