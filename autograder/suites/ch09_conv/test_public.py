"""Public checks of ch09_conv: worked examples, shapes, and gradients of the learner's own forward.

Where an example is too large to be written down, the expected numbers come from Fourier transforms
(`correlate`): another way to the same sums, without any window.
"""

import numpy as np
import pytest

from autograder.suite import (
    accuracy,
    at_least,
    equal,
    exercise,
    faster,
    fresh,
    gradient,
    numeric_gradient,
    outputs,
    true,
    unchanged,
)

SPEED_UP = 50.0  # a quarter of the reference's, batch for batch
FAST_BATCHES = 20  # as many as one turn of the race has
STRIPES_ACCURACY = 0.9


def correlate(x, filters, offsets, stride=1, margin=0):
    """What filtering x (N, C, H, W) gives, by the correlation theorem."""
    kh, kw = filters.shape[2:]
    size = tuple(n + 2 * margin for n in x.shape[2:])
    spectrum = np.einsum(
        "nchw,fchw->nfhw", np.fft.rfft2(x, s=size), np.conj(np.fft.rfft2(filters, s=size))
    )
    whole = np.roll(np.fft.irfft2(spectrum, s=size), (margin, margin), axis=(2, 3))
    y = whole[:, :, : size[0] - kh + 1 : stride, : size[1] - kw + 1 : stride]
    return y + np.reshape(offsets, (-1, 1, 1))


def rows_of_windows(x, kh, kw, stride=1, margin=0):
    """What im2col gives: each column is what a filter with a single 1 sees."""
    n_columns = x.shape[1] * kh * kw
    single = np.eye(n_columns).reshape(n_columns, x.shape[1], kh, kw)
    seen = correlate(x, single, np.zeros(n_columns), stride, margin)
    return np.moveaxis(seen, 1, -1).reshape(-1, n_columns)


def compare_with_slopes(call, found, slopes):
    """Compare gradients with finite differences; an output that depends on nothing fails."""
    for name, slope in slopes.items():
        what = f"{call}: {name}"
        true(what, np.abs(slope).max() > 0, f"the output does not depend on {name[1:]}")
        gradient(what, found[name], slope)


# pad


@exercise("pad", weight=2)
def test_pad_images(student):
    """pad: zeros above, below, left and right of every image and channel."""
    x = np.array([[[[1.0, 2, 3], [4, 5, 6]]], [[[7, 8, 9], [1, 0, 2]]]])

    got = unchanged("pad", student.pad, x, 1)

    want = [
        [[[0, 0, 0, 0, 0], [0, 1, 2, 3, 0], [0, 4, 5, 6, 0], [0, 0, 0, 0, 0]]],
        [[[0, 0, 0, 0, 0], [0, 7, 8, 9, 0], [0, 1, 0, 2, 0], [0, 0, 0, 0, 0]]],
    ]
    equal("pad(x, 1)", got, want, x=x)


@exercise("pad")
def test_pad_signals(student):
    """pad: of a signal (N, C, L) only the last axis gets longer, on both sides."""
    x = np.array([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])

    got = student.pad(x, 2)

    want = [[[0, 0, 1, 2, 0, 0], [0, 0, 3, 4, 0, 0], [0, 0, 5, 6, 0, 0]]]
    equal("pad(x, 2)", got, want, x=x)


# conv1d

SIGNALS = np.array([[[1.0, 2, 0, -1, 3], [0, 1, 4, 2, -2]]])
FILTERS_1D = np.array([[[1.0, 0, -1], [2, 1, 0]], [[0, 1, 1], [-1, 0, 3]], [[2, 0, 0], [0, 0, 1]]])
OFFSETS = np.array([10.0, 20.0, 30.0])


@exercise("conv1d", weight=2)
def test_conv1d_forward_example(student):
    """conv1d_forward: two channels, three filters, offsets."""
    y = student.conv1d_forward(SIGNALS, FILTERS_1D, OFFSETS)

    want = [[[12, 19, 17], [34, 24, 12], [36, 36, 28]]]
    equal("conv1d_forward", y, want, x=SIGNALS, W=FILTERS_1D)


@exercise("conv1d")
def test_conv1d_forward_with_stride_and_padding(student):
    """conv1d_forward: stride 2 with padding 1; with stride 3 two numbers fill no window."""
    y = student.conv1d_forward(SIGNALS, FILTERS_1D, OFFSETS, stride=2, pad=1)

    want = [[[8, 19, 11], [26, 24, 21], [31, 36, 28]]]
    equal("conv1d_forward, stride 2, pad 1", y, want, x=SIGNALS, W=FILTERS_1D)
    y = student.conv1d_forward(SIGNALS, FILTERS_1D, OFFSETS, stride=3)
    equal("conv1d_forward, stride 3", y, [[[12], [34], [36]]], x=SIGNALS, W=FILTERS_1D)


@exercise("conv1d", weight=2)
def test_conv1d_backward_example(student):
    """conv1d_backward: dx, dW and db of the same example."""
    dout = np.array([[[1.0, 0, -2], [0, 3, 1], [0, 0, 1]]])

    dx, dW, db = student.conv1d_backward(SIGNALS, FILTERS_1D, dout)

    want_W = [[[1, 4, -6], [-8, -3, 8]], [[6, -1, 0], [7, 14, 4]], [[0, -1, 3], [4, 2, -2]]]
    outputs(
        {
            "dx": (dx, [[[1, 0, 2, 4, 3], [2, -2, -5, 7, 4]]]),
            "dW": (dW, want_W),
            "db": (db, [-1, 4, 1]),
        },
        call="conv1d_backward",
        x=SIGNALS,
        W=FILTERS_1D,
        dout=dout,
    )


