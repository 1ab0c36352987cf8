"""Convolution and pooling: layers that look at an image through a small window.

Images are arrays (N, C, H, W): N examples of C channels, each H rows high and W columns wide.
"Convolution" means what every framework means by it, a cross-correlation: the window's numbers are
multiplied by the filter's as they lie, nothing is flipped. A filter bank is W (C_out, C_in, KH, KW)
with one offset per filter, b (C_out,). `stride` is the step from one window to the next, `pad` the
number of zeros put around the image on every side, both whole numbers. Windows that do not fit any
more are left out, so an image of height H gives (H + 2 pad - KH) // stride + 1 rows.

Layers keep to the rules of chapter 6: `forward(x, training=False)`, `backward(dout)`, `params` and
`grads` with the same keys; `backward` belongs to the latest `forward` and overwrites `grads`.
Arguments are never modified. float32 in gives float32 out; whole numbers are computed in float64.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from layers import Dense, Flatten, ReLU, Sequential
from numpy.lib.stride_tricks import sliding_window_view

Size = int | tuple[int, int]


def pad(x: np.ndarray, width: int) -> np.ndarray:
    """Return x with `width` zeros on both sides of its spatial axes.

    These are the last two axes of images (N, C, H, W), and the last one of signals (N, C, L).
    The dtype stays. Example: x = [[[1, 2]]] (1, 1, 2), width = 1 gives [[[0, 1, 2, 0]]].
    """
    ### BEGIN SOLUTION
    spatial = [(width, width)] * (x.ndim - 2)
    return np.pad(x, [(0, 0), (0, 0), *spatial])
    ### END SOLUTION


# In the functions below `pad` is the name of an argument; the function goes by this name there.
_padded = pad


def _pair(size: Size) -> tuple[int, int]:
    """Return (height, width): 3 stands for (3, 3)."""
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def _floats(x: np.ndarray) -> np.ndarray:
    """Return x itself when it holds floating numbers, else a float64 copy."""
    return x.astype(np.result_type(x, 1.0), copy=False)


def _windows(
    x: np.ndarray, size: tuple[int, int], stride: tuple[int, int], writeable: bool = False
) -> np.ndarray:
    """Return all windows of x (N, C, H, W) as a view (N, C, OH, OW, KH, KW).

    view[n, c, r, s, i, j] is x[n, c, r * stride[0] + i, s * stride[1] + j]: the pixel at place
    (i, j) of the window in row r and column s. Nothing is copied, so overlapping windows share
    their pixels, and a writeable view writes into x. For one place, view[..., i, j], no pixel
    occurs twice: adding to it is safe.
    """
    every = sliding_window_view(x, size, axis=(2, 3), writeable=writeable)
    return every[:, :, :: stride[0], :: stride[1]]


def conv1d_forward(
    x: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int = 1, pad: int = 0
) -> np.ndarray:
    """Return y (N, C_out, T) for signals x (N, C_in, L), W (C_out, C_in, K) and b (C_out,).

    T = (L + 2 pad - K) // stride + 1, and y[n, f, t] is the sum over all channels c and places k
    of W[f, c, k] * padded x[n, c, t * stride + k], plus b[f]. Loops are welcome here.
    Example: x = [[[1, 2, 3, 4]]], W = [[[1, 0, -1]]], b = [10] gives [[[8, 8]]].
    """
    ### BEGIN SOLUTION conv1d
    x = _padded(_floats(x), pad)
    n_filters, _, width = W.shape
    steps = (x.shape[2] - width) // stride + 1
    y = np.empty((len(x), n_filters, steps), np.result_type(x, W))
    for t in range(steps):
        window = x[:, :, t * stride : t * stride + width]  # (N, C_in, K)
        y[:, :, t] = np.tensordot(window, W, axes=([1, 2], [1, 2])) + b
    return y
    ### END SOLUTION


def conv1d_backward(
    x: np.ndarray, W: np.ndarray, dout: np.ndarray, stride: int = 1, pad: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (dx, dW, db), of the shapes of x, W and b, for dout of the shape of y (N, C_out, T).

    Every number of x, W and b takes part in many outputs: its gradient is the sum over all of them,
    over the batch too. What the padding receives is cut off. Loops are welcome here.
    Example, continued: dout = [[[1, 5]]] gives dx = [[[1, 5, -1, -5]]], dW = [[[11, 17, 23]]] and
    db = [6].
    """
    ### BEGIN SOLUTION conv1d
    length = x.shape[2]
    x = _padded(_floats(x), pad)
    dx = np.zeros(x.shape, np.result_type(W, dout))
    dW = np.zeros(W.shape, np.result_type(x, dout))
    for t in range(dout.shape[2]):
        window = slice(t * stride, t * stride + W.shape[2])
        dW += np.tensordot(dout[:, :, t], x[:, :, window], axes=(0, 0))  # (C_out, C_in, K)
        dx[:, :, window] += np.tensordot(dout[:, :, t], W, axes=(1, 0))  # (N, C_in, K)
    return dx[:, :, pad : pad + length], dW, dout.sum(axis=(0, 2))
    ### END SOLUTION


