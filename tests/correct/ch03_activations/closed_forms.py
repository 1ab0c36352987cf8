"""A correct solution of formulas without a case distinction."""

import numpy as np


def _float(x):
    dtype = getattr(x, "dtype", None)
    return np.asarray(x, dtype=dtype if dtype in ("float16", "float32") else "float64")


def sigmoid(x):
    return np.exp(-np.logaddexp(0, -_float(x)))


def sigmoid_grad(x):
    x = _float(x)
    return np.exp(-np.logaddexp(0, -x) - np.logaddexp(0, x))


def tanh(x):
    x = _float(x)
    shrunk = np.expm1(-2 * np.abs(x))
    return -np.sign(x) * shrunk / (2 + shrunk)


def tanh_grad(x):
    t = tanh(x)
    return (1 - t) * (1 + t)


def relu(x):
    x = _float(x)
    return (x + np.abs(x)) / 2


def relu_grad(x):
    return np.heaviside(_float(x), 0)


def leaky_relu(x, slope=0.01):
    x = _float(x)
    return np.maximum(x, slope * x)


def leaky_relu_grad(x, slope=0.01):
    step = np.heaviside(_float(x), 0)
    return slope + (1 - slope) * step


def softplus(x):
    return np.logaddexp(_float(x), 0)


def softplus_grad(x):
    return sigmoid(x)
