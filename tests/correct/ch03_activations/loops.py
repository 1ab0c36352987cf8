"""A correct solution without vectorised arithmetic: one Python float after the other."""

import math

import numpy as np


def _each(function, x):
    x = np.asarray(x)
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    numbers = [function(float(number)) for number in x.flat]
    return np.array(numbers, dtype=dtype).reshape(x.shape)


def _logistic(number):
    if number < 0:
        return math.exp(number) / (1 + math.exp(number))
    return 1 / (1 + math.exp(-number))


def sigmoid(x):
    return _each(_logistic, x)


def sigmoid_grad(x):
    return _each(lambda number: _logistic(number) * _logistic(-number), x)


def tanh(x):
    return _each(math.tanh, x)


def tanh_grad(x):
    return _each(lambda number: 1 / math.cosh(min(abs(number), 300)) ** 2, x)


def relu(x):
    return _each(lambda number: number if number > 0 else 0.0, x)


def relu_grad(x):
    return _each(lambda number: 1.0 if number > 0 else 0.0, x)


def leaky_relu(x, slope=0.01):
    return _each(lambda number: number if number > 0 else slope * number, x)


def leaky_relu_grad(x, slope=0.01):
    return _each(lambda number: 1.0 if number > 0 else slope, x)


def softplus(x):
    return _each(lambda number: max(number, 0.0) + math.log1p(math.exp(-abs(number))), x)


def softplus_grad(x):
    return _each(_logistic, x)