def conv2d_naive(
    x: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int = 1, pad: int = 0
) -> np.ndarray:
    """Return y (N, C_out, OH, OW) for images x (N, C_in, H, W), as the definition says, by loops.

    y[n, f, r, s] is the sum of W[f] (C_in, KH, KW) times the window of the padded image n whose
    upper left corner is (r * stride, s * stride), plus b[f]. Slow, but easy to believe: what
    follows is compared with it.
    Example: x = [[[[1, 2], [3, 4]]]], W = [[[[1, 1], [0, -1]]]], b = [0.5] gives [[[[-0.5]]]].
    """
    ### BEGIN SOLUTION
    x = _padded(_floats(x), pad)
    n_filters, _, kh, kw = W.shape
    rows, columns = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
    y = np.empty((len(x), n_filters, rows, columns), np.result_type(x, W))
    for n, f, r, s in np.ndindex(*y.shape):
        top, left = r * stride, s * stride
        window = x[n, :, top : top + kh, left : left + kw]  # (C_in, KH, KW)
        y[n, f, r, s] = np.sum(window * W[f]) + b[f]
    return y
    ### END SOLUTION


def im2col(x: np.ndarray, kh: int, kw: int, stride: int = 1, pad: int = 0) -> np.ndarray:
    """Return every window of the padded images x (N, C, H, W) as a row: (N*OH*OW, C*KH*KW).

    The rows are ordered by image, row and column of the window (n, r, s), the last fastest; the
    entries of a row by channel and place in the window (c, i, j). The dtype of floats stays.
    Example: x = [[[[1, 2, 3], [4, 5, 6]]]], kh = kw = 2 gives [[1, 2, 4, 5], [2, 3, 5, 6]].
    """
    ### BEGIN SOLUTION
    windows = _windows(_padded(x, pad), (kh, kw), (stride, stride))  # (N, C, OH, OW, KH, KW)
    channels, places = windows.shape[1], windows[:, 0, :, :, 0, 0].size
    # The pixels for one place of the window lie together in memory: long runs, one copy.
    columns = windows.transpose(1, 4, 5, 0, 2, 3).copy()  # (C, KH, KW, N, OH, OW)
    return columns.reshape(channels * kh * kw, places).T
    ### END SOLUTION


def col2im(
    cols: np.ndarray,
    x_shape: tuple[int, int, int, int],
    kh: int,
    kw: int,
    stride: int = 1,
    pad: int = 0,
) -> np.ndarray:
    """Send every number back to the pixel from which im2col took it; return images of x_shape.

    cols is (N*OH*OW, C*KH*KW), in the order of im2col. A pixel that lies in several windows gets
    the sum of what they send, one that lies in none gets 0; what the padding receives is cut off.
    This is the gradient of im2col. The dtype of floats stays.
    Example: cols = [[1, 2, 4, 5], [2, 3, 5, 6]], x_shape = (1, 1, 2, 3), kh = kw = 2 gives
    [[[[1, 4, 3], [4, 10, 6]]]].
    """
    ### BEGIN SOLUTION
    n, c, h, w = x_shape
    x = np.zeros((c, n, h + 2 * pad, w + 2 * pad), np.result_type(cols, 1.0))
    x = x.transpose(1, 0, 2, 3)  # lies in memory as the columns of im2col do
    windows = _windows(x, (kh, kw), (stride, stride), writeable=True)  # (N, C, OH, OW, KH, KW)
    oh, ow = windows.shape[2:4]
    pieces = cols.reshape(n, oh, ow, c, kh, kw).transpose(0, 3, 1, 2, 4, 5)  # like windows
    for i, j in np.ndindex(kh, kw):
        windows[..., i, j] += pieces[..., i, j]
    return x[:, :, pad : pad + h, pad : pad + w]
    ### END SOLUTION


