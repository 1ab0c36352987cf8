"""A correct ch09 with the channels last: tensordot over window views, no im2col inside."""

import itertools

import numpy as np
from layers import Dense, Flatten, ReLU, Sequential


def pad(x, width):
    shape = list(x.shape)
    for axis in range(2, x.ndim):
        shape[axis] += 2 * width
    out = np.zeros_like(x, shape=shape)
    middle = tuple(slice(width, width + n) for n in x.shape[2:])
    out[(..., *middle)] = x
    return out


zeros_around = pad


def floating(*arrays):
    return np.result_type(*arrays, 1.0)


def conv1d_forward(x, W, b, stride=1, pad=0):
    x = zeros_around(x, pad)
    K = W.shape[2]
    T = 1 + (x.shape[2] - K) // stride
    out = np.zeros((x.shape[0], W.shape[0], T), floating(x, W, b))
    out += np.reshape(b, (1, -1, 1))
    for k in range(K):
        out += np.einsum("ncl,fc->nfl", x[:, :, k : k + stride * T : stride], W[:, :, k])
    return out


def conv1d_backward(x, W, dout, stride=1, pad=0):
    L, K, T = x.shape[2], W.shape[2], dout.shape[2]
    x = zeros_around(x, pad)
    dx, dW = np.zeros(x.shape, floating(W, dout)), np.zeros(W.shape, floating(x, dout))
    for k in range(K):
        places = slice(k, k + stride * (T - 1) + 1, stride)
        dW[:, :, k] = np.einsum("nft,nct->fc", dout, x[:, :, places])
        dx[:, :, places] += np.einsum("nft,fc->nct", dout, W[:, :, k])
    db = np.einsum("nft->f", dout)
    return dx[:, :, pad : L + pad].copy(), dW, db


def conv2d_naive(x, W, b, stride=1, pad=0):
    images = zeros_around(x.astype(floating(x)), pad)
    F, _, KH, KW = W.shape
    tops = range(0, images.shape[2] - KH + 1, stride)
    lefts = range(0, images.shape[3] - KW + 1, stride)
    y = [
        [
            [[np.vdot(W[f], image[:, t : t + KH, s : s + KW]) + b[f] for s in lefts] for t in tops]
            for f in range(F)
        ]
        for image in images
    ]
    return np.array(y, floating(x, W, b))


def im2col(x, kh, kw, stride=1, pad=0):
    x = zeros_around(x, pad)
    N, C, H, W = x.shape
    OH, OW = (H - kh) // stride + 1, (W - kw) // stride + 1
    top = stride * np.repeat(np.arange(OH), OW)
    left = stride * np.tile(np.arange(OW), OH)
    c, i, j = (axis.ravel() for axis in np.indices((C, kh, kw)))
    rows, columns = top[:, None] + i, left[:, None] + j
    return x[:, c, rows, columns].reshape(N * OH * OW, C * kh * kw)


def col2im(cols, x_shape, kh, kw, stride=1, pad=0):
    N, C, H, W = x_shape
    n_places = C * (H + 2 * pad) * (W + 2 * pad)
    numbers = np.arange(N * n_places).reshape(N, C, H + 2 * pad, W + 2 * pad)
    where = im2col(numbers, kh, kw, stride)
    total = np.bincount(where.ravel(), weights=cols.ravel(), minlength=numbers.size)
    x = total.reshape(numbers.shape)[:, :, pad : pad + H, pad : pad + W]
    return x.astype(floating(cols))


def two(size):
    return size if isinstance(size, tuple) else (size, size)


class Layer:
    params, grads = {}, {}

    def windows(self, x, kh, kw, sh, sw):
        """Windows of x (N, H, W, C) as (N, OH, OW, C, kh, kw)."""
        view = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(1, 2))
        return view[:, ::sh, ::sw]

    def scatter(self, dwindows, shape, sh, sw):
        """Add windows (N, OH, OW, C, kh, kw) up to an image of that shape (N, H, W, C)."""
        dx = np.zeros(shape, dwindows.dtype)
        _, oh, ow, _, kh, kw = dwindows.shape
        for i in range(kh):
            for j in range(kw):
                dx[:, i : i + sh * oh : sh, j : j + sw * ow : sw] += dwindows[..., i, j]
        return dx


