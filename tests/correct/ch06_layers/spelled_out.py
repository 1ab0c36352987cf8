"""A correct ch06 written out step by step: copies, einsum, loops over examples, buffers kept."""

import numpy as np
from activations import relu, relu_grad, sigmoid, sigmoid_grad, tanh_grad


class Dense:
    def __init__(self, n_in, n_out, rng, dtype=np.float64):
        weights = rng.normal(0.0, np.sqrt(2.0 / n_in), size=(n_in, n_out))
        self.params = dict(
            W=np.asfortranarray(weights, dtype=dtype), b=np.zeros((n_out,), dtype=dtype)
        )
        self.grads = dict(W=np.zeros((n_in, n_out), dtype=dtype), b=np.zeros((n_out,), dtype=dtype))
        self.memory = None

    def forward(self, x, training=False):
        self.memory = np.array(x)
        out = np.einsum("...i,io->...o", self.memory, self.params["W"], optimize=True)
        for column in range(out.shape[-1]):
            out[..., column] += self.params["b"][column]
        return out

    def backward(self, dout):
        x = self.memory
        leading = tuple(range(dout.ndim - 1))
        self.grads["W"] = np.tensordot(x, dout, axes=(leading, leading))
        self.grads["b"] = np.add.reduce(dout, axis=leading)
        return np.einsum("...o,io->...i", dout, self.params["W"], optimize=True)


class ReLU:
    params = {}
    grads = {}

    def forward(self, x, training=False):
        self.x = x.copy()
        return relu(x)

    def backward(self, dout):
        dx = dout.copy()
        dx[relu_grad(self.x) == 0] = 0
        return dx


class Sigmoid:
    params = {}
    grads = {}

    def forward(self, x, training=False):
        self.slope = sigmoid_grad(x)
        return sigmoid(x)

    def backward(self, dout):
        return np.multiply(self.slope, dout)


class Tanh:
    params = {}
    grads = {}

    def forward(self, x, training=False):
        self.slope = tanh_grad(x)
        return np.tanh(x if x.dtype.kind == "f" else x.astype(float))

    def backward(self, dout):
        return np.multiply(self.slope, dout)


class Flatten:
    def __init__(self):
        self.params, self.grads = {}, {}

    def forward(self, x, training=False):
        self.inner = x.shape[1:]
        rows = [example.flatten() for example in x]
        return np.array(rows)

    def backward(self, dout):
        return np.array([row.reshape(self.inner) for row in dout])


class SoftmaxCrossEntropy:
    def forward(self, pred, target):
        if pred.shape[:-1] != target.shape:
            raise ValueError("shapes differ")
        classes = pred.shape[-1]
        dtype = pred.dtype if pred.dtype.kind == "f" else np.float64
        self.gradient = np.zeros(pred.shape, dtype)
        total = 0.0
        for place in np.ndindex(*target.shape):
            label = int(target[place])
            if not 0 <= label < classes:
                raise IndexError(f"no class {label}")
            scores = pred[place] - np.max(pred[place])
            powers = np.exp(scores)
            total += float(np.log(np.sum(powers)) - scores[label])
            self.gradient[place] = powers / np.sum(powers)
            self.gradient[place][label] -= 1
        self.count = target.size
        return total / target.size

    def backward(self):
        return self.gradient / self.count


class MeanSquaredError:
    def forward(self, pred, target):
        if np.shape(pred) != np.shape(target):
            raise ValueError("shapes differ")
        self.dtype = pred.dtype if pred.dtype.kind == "f" else np.dtype(float)
        self.pred, self.target = pred.astype(float), np.asarray(target, float)
        return float(np.sum((self.pred - self.target) ** 2) / self.pred.size)

    def backward(self):
        return ((self.pred - self.target) * (2.0 / self.pred.size)).astype(self.dtype)


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x, training=False):
        out = x
        for i in range(len(self.layers)):
            out = self.layers[i].forward(out, training)
        return out

    def backward(self, dout):
        for layer in self.layers[::-1]:
            dout = layer.backward(dout)
        return dout

    def _collect(self, which):
        found = {}
        for i in range(len(self.layers)):
            for key in getattr(self.layers[i], which):
                found[str(i) + "." + key] = getattr(self.layers[i], which)[key]
        return found

    @property
    def params(self):
        return self._collect("params")

    @property
    def grads(self):
        return self._collect("grads")

    def predict(self, x):
        return self.forward(x)


def train(net, loss, x, y, lr, epochs, batch_size, rng):
    history = []
    for _epoch in range(epochs):
        order = rng.permutation(len(x))
        xs, ys = x[order], y[order]
        while len(xs) > 0:
            history.append(
                loss.forward(net.forward(xs[:batch_size], training=True), ys[:batch_size])
            )
            net.backward(loss.backward())
            for layer in net.layers:
                for key in layer.params:
                    layer.params[key][...] = layer.params[key] - lr * layer.grads[key]
            xs, ys = xs[batch_size:], ys[batch_size:]
    return history