class Conv2D:
    """The convolutional layer: each output channel is the image seen through one filter.

    params (and grads): "W" (C_out, C_in, KH, KW) and "b" (C_out,).

    Fast by one matrix product: with the windows as rows (im2col), filtering them all is
    windows @ filters^T. The price is memory, since each pixel is kept KH * KW times. Given up for
    clarity: arrays kept from call to call, and leaving out dx in the first layer of a network.
    """

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel_size: Size,
        rng: np.random.Generator,
        stride: int = 1,
        pad: int = 0,
        dtype: Any = np.float64,
    ) -> None:
        """Set params: W by He's rule, normal numbers from rng, variance 2 / (c_in KH KW); b zero.

        kernel_size is KH = KW, or a pair (KH, KW). Both params have the given dtype.
        grads are zeros of the same shapes until the first backward.
        """
        self.stride, self.pad = stride, pad
        kh, kw = _pair(kernel_size)
        ### BEGIN SOLUTION
        W = rng.standard_normal((c_out, c_in, kh, kw)) * math.sqrt(2.0 / (c_in * kh * kw))
        self.params = {"W": W.astype(dtype), "b": np.zeros(c_out, dtype)}
        ### END SOLUTION
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y (N, C_out, OH, OW) for x (N, C_in, H, W): the numbers of conv2d_naive."""
        ### BEGIN SOLUTION
        W, b = self.params["W"], self.params["b"]
        n_filters, _, kh, kw = W.shape
        n, _, h, w = self.x_shape = x.shape
        oh, ow = ((size + 2 * self.pad - k) // self.stride + 1 for size, k in ((h, kh), (w, kw)))
        self.cols = im2col(x, kh, kw, self.stride, self.pad)  # (N*OH*OW, C_in*KH*KW)
        y = W.reshape(n_filters, -1) @ self.cols.T  # (C_out, N*OH*OW)
        y += b[:, None]
        return y.reshape(n_filters, n, oh, ow).transpose(1, 0, 2, 3)  # a view: nothing is moved
        ### END SOLUTION

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx (N, C_in, H, W) for dout (N, C_out, OH, OW); set grads["W"] and grads["b"].

        The loss has already averaged over the batch, so dW and db are sums over all windows.
        """
        ### BEGIN SOLUTION
        W = self.params["W"]
        n_filters, _, kh, kw = W.shape
        drows = dout.transpose(1, 0, 2, 3).reshape(n_filters, -1)  # (C_out, N*OH*OW)
        self.grads["W"] = (drows @ self.cols).reshape(W.shape)
        self.grads["b"] = drows.sum(axis=1)
        dcols = (W.reshape(n_filters, -1).T @ drows).T  # (N*OH*OW, C_in*KH*KW)
        return col2im(dcols, self.x_shape, kh, kw, self.stride, self.pad)
        ### END SOLUTION


class MaxPool2D:
    """The layer that keeps the largest number of each window, channel by channel.

    size is the window, one number or a pair (height, width); stride the step, one number or a pair,
    by default size: windows side by side. Rows and columns that fill no window are ignored.
    Example: x = [[[[1, 5, 2], [3, 4, 6]]]] (1, 1, 2, 3), size = 2 gives y = [[[[5]]]]; then
    dout = [[[[7]]]] gives dx = [[[[0, 7, 0], [0, 0, 0]]]].
    """

    def __init__(self, size: Size, stride: Size | None = None) -> None:
        self.size = _pair(size)
        self.stride = self.size if stride is None else _pair(stride)
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y (N, C, OH, OW) for x (N, C, H, W)."""
        ### BEGIN SOLUTION
        self.x = _floats(x)
        windows = _windows(self.x, self.size, self.stride)
        self.y = windows[..., 0, 0].copy(order="K")
        for i, j in np.ndindex(*self.size):
            np.maximum(self.y, windows[..., i, j], out=self.y)
        return self.y
        ### END SOLUTION

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx (N, C, H, W): each number of dout goes to the pixel that won its window.

        Among equal pixels the first one in row-major order wins; windows that overlap add up; all
        other pixels get 0.
        """
        ### BEGIN SOLUTION
        dx = np.zeros_like(self.x, dtype=dout.dtype)
        windows = _windows(self.x, self.size, self.stride)
        dwindows = _windows(dx, self.size, self.stride, writeable=True)
        open_ = np.ones(self.y.shape, bool)  # windows whose winner has not been found yet
        for i, j in np.ndindex(*self.size):
            wins = open_ & (windows[..., i, j] == self.y)
            dwindows[..., i, j] += dout * wins
            open_ ^= wins
        return dx
        ### END SOLUTION