class Conv2D(Layer):
    def __init__(self, c_in, c_out, kernel_size, rng, stride=1, pad=0, dtype=np.float64):
        kh, kw = two(kernel_size)
        deviation = float(np.sqrt(2 / (c_in * kh * kw)))
        W = rng.normal(scale=deviation, size=(c_out, c_in, kh, kw))
        self.params = {"W": np.array(W, dtype), "b": np.zeros((c_out,), dtype)}
        self.grads = {"W": np.zeros(W.shape, dtype), "b": np.zeros((c_out,), dtype)}
        self.stride, self.margin = stride, pad

    def forward(self, x, training=False):
        W = self.params["W"]
        kh, kw = W.shape[2:]
        self.shape = x.shape
        x = zeros_around(x, self.margin).transpose(0, 2, 3, 1)
        self.padded_shape = x.shape
        seen = self.windows(np.ascontiguousarray(x), kh, kw, self.stride, self.stride)
        self.seen = np.ascontiguousarray(seen)
        y = np.tensordot(self.seen, W, axes=((3, 4, 5), (1, 2, 3))) + self.params["b"]
        return np.ascontiguousarray(y.transpose(0, 3, 1, 2))

    def backward(self, dout):
        W, p = self.params["W"], self.margin
        d = np.moveaxis(dout, 1, -1)
        self.grads = {
            "W": np.tensordot(d, self.seen, axes=((0, 1, 2), (0, 1, 2))),
            "b": np.sum(np.sum(d, axis=(1, 2)), axis=0),
        }
        dx = self.scatter(
            np.tensordot(d, W, axes=(3, 0)), self.padded_shape, self.stride, self.stride
        )
        _, _, h, w = self.shape
        return dx[:, p : p + h, p : p + w].transpose(0, 3, 1, 2)


class Pool(Layer):
    def __init__(self, size, stride=None):
        self.kernel = two(size)
        self.steps = self.kernel if stride is None else two(stride)

    def forward(self, x, training=False):
        x = np.array(x, floating(x)).transpose(0, 2, 3, 1)
        self.shape = x.shape
        windows = self.windows(x, *self.kernel, *self.steps)
        flat = windows.reshape(*windows.shape[:4], -1)
        return np.moveaxis(self.reduce(flat), -1, 1)

    def backward(self, dout):
        d = self.shares(np.moveaxis(dout, 1, -1)[..., None])
        d = d.reshape(*d.shape[:4], *self.kernel)
        return self.scatter(d, self.shape, *self.steps).transpose(0, 3, 1, 2)


class MaxPool2D(Pool):
    def reduce(self, flat):
        winner = flat.argmax(axis=-1)
        self.mask = winner[..., None] == np.arange(flat.shape[-1])
        return flat.max(axis=-1)

    def shares(self, d):
        return d * self.mask


class AvgPool2D(Pool):
    def reduce(self, flat):
        self.ones = np.ones(flat.shape[-1], flat.dtype)
        return flat.mean(axis=-1)

    def shares(self, d):
        return d * self.ones / len(self.ones)


class GlobalAvgPool2D(Layer):
    def forward(self, x, training=False):
        self.like = x
        return np.mean(x.reshape(*x.shape[:2], -1), axis=-1)

    def backward(self, dout):
        n, c, h, w = self.like.shape
        return np.repeat(dout / (h * w), h * w, axis=1).reshape(n, c, h, w)


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
    layers = []
    for before, after in zip((input_shape[0], *channels), channels, strict=False):
        convolution = Conv2D(before, after, kernel_size, rng, 1, kernel_size // 2, dtype)
        layers.extend((convolution, ReLU(), MaxPool2D(2)))
    layers.append(GlobalAvgPool2D() if global_pool else Flatten())
    probe = np.zeros((1, *input_shape), dtype)
    for layer in layers:
        probe = layer.forward(probe)
    sizes = [probe.shape[1]] + ([] if hidden is None else [hidden]) + [n_classes]
    dense = [Dense(a, b, rng, dtype=dtype) for a, b in itertools.pairwise(sizes)]
    return Sequential(layers + [part for layer in dense for part in (layer, ReLU())][:-1])
