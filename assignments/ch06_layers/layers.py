"""Layers, losses and the training loop: a neural network as a chain of small parts.

A layer has `forward(x, training=False)`, `backward(dout)` and two dicts with the same keys,
`params` and `grads` (both empty where there is nothing to learn). `forward` keeps what `backward`
needs; `backward` gets dout = dL/dy of the latest `forward`, overwrites `grads`, returns dx = dL/dx.
`d` + the name of an array is the gradient of the loss with respect to it and has its shape.
Parameters may be changed in place or replaced in a layer's `params`; the next forward uses them.
backward may be called twice, also after a forward with training=False.
Rows are examples. Arguments are never modified. float32 in gives float32 out; whole numbers are
computed in float64. `training` tells the layers of later chapters whether this is a training step;
no layer of this chapter behaves differently then.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from activations import relu, relu_grad, sigmoid, tanh


class Dense:
    """The fully connected layer y = x W + b.

    params (and grads): "W" (n_in, n_out) and "b" (n_out,).
    """

    def __init__(
        self, n_in: int, n_out: int, rng: np.random.Generator, dtype: Any = np.float64
    ) -> None:
        """Set params: W normal numbers from rng, mean 0, variance 2 / n_in (He's rule); b zeros.

        Both have the given dtype. grads are zeros of the same shapes until the first backward.
        """
        raise NotImplementedError("Dense")
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y (..., n_out) for x (..., n_in): the layer acts on the last axis.

        Example: x = [[1, 2]], W = [[1, 0, 2], [0, 1, 3]], b = [10, 20, 30]
        gives y = [[11, 22, 38]].
        """
        raise NotImplementedError("Dense")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx (..., n_in) for dout (..., n_out); set grads["W"] and grads["b"].

        The loss has already averaged over the batch, so dW and db are sums over all examples.
        Example, continued: dout = [[1, 0, -1]] gives dx = [[-1, -3]], dW = [[1, 0, -1], [2, 0, -2]]
        and db = [1, 0, -1].
        """
        raise NotImplementedError("Dense")


class ReLU:
    """The layer y = max(x, 0), elementwise; its slope at 0 is taken as 0.

    Example: x = [-1, 0, 2] gives y = [0, 0, 2]; then dout = [5, 6, -7] gives dx = [0, 0, -7].
    """

    def __init__(self) -> None:
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y, an array of the shape of x."""
        raise NotImplementedError("ReLU")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx, of the shape of x. dout is not changed."""
        raise NotImplementedError("ReLU")


class Sigmoid:
    """The layer y = 1 / (1 + exp(-x)), elementwise. Its slope is y (1 - y).

    Example: x = [0] gives y = [0.5]; then dout = [8] gives dx = [2].
    """

    def __init__(self) -> None:
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y, an array of the shape of x; no warning for x = -1000 or 1000."""
        raise NotImplementedError("Sigmoid")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx, of the shape of x. dout is not changed."""
        raise NotImplementedError("Sigmoid")


class Tanh:
    """The layer y = tanh(x), elementwise. Its slope is 1 - y^2.

    Example: x = [0, 1000] gives y = [0, 1]; then dout = [3, 3] gives dx = [3, 0].
    """

    def __init__(self) -> None:
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y, an array of the shape of x; no warning for x = -1000 or 1000."""
        raise NotImplementedError("Tanh")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx, of the shape of x. dout is not changed."""
        raise NotImplementedError("Tanh")


class Flatten:
    """The layer that lays each example out as one row: (N, A, B, ...) becomes (N, A*B*...).

    The last axis runs fastest (C order). The result may share its memory with x.
    Example: x = [[[1, 2], [3, 4]]] (1, 2, 2) gives y = [[1, 2, 3, 4]]; backward undoes it.
    """

    def __init__(self) -> None:
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y (N, A*B*...)."""
        raise NotImplementedError("Flatten")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx, of the shape of x, for dout of the shape of y."""
        raise NotImplementedError("Flatten")


class SoftmaxCrossEntropy:
    """Cross entropy of the softmax of scores: the mean of -log softmax(pred)[true class].

    The mean runs over all examples (all N*T where pred is (N, T, C)).
    Example: pred = [[0, 0, 0, 0]], target = [2] gives log(4) = 1.386 and the gradient
    [[0.25, 0.25, -0.75, 0.25]].
    """

    def forward(self, pred: np.ndarray, target: np.ndarray) -> float:
        """Return the loss of pred (..., C), scores of any size, for class ids target (...).

        A Python float, finite and free of warnings also for scores of -1000 and 1000.
        Raises ValueError when the shape of target is not that of pred without its last axis, and
        when a class id is not one of 0 ... C - 1 (NumPy alone would take -1 for the last class).
        """
        raise NotImplementedError("SoftmaxCrossEntropy")

    def backward(self) -> np.ndarray:
        """Return dpred, the gradient of what forward returned, in shape and dtype of pred.

        (float64 where pred holds whole numbers.)
        """
        raise NotImplementedError("SoftmaxCrossEntropy")


class MeanSquaredError:
    """The mean of (pred - target)^2 over all elements, without a factor 1/2.

    Example: pred = [[1, 2]], target = [[0, 5]] gives 5.0 and the gradient [[1, -3]].
    """

    def forward(self, pred: np.ndarray, target: np.ndarray) -> float:
        """Return the loss, a Python float, computed in the dtype of pred.

        Raises ValueError when the shapes differ: (N,) and (N, 1) would silently give (N, N).
        """
        raise NotImplementedError("MeanSquaredError")

    def backward(self) -> np.ndarray:
        """Return dpred, the gradient of what forward returned, in shape and dtype of pred.

        (float64 where pred holds whole numbers.)
        """
        raise NotImplementedError("MeanSquaredError")


class Sequential:
    """Layers in a row: the output of each is the input of the next. It is itself a layer.

    params and grads have flat keys: the layer's number, a dot, the layer's own key, as in "0.W",
    "0.b", "2.W". Every layer counts, also one without parameters. An inner Sequential gives keys
    like "0.1.W".
    """

    def __init__(self, layers: list[Any]) -> None:
        self.layers = list(layers)

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return the last layer's output; every layer gets to know `training`."""
        raise NotImplementedError("Sequential")

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return the gradient of the input; every layer sets its grads."""
        raise NotImplementedError("Sequential")

    @property
    def params(self) -> dict[str, np.ndarray]:
        """All parameters, looked up anew on every access: the layers' own arrays, not copies.

        Changing an array reaches its layer; putting another one into this dict does not.
        """
        raise NotImplementedError("Sequential")

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """All gradients, under the keys of params, looked up anew on every access."""
        raise NotImplementedError("Sequential")

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the scores for x: forward without training."""
        raise NotImplementedError("Sequential")


def train(
    net: Any,
    loss: Any,
    x: np.ndarray,
    y: np.ndarray,
    lr: float,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
) -> list[float]:
    """Train net by stochastic gradient descent and return the loss of every batch.

    Each epoch goes through all N examples in the order of a new `rng.permutation(N)`,
    batch_size at a time; the last batch may be shorter. For every batch: forward with
    training=True, loss (noted, so before the update), backward, and then every array in net.params
    is changed in place by -lr times its gradient. x and y are not changed. The list has
    epochs * ceil(N / batch_size) floats.

    Example: 4000 examples, 8 epochs and batches of 50 give 640 losses.
    """
    losses: list[float] = []
    raise NotImplementedError("train")
    return losses
