"""A correct ch09 by slices: im2col filled place by place, one matrix product per image, argmax."""

import itertools

import numpy as np
from layers import Dense, Flatten, ReLU, Sequential


def pad(x, width):
    if width == 0:
        return x
    pieces = x
    for axis in range(2, x.ndim):
        zeros = np.zeros([width if a == axis else n for a, n in enumerate(pieces.shape)], x.dtype)
        pieces = np.concatenate([zeros, pieces, zeros], axis=axis)
    return pieces


PAD = pad


def as_float(x):
    return x if x.dtype.kind == "f" else x.astype(float)


def size_of(n, kernel, stride, pad=0):
    return (n + 2 * pad - kernel) // stride + 1


def places(kh, kw):
    return itertools.product(range(kh), range(kw))


def cut(i, j, oh, ow, sh, sw):
    """The pixels at place (i, j) of all windows."""
    return np.s_[:, :, i : i + sh * (oh - 1) + 1 : sh, j : j + sw * (ow - 1) + 1 : sw]


def gather(x, kh, kw, sh, sw):
    """(N, C, kh * kw, OH, OW)"""
    n, c, h, w = x.shape
    oh, ow = size_of(h, kh, sh), size_of(w, kw, sw)
    out = np.empty((n, c, kh * kw, oh, ow), x.dtype)
    for k, (i, j) in enumerate(places(kh, kw)):
        out[:, :, k] = x[cut(i, j, oh, ow, sh, sw)]
    return out


def spread(parts, shape, kh, kw, sh, sw):
    x = np.zeros(shape, parts.dtype)
    oh, ow = parts.shape[3:]
    for k, (i, j) in enumerate(places(kh, kw)):
        x[cut(i, j, oh, ow, sh, sw)] += parts[:, :, k]
    return x


def im2col(x, kh, kw, stride=1, pad=0):
    parts = gather(PAD(x, pad), kh, kw, stride, stride)
    n, c, k, oh, ow = parts.shape
    return parts.transpose(0, 3, 4, 1, 2).reshape(n * oh * ow, c * k)


def col2im(cols, x_shape, kh, kw, stride=1, pad=0):
    n, c, h, w = x_shape
    oh, ow = size_of(h, kh, stride, pad), size_of(w, kw, stride, pad)
    parts = as_float(cols).reshape(n, oh, ow, c, kh * kw).transpose(0, 3, 4, 1, 2)
    x = spread(parts, (n, c, h + 2 * pad, w + 2 * pad), kh, kw, stride, stride)
    return x[:, :, pad : pad + h, pad : pad + w]


def conv1d_forward(x, W, b, stride=1, pad=0):
    """A signal is an image of one row."""
    cols = im2col(PAD(as_float(x), pad)[:, :, None], 1, W.shape[2], stride)
    y = cols @ W.reshape(len(W), -1).T + b
    return y.reshape(len(x), -1, len(W)).transpose(0, 2, 1)


def conv1d_backward(x, W, dout, stride=1, pad=0):
    n, c, length = x.shape
    dx = np.zeros((n, c, length + 2 * pad), np.result_type(W, dout, 1.0))
    dW = np.zeros(W.shape, np.result_type(as_float(x), dout))
    db = np.zeros(len(W), dout.dtype)
    x = PAD(x, pad)
    for example in range(n):
        for t in range(dout.shape[2]):
            start, end = t * stride, t * stride + W.shape[2]
            for f in range(len(W)):
                d = dout[example, f, t]
                db[f] += d
                dW[f] += d * x[example, :, start:end]
                dx[example, :, start:end] += d * W[f]
    return dx[..., pad : pad + length], dW, db


def conv2d_naive(x, W, b, stride=1, pad=0):
    x = PAD(as_float(x), pad)
    f_count, c, kh, kw = W.shape
    oh, ow = size_of(x.shape[2], kh, stride), size_of(x.shape[3], kw, stride)
    out = np.zeros((x.shape[0], f_count, oh, ow), np.result_type(x, W))
    for n in range(x.shape[0]):
        for f in range(f_count):
            for r in range(oh):
                for s in range(ow):
                    out[n, f, r, s] = b[f]
                    for channel in range(c):
                        for i in range(kh):
                            row = x[n, channel, r * stride + i]
                            out[n, f, r, s] += row[s * stride : s * stride + kw] @ W[f, channel, i]
    return out


def pair(size):
    return (size, size) if np.ndim(size) == 0 else tuple(size)