@exercise("conv1d", weight=3)
def test_conv1d_gradients_agree_with_forward(student, rng):
    """conv1d_backward gives the slopes of conv1d_forward, with stride and padding too."""
    x, W, b = rng.normal(size=(3, 2, 7)), rng.normal(size=(4, 2, 3)), rng.normal(size=4)

    for stride, margin, steps in ((1, 0, 5), (2, 1, 4), (3, 2, 3)):
        how = {"stride": stride, "pad": margin}
        dout = rng.normal(size=(3, 4, steps))

        def run(x=x, W=W, b=b, how=how):
            return student.conv1d_forward(x, W, b, **how)

        slopes = {
            "dx": numeric_gradient(lambda many, run=run: [run(x=one) for one in many], x, dout),
            "dW": numeric_gradient(lambda many, run=run: [run(W=one) for one in many], W, dout),
            "db": numeric_gradient(lambda many, run=run: [run(b=one) for one in many], b, dout),
        }
        dx, dW, db = student.conv1d_backward(x, W, dout, **how)
        call = f"conv1d_backward, stride {stride}, pad {margin}"
        compare_with_slopes(call, {"dx": dx, "dW": dW, "db": db}, slopes)


@exercise("conv1d")
def test_conv1d_leaves_its_arguments_alone(student):
    """conv1d_forward and conv1d_backward change none of their arguments."""
    dout = np.array([[[1.0, 0, -2], [0, 3, 1], [0, 0, 1]]])

    y = unchanged("conv1d_forward", student.conv1d_forward, SIGNALS, FILTERS_1D, OFFSETS)
    back = unchanged("conv1d_backward", student.conv1d_backward, SIGNALS, FILTERS_1D, dout)

    equal("conv1d_forward", y, [[[12, 19, 17], [34, 24, 12], [36, 36, 28]]])
    equal("conv1d_backward: db", back[2], [-1, 4, 1])


# conv2d_naive

IMAGE = np.array(
    [
        [
            [[1.0, 2, 0, 1], [0, 1, 3, -1], [2, -2, 1, 0]],
            [[0, 1, 1, 2], [3, 0, -1, 1], [1, 1, 0, 2]],
        ]
    ]
)
FILTERS = np.array(
    [
        [[[1.0, 0, 2], [0, -1, 1]], [[0, 1, 0], [1, 0, 0]]],
        [[[0, 0, 1], [2, 0, 0]], [[0, 3, 0], [0, 0, -1]]],
    ]
)
FILTERED = [[[[8, 2], [11, -1]], [[24, 25], [27, 10]]]]  # with the offsets 1 and 20


@exercise("conv2d_naive", weight=2)
def test_naive_example(student):
    """conv2d_naive: two channels, two filters of 2 x 3, offsets; no filter is turned round."""
    y = student.conv2d_naive(IMAGE, FILTERS, np.array([1.0, 20.0]))

    equal("conv2d_naive", y, FILTERED, x=IMAGE, W=FILTERS)


@exercise("conv2d_naive", weight=2)
def test_naive_stride_and_padding(student, rng):
    """conv2d_naive: stride, padding, images and filters that are not square, leftover pixels."""
    x, W, b = rng.normal(size=(3, 2, 6, 9)), rng.normal(size=(4, 2, 3, 2)), rng.normal(size=4)

    for stride, margin in ((1, 0), (2, 0), (1, 2), (2, 1), (3, 1)):
        y = student.conv2d_naive(x, W, b, stride=stride, pad=margin)
        what = f"conv2d_naive, stride {stride}, pad {margin}"
        equal(what, y, correlate(x, W, b, stride, margin), x=x, W=W, b=b)


@exercise("conv2d_naive")
def test_naive_leaves_its_arguments_alone(student):
    """conv2d_naive changes none of its arguments, with padding either."""
    b = np.array([1.0, 20.0])

    y = unchanged("conv2d_naive", student.conv2d_naive, IMAGE, FILTERS, b, pad=1)

    equal("conv2d_naive, pad 1", y, correlate(IMAGE, FILTERS, b, margin=1))


# im2col

SMALL = np.array([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]])


