"""A correct solution with boolean masks and arrays that are filled in place."""

import numpy as np


def _prepare(x):
    x = np.array(x)  # a copy: it may be overwritten
    if x.dtype not in (np.float16, np.float32, np.float64):
        x = x.astype(float)
    return x, x > 0


def sigmoid(x):
    x, positive = _prepare(x)
    out = np.empty_like(x)
    out[positive] = 1 / (1 + np.exp(-x[positive]))
    growing = np.exp(x[~positive])
    out[~positive] = growing / (1 + growing)
    return out


def sigmoid_grad(x):
    out = sigmoid(x)
    out -= out**2
    return out


def tanh(x):
    x, _ = _prepare(x)
    return np.tanh(x, out=x)


def tanh_grad(x):
    out = tanh(x)
    np.square(out, out=out)
    return np.subtract(1, out, out=out)


def relu(x):
    x, positive = _prepare(x)
    x[~positive] = 0
    return x


def relu_grad(x):
    x, positive = _prepare(x)
    out = np.zeros_like(x)
    out[positive] = 1
    return out


def leaky_relu(x, slope=0.01):
    x, positive = _prepare(x)
    x[~positive] *= slope
    return x


def leaky_relu_grad(x, slope=0.01):
    x, positive = _prepare(x)
    x[positive] = 1
    x[~positive] = slope
    return x


def softplus(x):
    x, positive = _prepare(x)
    out = np.log1p(np.exp(np.where(positive, -x, x)))
    return out + x * positive


def softplus_grad(x):
    return sigmoid(x)
