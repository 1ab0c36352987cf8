"""Activation functions and their derivatives.

Every function here works on each number by itself, so the result has the shape of the input,
whatever that is. The conventions hold for all ten:

- x is an array of any number of dimensions; a number gives a number (or a 0-d array).
- A floating dtype stays: float32 in, float32 out. Integers and bools are computed in float64.
- x is never changed, and the result is new memory.
- The derivatives, `..._grad`, are taken at the *input* x, not at the output of the function.
- Inputs as far out as -1000 and 1000 must work, without a warning of NumPy about a division, an
  overflow or an invalid value. Far out, a result may round to 0.
"""

from __future__ import annotations

import numpy as np


def floating(x: np.ndarray | float) -> np.ndarray:
    """Return x as an array of floats; use it or not. (Given, nothing to do.)

    float16, float32 and float64 stay as they are; integers and bools become float64.
    """
    x = np.asarray(x)
    return x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)


def sigmoid(x: np.ndarray | float) -> np.ndarray:
    """Return the logistic function 1 / (1 + exp(-x)), a number between 0 and 1.

    Beware: exp(1000) is more than a float can hold, so the formula as it stands overflows.

    sigmoid([-2.0, 0.0, 1.0]) is [0.11920292, 0.5, 0.73105858].
    """
    raise NotImplementedError("sigmoid")


def sigmoid_grad(x: np.ndarray | float) -> np.ndarray:
    """Return the derivative of sigmoid at x.

    sigmoid_grad([-2.0, 0.0, 1.0]) is [0.10499359, 0.25, 0.19661193].
    """
    raise NotImplementedError("sigmoid")


def tanh(x: np.ndarray | float) -> np.ndarray:
    """Return the hyperbolic tangent, a number between -1 and 1. NumPy's own may be used.

    tanh([-2.0, 0.0, 1.0]) is [-0.96402758, 0.0, 0.76159416].
    """
    raise NotImplementedError("tanh")


def tanh_grad(x: np.ndarray | float) -> np.ndarray:
    """Return the derivative of tanh at x.

    tanh_grad([-2.0, 0.0, 1.0]) is [0.07065082, 1.0, 0.41997434].
    """
    raise NotImplementedError("tanh")


def relu(x: np.ndarray | float) -> np.ndarray:
    """Return x where it is positive and 0 elsewhere.

    relu([-2.0, 0.0, 1.5]) is [0.0, 0.0, 1.5].
    """
    raise NotImplementedError("relu")


def relu_grad(x: np.ndarray | float) -> np.ndarray:
    """Return the derivative of relu at x, as floats; at exactly 0, where there is a corner, 0.

    relu_grad([-2.0, 0.0, 1.5]) is [0.0, 0.0, 1.0].
    """
    raise NotImplementedError("relu")


def leaky_relu(x: np.ndarray | float, slope: float = 0.01) -> np.ndarray:
    """Return x where it is positive and slope * x elsewhere; slope lies between 0 and 1.

    leaky_relu([-2.0, 0.0, 1.5]) is [-0.02, 0.0, 1.5]; with slope=0.1 it is [-0.2, 0.0, 1.5].
    """
    raise NotImplementedError("leaky_relu")


def leaky_relu_grad(x: np.ndarray | float, slope: float = 0.01) -> np.ndarray:
    """Return the derivative of leaky_relu at x; at exactly 0, where there is a corner, slope.

    leaky_relu_grad([-2.0, 0.0, 1.5]) is [0.01, 0.01, 1.0]; with slope=0.1, [0.1, 0.1, 1.0].
    """
    raise NotImplementedError("leaky_relu")


def softplus(x: np.ndarray | float) -> np.ndarray:
    """Return log(1 + exp(x)), a relu with a rounded corner.

    Beware: exp(1000) is more than a float can hold, so the formula as it stands overflows.

    softplus([-2.0, 0.0, 1.0]) is [0.12692801, 0.69314718, 1.31326169].
    """
    raise NotImplementedError("softplus")


def softplus_grad(x: np.ndarray | float) -> np.ndarray:
    """Return the derivative of softplus at x.

    softplus_grad([-2.0, 0.0, 1.0]) is [0.11920292, 0.5, 0.73105858].
    """
    raise NotImplementedError("softplus")