@exercise("im2col", weight=2)
def test_im2col_example(student):
    """im2col: the four windows of a 3 x 3 image, each as a row."""
    cols = unchanged("im2col", student.im2col, SMALL, 2, 2)

    want = [[1, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]
    equal("im2col(x, 2, 2)", cols, want, x=SMALL)


@exercise("im2col", weight=2)
def test_im2col_order(student):
    """im2col: rows by image, row, column; entries by channel and place in the window."""
    x = np.arange(1.0, 25.0).reshape(2, 2, 2, 3)

    cols = student.im2col(x, 1, 2)

    want = [[1, 2, 7, 8], [2, 3, 8, 9], [4, 5, 10, 11], [5, 6, 11, 12]]
    want += [[13, 14, 19, 20], [14, 15, 20, 21], [16, 17, 22, 23], [17, 18, 23, 24]]
    equal("im2col(x, 1, 2)", cols, want, x=x)


@exercise("im2col", weight=2)
def test_im2col_stride_and_padding(student, rng):
    """im2col: stride, padding, windows and images that are not square, leftover pixels."""
    x = rng.normal(size=(3, 2, 5, 8))

    for kh, kw, stride, margin in ((2, 3, 2, 0), (3, 2, 1, 1), (1, 1, 3, 0), (3, 4, 2, 2)):
        cols = student.im2col(x, kh, kw, stride=stride, pad=margin)
        what = f"im2col(x, {kh}, {kw}, stride={stride}, pad={margin})"
        equal(what, cols, rows_of_windows(x, kh, kw, stride, margin), x=x)


@exercise("im2col")
def test_im2col_makes_a_new_array(student):
    """im2col: the result shares no memory with x, not even for windows of one pixel."""
    cols = fresh("im2col(x, 1, 1)", student.im2col, SMALL, 1, 1)

    equal("im2col(x, 1, 1)", cols, SMALL.reshape(9, 1), x=SMALL)


# col2im


@exercise("col2im", weight=2)
def test_col2im_example(student):
    """col2im: pixels in two windows get the sum of both."""
    cols = np.array([[1.0, 2, 4, 5], [20, 30, 50, 60]])

    x = unchanged("col2im", student.col2im, cols, (1, 1, 2, 3), 2, 2)

    equal("col2im", x, [[[[1, 22, 30], [4, 55, 60]]]], cols=cols)


@exercise("col2im", weight=2)
def test_col2im_counts_windows(student):
    """col2im of ones: in how many windows each pixel lies; leftover pixels get 0."""
    counts = student.col2im(np.ones((4, 9)), (1, 1, 6, 5), 3, 3, stride=2)
    padded = student.col2im(np.ones((6, 4)), (1, 1, 3, 5), 2, 2, stride=2, pad=1)

    line = np.array([1.0, 1, 2, 1, 1])
    want = np.zeros((1, 1, 6, 5))
    want[0, 0, :5] = np.outer(line, line)
    equal("col2im, 3 x 3 windows, stride 2", counts, want)
    equal("col2im, 2 x 2 windows, stride 2, pad 1", padded, np.ones((1, 1, 3, 5)))


@exercise("col2im", weight=2)
def test_col2im_is_the_gradient_of_im2col(student, rng):
    """col2im: the sum of cols times the windows of x is the sum of col2im(cols) times x."""
    shape = (3, 2, 5, 8)

    for kh, kw, stride, margin in ((2, 3, 2, 0), (3, 2, 1, 1), (3, 4, 2, 2)):
        probes = np.eye(np.prod(shape)).reshape(-1, *shape)
        cols = rng.normal(size=rows_of_windows(probes[0], kh, kw, stride, margin).shape)
        want = [np.vdot(cols, rows_of_windows(one, kh, kw, stride, margin)) for one in probes]
        got = student.col2im(cols, shape, kh, kw, stride=stride, pad=margin)
        what = f"col2im(cols, {shape}, {kh}, {kw}, stride={stride}, pad={margin})"
        equal(what, got, np.reshape(want, shape), atol=1e-9, cols=cols)


# Conv2D


def conv(student, make_rng, weights, offsets, **how):
    """A Conv2D of the student's with the given parameters."""
    c_out, c_in, kh, kw = weights.shape
    layer = student.Conv2D(c_in, c_out, (kh, kw), make_rng(1), **how)
    layer.ref.params["W"] = weights
    layer.ref.params["b"] = offsets
    return layer


def measured(layer, name, x, dout):
    """The slope of sum(dout * forward(x)) in the layer's parameter `name`, measured."""
    start = np.array(layer.params[name])

    def forward_with(values):
        return [_with(layer, name, value).forward(x) for value in values]

    slope = numeric_gradient(forward_with, start, dout)
    _with(layer, name, start)
    return slope


def _with(layer, name, value):
    layer.ref.params[name] = value
    return layer


@exercise("Conv2D", weight=2)
def test_conv_forward(student, make_rng, rng):
    """Conv2D.forward: the example of conv2d_naive, and stride with padding."""
    layer = conv(student, make_rng, FILTERS, np.array([1.0, 20.0]))
    equal("Conv2D.forward", layer.forward(IMAGE), FILTERED, x=IMAGE, W=FILTERS)

    x, W, b = rng.normal(size=(3, 2, 6, 9)), rng.normal(size=(4, 2, 3, 2)), rng.normal(size=4)
    for stride, margin in ((2, 0), (1, 2), (2, 1)):
        layer = conv(student, make_rng, W, b, stride=stride, pad=margin)
        what = f"Conv2D.forward, stride {stride}, pad {margin}"
        equal(what, layer.forward(x), correlate(x, W, b, stride, margin), x=x, W=W, b=b)


@exercise("Conv2D", weight=3)
def test_conv_gradients_agree_with_its_forward(student, make_rng, rng):
    """dx, dW and db are the slopes of the layer's own forward, with stride and padding too."""
    x, W, b = rng.normal(size=(3, 2, 4, 5)), rng.normal(size=(4, 2, 2, 3)), rng.normal(size=4)

    for stride, margin, size in ((1, 0, (3, 3)), (2, 1, (3, 3))):
        layer = conv(student, make_rng, W, b, stride=stride, pad=margin)
        dout = rng.normal(size=(3, 4, *size))
        slopes = {f"d{name}": measured(layer, name, x, dout) for name in ("W", "b")}
        slopes["dx"] = numeric_gradient(layer.forward.map, x, dout)
        layer.forward(x)
        dx = layer.backward(dout)
        found = {"dx": dx, "dW": layer.grads["W"], "db": layer.grads["b"]}
        compare_with_slopes(f"Conv2D.backward, stride {stride}, pad {margin}", found, slopes)


@exercise("Conv2D", weight=2)
def test_conv_starts_with_he_weights(student, make_rng):
    """A new Conv2D: shapes, He weights (a filter's inputs count), zero offsets and gradients."""
    layer = student.Conv2D(6, 40, (5, 3), make_rng(3))
    params, grads = layer.params, layer.grads

    equal("b of a new Conv2D", params["b"], np.zeros(40))
    equal("grads['b'] of a new Conv2D", grads["b"], np.zeros(40))
    equal("grads['W'] of a new Conv2D", grads["W"], np.zeros((40, 6, 5, 3)))
    W = params["W"]
    true("W of a new Conv2D", W.shape == (40, 6, 5, 3), f"shape {W.shape}, not (40, 6, 5, 3)")
    equal("mean of W", np.mean(W), 0.0, atol=0.012)
    equal("standard deviation of W", np.std(W), np.sqrt(2 / 90), rtol=0.06)
    share = float(np.mean(np.abs(W) > 2 * np.std(W)))
    at_least("share of W beyond two standard deviations (normal: 0.046)", share, 0.03)
    square = student.Conv2D(2, 3, 4, make_rng(3)).params["W"]
    true("kernel_size 4", square.shape == (3, 2, 4, 4), f"gives W {square.shape}, not (3, 2, 4, 4)")


@exercise("Conv2D")
def test_conv_takes_its_numbers_from_rng(student, make_rng):
    """Conv2D: the same seed gives the same weights, another seed others."""
    first, again, other = (student.Conv2D(2, 3, 3, make_rng(s)).params["W"] for s in (7, 7, 8))

    true("W of a new Conv2D", np.ptp(first) > 0, "all weights are equal: draw them from rng")
    equal("W of two layers with equally seeded rng", again, first)
    true("W of a new Conv2D", not np.array_equal(first, other), "does not depend on rng")


@exercise("Conv2D")
def test_conv_overwrites_its_gradients(student, support, make_rng, rng):
    """Conv2D: each backward starts anew and belongs to the latest forward."""
    W, b = rng.normal(size=(4, 2, 3, 2)), rng.normal(size=4)
    x, dout = rng.normal(size=(3, 2, 5, 4)), rng.normal(size=(3, 4, 3, 3))
    once = conv(student, make_rng, W, b)
    once.forward(x)
    want_x = once.backward(dout)

    layer = conv(student, make_rng, W, b)
    other = rng.normal(size=(2, 2, 4, 6)), rng.normal(size=(2, 4, 2, 5))
    dx = support.two_inputs(layer, *other, x, dout)

    want_W = np.einsum("ncrsij,nfrs->fcij", _blocks(x, 3, 2), dout)
    outputs(
        {
            "dx": (dx, want_x),
            "dW": (layer.grads["W"], want_W),
            "db": (layer.grads["b"], dout.sum(axis=(0, 2, 3))),
        },
        call="Conv2D.backward after two forwards, called twice",
    )


def _blocks(x, kh, kw):
    """rows_of_windows as (N, C, OH, OW, kh, kw)."""
    n, c, h, w = x.shape
    rows = rows_of_windows(x, kh, kw).reshape(n, h - kh + 1, w - kw + 1, c, kh, kw)
    return rows.transpose(0, 3, 1, 2, 4, 5)


@exercise("Conv2D")
def test_conv_leaves_its_arguments_alone(student, make_rng):
    """Conv2D changes neither x nor dout, and backward does not change W and b."""
    offsets = np.array([1.0, 20.0])
    layer = conv(student, make_rng, FILTERS, offsets)
    dout = np.array([[[[1.0, 0], [0, -1]], [[2, 0], [0, 3]]]])

    y = unchanged("Conv2D.forward", layer.forward, IMAGE)
    unchanged("Conv2D.backward", layer.backward, dout)

    equal("Conv2D.forward", y, FILTERED)
    equal("grads['b']", layer.grads["b"], [0.0, 5.0])
    equal("W after backward", layer.params["W"], FILTERS)
    equal("b after backward", layer.params["b"], offsets)


RACE_MARGIN = 1


def race(student, support, make_rng, rng):
    """A race of the student's layer against loops, and a function that checks its last answer."""
    images = rng.normal(size=(115, 8, 14, 14)).astype("float32")
    dout = rng.normal(size=(8, 16, 14, 14)).astype("float32")
    W, b = rng.normal(size=(16, 8, 3, 3)).astype("float32"), np.ones(16, "float32")
    layer = student.Conv2D(8, 16, 3, make_rng(1), pad=RACE_MARGIN, dtype=support.float32)

    def finish():
        x = images[-8:]
        want = correlate(x.astype(float), W.astype(float), b, margin=RACE_MARGIN)
        got = layer.forward(x)
        equal("Conv2D.forward", got, want.astype("float32"), rtol=1e-3, atol=1e-3)

    return support.Race(layer, images, dout, W, b, RACE_MARGIN), finish


@exercise("Conv2D", weight=2)
@pytest.mark.budget(60)
def test_conv_is_fast(student, support, make_rng, rng):
    """Conv2D's forward and backward on 20 batches against a naive forward on one of them.

    Conv2D: speed-up over loops at least 50 (100 seeds: worst 182.827, mean 202.985, std 6.7438).
    That is batch for batch, and a quarter of what the reference reaches.
    """
    sides, finish = race(student, support, make_rng, rng)
    what = "Conv2D, forward and backward"

    faster(f"{what} of one batch", sides.one, sides.naive, 0.25)  # spares the hopeless 20 batches
    faster(f"{what} of 20 batches", sides.fast, sides.naive, FAST_BATCHES / SPEED_UP)
    finish()


# Pooling

POOLED = np.array([[[[1.0, -5, 2, 7], [3, 4, -6, 0]], [[-1, -2, -8, -3], [-4, -9, -7, -5]]]])
POOL_DOUT = np.array([[[[10.0, 20.0]], [[30.0, -40.0]]]])


def pool_gradients_agree(student, kind, rng):
    """Compare dx with the slopes of the layer's own forward, for several windows and steps."""
    settings = ((2, None, (3, 2)), ((3, 2), None, (2, 2)), (3, 2, (2, 2)), (2, 1, (5, 4)))
    x = rng.permutation(3 * 2 * 6 * 5).reshape(3, 2, 6, 5) / 10  # no two pixels are alike
    for size, stride, steps in settings:
        layer = getattr(student, kind)(size, stride=stride)
        dout = rng.normal(size=(3, 2, *steps))
        slope = numeric_gradient(layer.forward.map, x, dout)
        layer.forward(x)
        dx = layer.backward(dout)
        what = f"{kind}({size}, stride={stride}).backward"
        compare_with_slopes(what, {"dx": dx}, {"dx": slope})


@exercise("MaxPool2D", weight=2)
def test_max_pool_example(student):
    """MaxPool2D: the largest number of each window, negative ones too; who won gets dout."""
    layer = student.MaxPool2D(2)

    y = layer.forward(POOLED)
    dx = layer.backward(POOL_DOUT)

    want = [[[[0, 0, 0, 20], [0, 10, 0, 0]], [[30, 0, 0, -40], [0, 0, 0, 0]]]]
    outputs({"y": (y, [[[[4, 7]], [[-1, -3]]]]), "dx": (dx, want)}, call="MaxPool2D(2)", x=POOLED)


@exercise("MaxPool2D", weight=2)
def test_max_pool_ties(student):
    """MaxPool2D: of equal pixels only the first in row-major order gets the gradient."""
    x = np.array([[[[3.0, 3, 0, 1], [3, 3, 2, 2], [5, 1, 4, 4], [5, 5, 1, 4]]]])
    dout = np.array([[[[1.0, 2], [3, 4]]]])
    layer = student.MaxPool2D(2)

    y = layer.forward(x)
    dx = layer.backward(dout)

    want = [[[[1, 0, 0, 0], [0, 0, 2, 0], [3, 0, 4, 0], [0, 0, 0, 0]]]]
    outputs({"y": (y, [[[[3, 2], [5, 4]]]]), "dx": (dx, want)}, call="MaxPool2D(2)", x=x, dout=dout)


@exercise("MaxPool2D", weight=2)
def test_max_pool_overlaps_and_leftovers(student):
    """MaxPool2D: windows that overlap add up; rows and columns that fill no window get 0."""
    x = np.array([[[[1.0, 9, 2, 8, 0], [3, 4, 5, 6, 99], [7, 0, 1, 2, 99]]]])

    overlapping, apart = student.MaxPool2D(2, stride=1), student.MaxPool2D((2, 2))
    y_1, y_2 = overlapping.forward(x), apart.forward(x)
    dx_1 = overlapping.backward(np.array([[[[1.0, 2, 3, 4], [5, 6, 7, 8]]]]))
    dx_2 = apart.backward(np.array([[[[1.0, 2]]]]))

    want_1 = [[[[0, 3, 0, 3, 0], [0, 0, 6, 7, 12], [5, 0, 0, 0, 0]]]]
    outputs(
        {"y": (y_1, [[[[9, 9, 8, 99], [7, 5, 6, 99]]]]), "dx": (dx_1, want_1)},
        call="MaxPool2D(2, stride=1)",
        x=x,
    )
    want_2 = [[[[0, 1, 0, 2, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]]]
    outputs({"y": (y_2, [[[[9, 8]]]]), "dx": (dx_2, want_2)}, call="MaxPool2D((2, 2))", x=x)


@exercise("MaxPool2D", weight=2)
def test_max_pool_gradient_agrees_with_its_forward(student, rng):
    """MaxPool2D: dx is the slope of the layer's own forward times dout."""
    pool_gradients_agree(student, "MaxPool2D", rng)


@exercise("MaxPool2D")
def test_max_pool_latest_forward_and_arguments(student, support):
    """MaxPool2D: backward belongs to the latest forward and may be repeated; arguments stay."""
    layer = student.MaxPool2D(2)
    want = [[[[0, 0, 0, 20], [0, 10, 0, 0]], [[30, 0, 0, -40], [0, 0, 0, 0]]]]

    other = -np.ones((2, 1, 4, 2)), np.ones((2, 1, 2, 1))
    dx = support.two_inputs(layer, *other, POOLED, POOL_DOUT)
    y = unchanged("MaxPool2D.forward", layer.forward, POOLED)
    again = unchanged("MaxPool2D.backward", layer.backward, POOL_DOUT)

    outputs(
        {"y": (y, [[[[4, 7]], [[-1, -3]]]]), "dx": (dx, want), "again": (again, want)},
        call="MaxPool2D(2)",
    )
    true(
        "MaxPool2D",
        dict(layer.params) == {} == dict(layer.grads),
        "params, grads must be empty dicts",
    )


@exercise("AvgPool2D", weight=2)
def test_avg_pool_example(student):
    """AvgPool2D: the mean of each window; each of its pixels gets an equal share of dout."""
    layer = student.AvgPool2D((2, 4))
    x = np.concatenate([POOLED, POOLED[:, :, :1]], axis=2)  # the third row fills no window

    y = layer.forward(x)
    dx = layer.backward(np.array([[[[16.0]], [[-8.0]]]]))

    want = np.zeros((1, 2, 3, 4))
    want[0, :, :2] = np.array([2.0, -1.0])[:, None, None]
    outputs({"y": (y, [[[[0.75]], [[-4.875]]]]), "dx": (dx, want)}, call="AvgPool2D((2, 4))", x=x)


@exercise("AvgPool2D", weight=2)
def test_avg_pool_gradient_agrees_with_its_forward(student, rng):
    """AvgPool2D: dx is the slope of the layer's own forward times dout, overlapping windows too."""
    pool_gradients_agree(student, "AvgPool2D", rng)


@exercise("AvgPool2D")
def test_avg_pool_latest_forward_and_arguments(student, support):
    """AvgPool2D: backward belongs to the latest forward and may be repeated; arguments stay."""
    layer = student.AvgPool2D(2)

    other = -np.ones((2, 1, 4, 2)), np.ones((2, 1, 2, 1))
    dx = support.two_inputs(layer, *other, POOLED, POOL_DOUT)
    y = unchanged("AvgPool2D.forward", layer.forward, POOLED)
    again = unchanged("AvgPool2D.backward", layer.backward, POOL_DOUT)

    want = np.repeat(np.repeat(POOL_DOUT / 4, 2, axis=2), 2, axis=3)
    want_y = [[[[0.75, 0.75]], [[-4, -5.75]]]]
    outputs({"y": (y, want_y), "dx": (dx, want), "again": (again, want)}, call="AvgPool2D(2)")
    true(
        "AvgPool2D",
        dict(layer.params) == {} == dict(layer.grads),
        "params, grads must be empty dicts",
    )


@exercise("GlobalAvgPool2D", weight=2)
def test_global_pool_example(student):
    """GlobalAvgPool2D: the mean of each channel, and equal shares back."""
    layer = student.GlobalAvgPool2D()

    y = layer.forward(POOLED)
    dx = layer.backward(np.array([[16.0, -8.0]]))

    want = np.ones((1, 2, 2, 4)) * np.array([2.0, -1.0])[:, None, None]
    outputs({"y": (y, [[0.75, -4.875]]), "dx": (dx, want)}, call="GlobalAvgPool2D", x=POOLED)


@exercise("GlobalAvgPool2D")
def test_global_pool_gradient_agrees_with_its_forward(student, support, rng):
    """GlobalAvgPool2D: dx is the slope of the latest forward times dout; arguments stay."""
    layer = student.GlobalAvgPool2D()
    x, dout = rng.normal(size=(3, 2, 4, 5)), rng.normal(size=(3, 2))

    slope = numeric_gradient(layer.forward.map, x, dout)
    other = rng.normal(size=(2, 3, 3, 2)), rng.normal(size=(2, 3))
    dx = support.two_inputs(layer, *other, x, dout)
    y = unchanged("GlobalAvgPool2D.forward", layer.forward, x)
    again = unchanged("GlobalAvgPool2D.backward", layer.backward, dout)

    compare_with_slopes("GlobalAvgPool2D.backward", {"dx": dx}, {"dx": slope})
    equal("GlobalAvgPool2D.forward", y[0, 0], np.mean(x[0, 0]))
    equal("GlobalAvgPool2D.backward, called again", again, dx)
    true(
        "GlobalAvgPool2D",
        dict(layer.params) == {} == dict(layer.grads),
        "params, grads must be empty dicts",
    )


# build_convnet


def scores(params, x, global_pool):
    """What a network of two stages with the given parameters answers, computed without it."""
    for key in ("0", "3"):
        W = params[f"{key}.W"]
        x = np.maximum(correlate(x, W, params[f"{key}.b"], margin=W.shape[2] // 2), 0)
        rows, columns = x.shape[2] // 2, x.shape[3] // 2
        x = x[:, :, : 2 * rows, : 2 * columns]
        x = x.reshape(*x.shape[:2], rows, 2, columns, 2).max(axis=(3, 5))
    x = x.mean(axis=(2, 3)) if global_pool else x.reshape(len(x), -1)
    for key in ("7", "9"):
        if f"{key}.W" in params:
            x = (x if key == "7" else np.maximum(x, 0)) @ params[f"{key}.W"] + params[f"{key}.b"]
    return x


def shapes(net):
    """The shape of every parameter of a network."""
    return {name: value.shape for name, value in net.params.items()}


def has_shapes(what, net, want):
    """Check the names and shapes of a network's parameters."""
    found = shapes(net)
    true(what, sorted(found) == sorted(want), f"params {sorted(found)}, not {sorted(want)}")
    wrong = {name: found[name] for name in want if found[name] != want[name]}
    true(what, not wrong, f"shapes {wrong}, expected { ({name: want[name] for name in wrong}) }")


@exercise("build_convnet", weight=2)
def test_convnet_as_it_comes(student, make_rng, rng):
    """build_convnet with its defaults: the parameters of every layer, and what it answers."""
    net = student.build_convnet((2, 9, 12), 5, make_rng(0))
    x = rng.normal(size=(4, 2, 9, 12))

    want = {"0.W": (8, 2, 3, 3), "0.b": (8,), "3.W": (16, 8, 3, 3), "3.b": (16,)}
    has_shapes("build_convnet", net, want | {"7.W": (96, 5), "7.b": (5,)})
    params = net.params
    for name, fan_in in (("0.W", 18), ("3.W", 72), ("7.W", 96)):
        equal(f"standard deviation of {name}", np.std(params[name]), np.sqrt(2 / fan_in), rtol=0.3)
    equal("scores", net.predict(x), scores(params, x, False), x=x)


@exercise("build_convnet", weight=2)
def test_convnet_with_global_pool_and_hidden_layer(student, make_rng, rng):
    """build_convnet with filters of 5 x 5, global pooling, a hidden layer and offsets."""
    net = student.build_convnet(
        (1, 8, 11), 3, make_rng(0), channels=(4, 6), kernel_size=5, hidden=7, global_pool=True
    )
    x = rng.normal(size=(4, 1, 8, 11))

    want = {"0.W": (4, 1, 5, 5), "0.b": (4,), "3.W": (6, 4, 5, 5), "3.b": (6,)}
    has_shapes(
        "build_convnet", net, want | {"7.W": (6, 7), "7.b": (7,), "9.W": (7, 3), "9.b": (3,)}
    )
    for name in ("0.b", "3.b", "7.b", "9.b"):
        net.ref.params[name][...] = rng.normal(size=shapes(net)[name])
    equal("scores", net.predict(x), scores(net.params, x, True), x=x)


@exercise("build_convnet")
def test_convnet_in_float32(student, support, make_rng):
    """Three stages and a hidden layer, all in float32."""
    net = student.build_convnet(
        (1, 16, 8), 3, make_rng(1), channels=(2, 3, 4), hidden=5, dtype=support.float32
    )

    want = {"0.W": (2, 1, 3, 3), "0.b": (2,), "3.W": (3, 2, 3, 3), "3.b": (3,)}
    want |= {"6.W": (4, 3, 3, 3), "6.b": (4,), "10.W": (8, 5), "10.b": (5,)}
    has_shapes("build_convnet", net, want | {"12.W": (5, 3), "12.b": (3,)})
    kinds = {str(value.dtype) for value in net.params.values()}
    true("build_convnet", kinds == {"float32"}, f"params of {sorted(kinds)}, not all float32")


@exercise("build_convnet")
def test_convnet_takes_its_numbers_from_rng(student, make_rng):
    """The same seed gives the same network; another one gives other numbers in every layer."""
    first, again, other = (
        student.build_convnet((1, 8, 8), 3, make_rng(seed)).params for seed in (1, 1, 2)
    )

    for name in ("0.W", "3.W", "7.W"):
        equal(f"params[{name!r}] with the same seed", again[name], first[name])
        moved = not np.array_equal(other[name], first[name])
        true(f"params[{name!r}]", moved, "the same numbers for another seed")


# Precision: float32 stays float32, and whole numbers are computed in float64

SINGLE = (np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4) - 7) / 4


@exercise("pad")
def test_pad_keeps_the_dtype(student):
    """float32 stays float32."""
    want = np.zeros((1, 2, 5, 6), np.float32)
    want[..., 1:-1, 1:-1] = SINGLE

    equal("pad(x, 1)", student.pad(SINGLE, 1), want, x=SINGLE)


@exercise("conv1d")
def test_conv1d_dtypes(student):
    """float32 stays float32; signals of whole numbers give float64."""
    x, W, b = np.array([[[1, 2, 3, 4]]]), np.array([[[1, 0, -1]]]), np.array([10])
    dout = np.array([[[1, 5]]])

    for dtype in (np.float32, np.float64):
        signal, filters, offset, d = (a.astype(dtype) for a in (x, W, b, dout))
        y = student.conv1d_forward(signal, filters, offset)
        dx, dW, db = student.conv1d_backward(signal, filters, d)
        equal("conv1d_forward", y, np.array([[[8, 8]]], dtype), x=signal)
        want = {"dx": [[[1, 5, -1, -5]]], "dW": [[[11, 17, 23]]], "db": [6]}
        found = {"dx": dx, "dW": dW, "db": db}
        pairs = {name: (found[name], np.array(want[name], dtype)) for name in want}
        outputs(pairs, call="conv1d_backward", x=signal)
    half = np.array([[[0.5, 0.0, -1.0]]])
    equal("y of whole numbers", student.conv1d_forward(x, half, b), [[[7.5, 7.0]]], x=x)


@exercise("conv2d_naive")
def test_naive_in_float32(student):
    """float32 in gives float32 out."""
    W = np.array([[[[1.0, 0.5]], [[0.0, -1.0]]]], np.float32)

    y = student.conv2d_naive(SINGLE, W, np.array([0.25], np.float32))

    equal("conv2d_naive", y, correlate(SINGLE, W, [0.25]).astype(np.float32), x=SINGLE)


@exercise("im2col")
def test_im2col_in_float32(student):
    """float32 in gives float32 out."""
    rows = rows_of_windows(SINGLE, 2, 3).astype(np.float32)

    equal("im2col", student.im2col(SINGLE, 2, 3), rows, x=SINGLE)


@exercise("col2im")
def test_col2im_in_float32(student):
    """float32 in gives float32 out."""
    cols = np.array([[1, 2, 4, 5], [2, 3, 5, 6]], np.float32)

    found = student.col2im(cols, (1, 1, 2, 3), 2, 2)

    equal("col2im", found, np.array([[[[1, 4, 3], [4, 10, 6]]]], np.float32), cols=cols)


@exercise("Conv2D")
def test_conv_in_float32(student, support, make_rng):
    """A layer made for float32: parameters, y, dx and gradients are float32."""
    layer = student.Conv2D(2, 1, (1, 2), make_rng(1), dtype=support.float32)
    kinds = {name: str(value.dtype) for name, value in layer.params.items()}
    true("Conv2D", set(kinds.values()) == {"float32"}, f"new parameters of {kinds}")
    W = np.array([[[[1.0, 0.5]], [[0.0, -1.0]]]], np.float32)
    layer.ref.params["W"] = W
    layer.ref.params["b"] = np.array([0.25], np.float32)
    dout = np.ones((1, 1, 3, 3), np.float32)

    y = layer.forward(SINGLE)
    dx = layer.backward(dout)

    want_dx = np.zeros_like(SINGLE)
    want_dx[..., :3] += W[0, :, :, :1]
    want_dx[..., 1:] += W[0, :, :, 1:]
    want_dW = np.stack([SINGLE[0, :, :, s : s + 3].sum(axis=(1, 2)) for s in (0, 1)], axis=1)
    grads = layer.grads
    outputs(
        {
            "y": (y, correlate(SINGLE, W, [0.25]).astype(np.float32)),
            "dx": (dx, want_dx),
            "dW": (grads["W"], want_dW.reshape(1, 2, 1, 2)),
            "db": (grads["b"], np.array([9.0], np.float32)),
        },
        call="Conv2D in float32",
        x=SINGLE,
    )


@exercise("MaxPool2D")
def test_max_pool_dtypes(student):
    """float32 stays float32, whole numbers give float64; the first of two winners wins."""
    layer = student.MaxPool2D(2)

    for given, kind in ((np.float32, np.float32), (np.int64, np.float64)):
        x, dout = np.array([[[[1, 5], [5, 2]]]], given), np.array([[[[7.5]]]], kind)
        y = layer.forward(x)
        dx = layer.backward(dout)
        pairs = {"y": (y, np.array([[[[5]]]], kind))}
        pairs["dx"] = dx, np.array([[[[0, 7.5], [0, 0]]]], kind)
        outputs(pairs, call="MaxPool2D(2)", x=x, dout=dout)


@exercise("AvgPool2D")
def test_avg_pool_in_float32(student):
    """float32 in gives float32 out."""
    layer = student.AvgPool2D(2)
    x = np.array([[[[1, 5, 2], [3, 3, 6]]]], np.float32)

    y = layer.forward(x)
    dx = layer.backward(np.array([[[[8]]]], np.float32))

    pairs = {"y": (y, np.array([[[[3]]]], np.float32))}
    pairs["dx"] = dx, np.array([[[[2, 2, 0], [2, 2, 0]]]], np.float32)
    outputs(pairs, call="AvgPool2D(2)", x=x)


@exercise("GlobalAvgPool2D")
def test_global_pool_in_float32(student):
    """float32 in gives float32 out."""
    layer = student.GlobalAvgPool2D()
    x = np.array([[[[1, 2], [3, 6]]]], np.float32)

    y = layer.forward(x)
    dx = layer.backward(np.array([[8]], np.float32))

    pairs = {"y": (y, np.array([[3]], np.float32)), "dx": (dx, np.full_like(x, 2))}
    outputs(pairs, call="GlobalAvgPool2D", x=x)


# All parts together


def stripes(rng, n=400):
    """Noisy images of one stroke somewhere: flat, upright, rising or falling. Returns (x, y)."""
    y = np.arange(n) % 4
    x = 0.3 * rng.normal(size=(n, 1, 12, 12))
    place = np.arange(5)
    for image, kind in zip(x[:, 0], y, strict=True):
        top, left = rng.integers(0, 7, size=2)
        rows = {0: np.full(5, top), 1: top + place, 2: top + place[::-1], 3: top + place}[int(kind)]
        columns = np.full(5, left) if kind == 1 else left + place
        image[rows, columns] += 1.5
    return x.astype("float32"), y


def learn_stripes(student, support, rng, make_rng):
    """Train a network on strokes; return (its trained parameters, new images, their classes)."""
    x, y = stripes(rng)
    net = student.build_convnet(
        (1, 12, 12), 4, make_rng(1), channels=(8, 16), global_pool=True, dtype=support.float32
    )
    _, params = support.learn(net, {}, x, y, 0.01, 12, 20, make_rng(2))
    return params, *stripes(rng)


@exercise("mnist")
@pytest.mark.budget(30)
def test_stripes(student, support, rng, make_rng):
    """A network of all your parts tells four directions of a stroke apart, wherever it lies.

    stripes at least 0.9 (100 seeds: worst 0.955, mean 0.997, std 0.0061).
    """
    params, x, y = learn_stripes(student, support, rng, make_rng)

    found = np.argmax(scores(params, x, True), axis=1)
    accuracy("strokes", found, y, STRIPES_ACCURACY)