class AvgPool2D:
    """The layer that takes the mean of each window; size and stride as in MaxPool2D.

    Example: x = [[[[1, 5, 2], [3, 3, 6]]]] (1, 1, 2, 3), size = 2 gives y = [[[[3]]]]; then
    dout = [[[[8]]]] gives dx = [[[[2, 2, 0], [2, 2, 0]]]].
    """

    def __init__(self, size: Size, stride: Size | None = None) -> None:
        self.size = _pair(size)
        self.stride = self.size if stride is None else _pair(stride)
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y (N, C, OH, OW) for x (N, C, H, W)."""
        ### BEGIN SOLUTION
        self.x_shape = x.shape
        windows = _windows(_floats(x), self.size, self.stride)
        total = sum(windows[..., i, j] for i, j in np.ndindex(*self.size))
        return total / math.prod(self.size)
        ### END SOLUTION

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx (N, C, H, W): each number of dout is shared equally among its window."""
        ### BEGIN SOLUTION
        share = dout / math.prod(self.size)
        dx = np.zeros(self.x_shape, share.dtype)
        dwindows = _windows(dx, self.size, self.stride, writeable=True)
        for i, j in np.ndindex(*self.size):
            dwindows[..., i, j] += share
        return dx
        ### END SOLUTION


class GlobalAvgPool2D:
    """The layer that takes the mean of each channel: (N, C, H, W) becomes (N, C).

    What it returns does not say where in the image something was seen, only how much of it.
    Example: x = [[[[1, 2], [3, 6]]]] gives y = [[3]]; then dout = [[8]] gives dx = 2 everywhere.
    """

    def __init__(self) -> None:
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return y (N, C) for x (N, C, H, W)."""
        ### BEGIN SOLUTION
        self.x_shape = x.shape
        return x.mean(axis=(2, 3))
        ### END SOLUTION

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx (N, C, H, W) for dout (N, C)."""
        ### BEGIN SOLUTION
        share = dout / math.prod(self.x_shape[2:])
        return np.broadcast_to(share[:, :, None, None], self.x_shape).copy()
        ### END SOLUTION


def build_convnet(
    input_shape: tuple[int, int, int],
    n_classes: int,
    rng: np.random.Generator,
    channels: tuple[int, ...] = (8, 16),
    kernel_size: int = 3,
    hidden: int | None = None,
    global_pool: bool = False,
    dtype: Any = np.float64,
) -> Sequential:
    """Return a network from images (N, *input_shape), input_shape = (C, H, W), to (N, n_classes).

    For every entry of channels: Conv2D with that many filters of kernel_size and padding
    kernel_size // 2, ReLU, MaxPool2D(2). Then GlobalAvgPool2D if global_pool, else Flatten. Then,
    if hidden is given, Dense with that many units and ReLU. Last a Dense layer that gives the
    scores, one per class. All parameters have the given dtype.
    Example: input_shape = (1, 28, 28), n_classes = 10 gives a network whose params are "0.W"
    (8, 1, 3, 3), "0.b", "3.W" (16, 8, 3, 3), "3.b", "7.W" (784, 10) and "7.b".
    """
    ### BEGIN SOLUTION
    c, h, w = input_shape
    margin = kernel_size // 2
    layers: list[Any] = []
    for n_filters in channels:
        conv = Conv2D(c, n_filters, kernel_size, rng, pad=margin, dtype=dtype)
        layers += [conv, ReLU(), MaxPool2D(2)]
        c, h, w = n_filters, *((size + 2 * margin - kernel_size + 1) // 2 for size in (h, w))
    layers.append(GlobalAvgPool2D() if global_pool else Flatten())
    n_features = c if global_pool else c * h * w
    if hidden is not None:
        layers += [Dense(n_features, hidden, rng, dtype=dtype), ReLU()]
        n_features = hidden
    return Sequential([*layers, Dense(n_features, n_classes, rng, dtype=dtype)])
    ### END SOLUTION
