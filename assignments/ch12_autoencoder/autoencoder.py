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
        raise NotImplementedError("Autoencoder")

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Return the codes z (N, code) of x; never with noise."""
        raise NotImplementedError("Autoencoder")

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Return the examples, of the shape of x, that belong to codes z (N, code)."""
        raise NotImplementedError("Autoencoder")

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the reconstruction y of x, of the shape of x; both parts get to know `training`.

        While training, what is encoded is x plus new noise (if noise is not 0); x itself stays.
        """
        raise NotImplementedError("Autoencoder")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx for dout = dL/dy of the latest forward; every layer sets its grads."""
        raise NotImplementedError("Autoencoder")

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the reconstruction of x: forward without training."""
        raise NotImplementedError("Autoencoder")

    @property
    def params(self) -> dict[str, np.ndarray]:
        """All parameters, looked up anew on every access: the layers' own arrays, not copies."""
        raise NotImplementedError("Autoencoder")

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """All gradients, under the keys of params, looked up anew on every access."""
        raise NotImplementedError("Autoencoder")


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
        raise NotImplementedError("Upsample")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx (N, C, H, W): each pixel gets the sum over its block of dout."""
        raise NotImplementedError("Upsample")


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
        raise NotImplementedError("ConvAutoencoder")


def reconstruction_error(model: Any, x: np.ndarray) -> float:
    """Return the mean of (model.predict(x) - x)^2 over all elements of x, a Python float.

    Example: x = [[1, 2], [3, 4]] and the prediction [[1, 2], [3, 6]] give 1.0.
    """
    raise NotImplementedError("reconstruction_error")


def nearest_neighbours(codes: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    """Return the numbers of the k codes nearest to each query, (M, k) integers, nearest first.

    codes (N, D) and queries (M, D); near means a small Euclidean distance. A query that is one of
    the codes finds itself first.
    Example: codes = [[0], [10], [4]], queries = [[3], [9]], k = 2 gives [[2, 0], [1, 2]].
    """
    raise NotImplementedError("nearest_neighbours")


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
    raise NotImplementedError("pairwise_affinities")


def _map_gradient(P: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the gradient (N, dim) of KL(P || Q) with respect to the points y (N, dim) of the map.

    KL is the sum of P log(P / Q) over all pairs; Q = w / sum(w) with w_ij = 1 / (1 + |y_i - y_j|^2)
    and w_ii = 0. The gradient of point i is the sum over j of 4 (P_ij - Q_ij) w_ij (y_i - y_j).
    """
    raise NotImplementedError("tsne")


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
    raise NotImplementedError("tsne")


def interpolate(model: Any, a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """Return what the decoder makes of the straight way from the code of a to the code of b.

    a and b are two single examples, without an axis for the batch. Their codes and the steps - 2
    codes between them, at equal distances, are decoded: (steps, ...), the ends included.
    """
    raise NotImplementedError("interpolate")
