"""A correct ch06 in a terse style: a base class, closures, gradients written in place."""

import functools
import itertools

import numpy as np


class Layer:
    def __init__(self, **params):
        self.params = params
        self.grads = {key: np.zeros(value.shape, value.dtype) for key, value in params.items()}

    def forward(self, x, training=False):
        y, self._pull = self._run(x)
        return y

    def backward(self, dout):
        return self._pull(dout)


class Dense(Layer):
    def __init__(self, n_in, n_out, rng, dtype=np.float64):
        W = (rng.standard_normal((n_out, n_in)) * (2 / n_in) ** 0.5).astype(dtype).T
        super().__init__(W=W, b=np.zeros(n_out, dtype))

    def _run(self, x):
        W = self.params["W"]
        flat = x.reshape(-1, W.shape[0])

        def pull(dout):
            dflat = np.reshape(dout, (-1, W.shape[1]))
            np.copyto(self.grads["W"], (dflat.T @ flat).T, casting="same_kind")
            np.copyto(
                self.grads["b"], np.ones(len(dflat), dflat.dtype) @ dflat, casting="same_kind"
            )
            return (W @ dflat.T).T.reshape(x.shape)

        y = (W.T @ flat.T).T + self.params["b"]
        return y.reshape(*x.shape[:-1], -1), pull


def _floats(x):
    return x if x.dtype.kind == "f" else x.astype(np.float64)


class ReLU(Layer):
    def _run(self, x):
        positive = x > 0
        return np.where(positive, _floats(x), 0), lambda dout: np.where(positive, dout, 0)


class Tanh(Layer):
    def _run(self, x):
        y = np.tanh(_floats(x))
        return y, lambda dout: dout - dout * y**2


class Sigmoid(Layer):
    def _run(self, x):
        y = 0.5 * np.tanh(0.5 * _floats(x)) + 0.5
        small = np.exp(-np.abs(_floats(x)))
        return y, lambda dout: dout * (small / (1 + small) ** 2)


class Flatten(Layer):
    def _run(self, x):
        return np.ascontiguousarray(x).reshape(x.shape[0], -1), lambda dout: dout.reshape(x.shape)


class SoftmaxCrossEntropy:
    def forward(self, pred, target):
        pred = _floats(pred)
        if pred.shape[:-1] != target.shape or pred.ndim < 1:
            raise ValueError("pred and target do not go together")
        if ((target < 0) | (target >= pred.shape[-1])).any():
            raise ValueError("no such class")
        top = pred.max(-1, keepdims=True)
        log_norm = top + np.log(np.exp(pred - top).sum(-1, keepdims=True))
        hot = np.eye(pred.shape[-1], dtype=bool)[target]
        self._dpred = (np.exp(pred - log_norm) - hot) / target.size
        return float(np.mean(log_norm[..., 0] - pred[hot].reshape(target.shape)))

    def backward(self):
        return self._dpred


class MeanSquaredError:
    def forward(self, pred, target):
        pred = _floats(pred)
        if pred.shape != target.shape:
            raise ValueError("pred and target do not go together")
        error = (pred - target).astype(pred.dtype).ravel()
        self._dpred = (error * (2 / error.size)).reshape(pred.shape)
        return float(error @ error) / error.size

    def backward(self):
        return self._dpred


class Sequential:
    def __init__(self, layers):
        self.layers = tuple(layers)

    def forward(self, x, training=False):
        return functools.reduce(
            lambda out, layer: layer.forward(out, training=training), self.layers, x
        )

    def backward(self, dout):
        return functools.reduce(lambda grad, layer: layer.backward(grad), self.layers[::-1], dout)

    params = property(lambda self: self._flat("params"))
    grads = property(lambda self: self._flat("grads"))

    def _flat(self, kind):
        return dict(
            itertools.chain.from_iterable(
                ((f"{place}.{key}", array) for key, array in getattr(layer, kind).items())
                for place, layer in enumerate(self.layers)
            )
        )

    predict = forward


def train(net, loss, x, y, lr, epochs, batch_size, rng):
    def step(rows):
        value = loss.forward(net.forward(x[rows], training=True), y[rows])
        net.backward(loss.backward())
        for key, gradient in net.grads.items():
            np.subtract(net.params[key], lr * gradient, out=net.params[key])
        return value

    cuts = range(batch_size, len(x), batch_size)
    batches = (rows for _ in range(epochs) for rows in np.split(rng.permutation(len(x)), cuts))
    return [step(rows) for rows in batches]
