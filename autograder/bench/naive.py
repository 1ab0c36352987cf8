"""The kernels as a beginner writes them, by loops: what the benchmark compares with."""

from __future__ import annotations

import math

import numpy as np


def conv(
    x: np.ndarray, W: np.ndarray, b: np.ndarray, dout: np.ndarray, pad: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return y, dx, dW, db of a convolution with stride 1, window by window."""
    margins = ((0, 0), (0, 0), (pad, pad), (pad, pad))
    padded = np.pad(x, margins)
    y, dpadded, dW = np.empty_like(dout), np.zeros_like(padded), np.zeros_like(W)
    kh, kw = W.shape[2:]
    for n, f, r, s in np.ndindex(*dout.shape):
        y[n, f, r, s] = np.sum(padded[n, :, r : r + kh, s : s + kw] * W[f]) + b[f]
    for n, f, r, s in np.ndindex(*dout.shape):
        dW[f] += dout[n, f, r, s] * padded[n, :, r : r + kh, s : s + kw]
        dpadded[n, :, r : r + kh, s : s + kw] += dout[n, f, r, s] * W[f]
    height, width = x.shape[2:]
    return y, dpadded[:, :, pad : pad + height, pad : pad + width], dW, dout.sum(axis=(0, 2, 3))


def mlp_step(x: np.ndarray, y: np.ndarray, params: dict[str, np.ndarray], lr: float) -> None:
    """Do one step of gradient descent on Dense, ReLU, Dense, in place, example by example.

    params: the weights and biases of both layers, in this order.
    """
    W1, b1, W2, b2 = params.values()
    dW1, db1, dW2, db2 = (np.zeros_like(p) for p in (W1, b1, W2, b2))
    for row, label in zip(x, y, strict=True):
        h = np.maximum(row @ W1 + b1, 0)
        scores = h @ W2 + b2
        dscores = np.exp(scores - scores.max())
        dscores /= dscores.sum()
        dscores[label] -= 1
        dW2 += np.outer(h, dscores)
        db2 += dscores
        dh = (W2 @ dscores) * (h > 0)
        dW1 += np.outer(row, dh)
        db1 += dh
    for p, dp in ((W1, dW1), (b1, db1), (W2, dW2), (b2, db2)):
        p -= lr / len(x) * dp


def lstm(
    x: np.ndarray, Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray, dout: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return y, dx, dWx, dWh, db of an LSTM over sequences (N, T, D), example by example.

    Gates lie in the order i, f, g, o; each has its own product.
    """
    y, dx = np.empty_like(dout), np.empty_like(x)
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    for n, sequence in enumerate(x):
        steps = _lstm_forward(sequence, Wx, Wh, b, y[n])
        dh, dc = np.zeros_like(dout[n, 0]), np.zeros_like(dout[n, 0])
        for t in reversed(range(len(sequence))):
            h, c, i, f, g, o, c_new = steps[t]
            dh = dh + dout[n, t]
            dc = dc + dh * o * (1 - np.tanh(c_new) ** 2)
            da_i, da_f = dc * g * i * (1 - i), dc * c * f * (1 - f)
            da_g, da_o = dc * i * (1 - g**2), dh * np.tanh(c_new) * o * (1 - o)
            da = np.concatenate([da_i, da_f, da_g, da_o])
            dWx += np.outer(sequence[t], da)
            dWh += np.outer(h, da)
            db += da
            dx[n, t], dh, dc = Wx @ da, Wh @ da, dc * f
    return y, dx, dWx, dWh, db


def _lstm_forward(
    sequence: np.ndarray, Wx: np.ndarray, Wh: np.ndarray, b: np.ndarray, y: np.ndarray
) -> list[tuple[np.ndarray, ...]]:
    """Write the outputs of one sequence into y; return what each step has to remember."""
    h, c = np.zeros_like(y[0]), np.zeros_like(y[0])
    steps: list[tuple[np.ndarray, ...]] = []
    columns = np.split(np.arange(len(b)), 4)
    for t, x in enumerate(sequence):
        i, f, g, o = (x @ Wx[:, k] + h @ Wh[:, k] + b[k] for k in columns)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        g = np.tanh(g)
        c_new = f * c + i * g
        steps.append((h, c, i, f, g, o, c_new))
        h, c = o * np.tanh(c_new), c_new
        y[t] = h
    return steps


class Adam:
    """Adam, number by number, with its usual constants."""

    def __init__(self, params: dict[str, np.ndarray], grads: dict[str, np.ndarray]) -> None:
        self.p = [n for p in params.values() for n in p.ravel().tolist()]
        self.g = [n for g in grads.values() for n in g.ravel().tolist()]
        self.m, self.v, self.t = [0.0] * len(self.p), [0.0] * len(self.p), 0

    def step(self) -> None:
        """Change the list p in place."""
        self.t += 1
        for i, g in enumerate(self.g):
            self.m[i] = 0.9 * self.m[i] + 0.1 * g
            self.v[i] = 0.999 * self.v[i] + 0.001 * g * g
            m_hat, v_hat = self.m[i] / (1 - 0.9**self.t), self.v[i] / (1 - 0.999**self.t)
            self.p[i] -= 0.001 * m_hat / (math.sqrt(v_hat) + 1e-8)