class Conv2D:
    def __init__(self, c_in, c_out, kernel_size, rng, stride=1, pad=0, dtype=np.float64):
        kh, kw = pair(kernel_size)
        weights = rng.normal(0, (2.0 / c_in / kh / kw) ** 0.5, (c_out, c_in, kh, kw)).astype(dtype)
        self.params = dict(W=weights, b=np.zeros(c_out, dtype=dtype))
        self.grads = dict(W=np.zeros_like(weights), b=np.zeros(c_out, dtype=dtype))
        self.stride, self.pad = stride, pad

    def forward(self, x, training=False):
        W, b = self.params["W"], self.params["b"]
        kh, kw = W.shape[2:]
        padded = PAD(x, self.pad)
        parts = gather(padded, kh, kw, self.stride, self.stride)
        n, c, k, oh, ow = parts.shape
        self.memory = x.shape, padded.shape, parts.reshape(n, c * k, oh * ow)
        y = np.matmul(W.reshape(len(W), -1), self.memory[2])
        return (y + b.reshape(-1, 1)).reshape(n, len(W), oh, ow)

    def backward(self, dout):
        W = self.params["W"]
        (n, c, h, w), padded, parts = self.memory
        d = dout.reshape(n, len(W), -1)
        self.grads["W"][...] = np.matmul(d, parts.transpose(0, 2, 1)).sum(axis=0).reshape(W.shape)
        self.grads["b"][...] = d.sum(axis=-1).sum(axis=0)
        dparts = np.matmul(W.reshape(len(W), -1).T, d)
        dparts = dparts.reshape(n, c, W.shape[2] * W.shape[3], *dout.shape[2:])
        dx = spread(dparts, padded, *W.shape[2:], self.stride, self.stride)
        p = self.pad
        return dx[:, :, p : p + h, p : p + w]


class MaxPool2D:
    def __init__(self, size, stride=None):
        self.size = pair(size)
        self.stride = pair(self.size if stride is None else stride)
        self.params, self.grads = {}, {}

    def forward(self, x, training=False):
        self.x_shape = x.shape
        parts = gather(as_float(x), *self.size, *self.stride)
        self.n_parts = parts.shape
        self.winner = parts.argmax(axis=2)[:, :, None]
        return np.take_along_axis(parts, self.winner, axis=2)[:, :, 0]

    def backward(self, dout):
        parts = np.zeros(self.n_parts, dout.dtype)
        np.put_along_axis(parts, self.winner, dout[:, :, None], axis=2)
        return spread(parts, self.x_shape, *self.size, *self.stride)


class AvgPool2D:
    def __init__(self, size, stride=None):
        self.size = pair(size)
        self.stride = pair(self.size if stride is None else stride)
        self.params, self.grads = {}, {}

    def forward(self, x, training=False):
        self.x_shape = x.shape
        return gather(as_float(x), *self.size, *self.stride).mean(axis=2)

    def backward(self, dout):
        k = self.size[0] * self.size[1]
        parts = np.repeat(dout[:, :, None] / k, k, axis=2)
        return spread(parts, self.x_shape, *self.size, *self.stride)


class GlobalAvgPool2D:
    def __init__(self):
        self.params, self.grads = {}, {}

    def forward(self, x, training=False):
        self.hw = x.shape[2] * x.shape[3], x.shape[2:]
        return x.sum(axis=(2, 3)) / self.hw[0]

    def backward(self, dout):
        return np.ones(self.hw[1], dout.dtype) * (dout / self.hw[0])[:, :, None, None]


def build_convnet(
    input_shape,
    n_classes,
    rng,
    channels=(8, 16),
    kernel_size=3,
    hidden=None,
    global_pool=False,
    dtype=np.float64,
):
    c, h, w = input_shape
    half, layers = kernel_size // 2, []
    for width in channels:
        layers.append(Conv2D(c, width, kernel_size, rng, stride=1, pad=half, dtype=dtype))
        layers.append(ReLU())
        layers.append(MaxPool2D(2))
        c = width
        h = size_of(h, kernel_size, 1, half) // 2
        w = size_of(w, kernel_size, 1, half) // 2
    if global_pool:
        layers.append(GlobalAvgPool2D())
        features = c
    else:
        layers.append(Flatten())
        features = c * h * w
    if hidden:
        layers.append(Dense(features, hidden, rng, dtype=dtype))
        layers.append(ReLU())
        features = hidden
    layers.append(Dense(features, n_classes, rng, dtype=dtype))
    return Sequential(layers)
