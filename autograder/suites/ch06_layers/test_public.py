"""Public checks of ch06_layers: worked examples, and gradients of the learner's own forward.

Composite exercises (Sequential, train) are checked with the simple layers of support.py.
"""

import itertools

import numpy as np
import pytest

from autograder.suite import (
    accuracy,
    at_least,
    equal,
    exercise,
    gradient,
    number,
    numeric_gradient,
    outputs,
    raises,
    true,
    unchanged,
)

X = np.array([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]])
W = np.array([[1.0, 0.0, 2.0, -1.0], [0.0, 1.0, 3.0, 0.5], [2.0, -2.0, 1.0, 0.0]])
B = np.array([10.0, 20.0, 30.0, 40.0])
DOUT = np.array([[1.0, -1.0, 0.5, 2.0], [0.0, 3.0, -2.0, 1.0]])

RINGS_ACCURACY = 0.97


def dense(student, make_rng, weights, bias):
    """A Dense layer of the student's with the given parameters."""
    layer = student.Dense(*weights.shape, make_rng(1))
    layer.ref.params["W"] = weights
    layer.ref.params["b"] = bias
    return layer


def measured(layer, name, x, dout):
    """The slope of sum(dout * forward(x)) in the parameter `name`, by finite differences."""
    start = np.array(layer.params[name])

    def forward_with(values):
        return [_with(layer, name, value).forward(x) for value in values]

    slope = numeric_gradient(forward_with, start, dout)
    _with(layer, name, start).forward(x)
    return slope


def _with(layer, name, value):
    layer.ref.params[name] = value
    return layer


# Dense


@exercise("Dense", weight=2)
def test_dense_forward_example(student, make_rng):
    """Dense.forward on a small example with a bias."""
    layer = dense(student, make_rng, W, B)

    y = layer.forward(X)

    want = [[9.0, 24.0, 37.0, 40.0], [16.5, 14.0, 34.0, 39.5]]
    equal("Dense.forward", y, want, x=X, W=W, b=B)


@exercise("Dense", weight=2)
def test_dense_backward_example(student, make_rng):
    """Dense.backward on a small example: dx, dW and db."""
    layer = dense(student, make_rng, W, B)

    layer.forward(X)
    dx = layer.backward(DOUT)

    want_dx = [[0.0, 1.5, 4.5], [-5.0, -2.5, -8.0]]
    want_W = [[1.0, 0.5, -0.5, 2.5], [2.0, -2.0, 1.0, 4.0], [-1.0, 10.0, -6.5, 1.0]]
    want_b = [1.0, 2.0, -1.5, 3.0]
    grads = layer.grads
    outputs(
        {"dx": (dx, want_dx), "dW": (grads["W"], want_W), "db": (grads["b"], want_b)},
        call="Dense.backward",
        x=X,
        dout=DOUT,
    )


@exercise("Dense", weight=2)
def test_dense_gradients_agree_with_its_forward(student, make_rng, rng):
    """dx, dW and db are the slopes of the layer's own forward."""
    layer = dense(student, make_rng, rng.normal(size=(3, 2)), rng.normal(size=2))
    x, dout = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))

    slopes = {"dW": measured(layer, "W", x, dout), "db": measured(layer, "b", x, dout)}
    slopes["dx"] = numeric_gradient(layer.forward.map, x, dout)
    true("Dense", np.abs(slopes["dW"]).max() > 0, "y does not depend on W: it must be x W + b")
    true("Dense", np.abs(slopes["db"]).max() > 0, "y does not depend on b: it must be x W + b")
    layer.forward(x)
    dx = layer.backward(dout)

    gradient("Dense.backward: dx", dx, slopes["dx"], x=x, dout=dout)
    gradient("Dense.backward: dW", layer.grads["W"], slopes["dW"], x=x, dout=dout)
    gradient("Dense.backward: db", layer.grads["b"], slopes["db"], x=x, dout=dout)


@exercise("Dense", weight=2)
def test_dense_starts_with_he_weights(student, make_rng):
    """A new Dense: He weights, zero biases, zero gradients."""
    layer = student.Dense(400, 100, make_rng(3))
    params, grads = layer.params, layer.grads

    weights = params["W"]
    equal("b of a new Dense", params["b"], np.zeros(100))
    equal("grads['W'] of a new Dense", grads["W"], np.zeros((400, 100)))
    equal("grads['b'] of a new Dense", grads["b"], np.zeros(100))
    true("W of a new Dense", weights.shape == (400, 100), f"shape {weights.shape}, not (400, 100)")
    equal("mean of W", np.mean(weights), 0.0, atol=0.004)
    equal("standard deviation of W", np.std(weights), np.sqrt(2 / 400), rtol=0.03)
    share = float(np.mean(np.abs(weights) > 2 * np.std(weights)))
    at_least("share of W beyond two standard deviations (normal: 0.046)", share, 0.035)


@exercise("Dense")
def test_dense_takes_its_numbers_from_rng(student, make_rng):
    """Dense: the same seed gives the same weights, another seed others."""
    first, again, other = (student.Dense(5, 4, make_rng(seed)).params["W"] for seed in (7, 7, 8))

    true("W of a new Dense", np.ptp(first) > 0, "all weights are equal: draw them from rng")
    equal("W of two layers with equally seeded rng", again, first)
    true("W of a new Dense", not np.array_equal(first, other), "does not depend on rng")


@exercise("Dense")
def test_dense_acts_on_the_last_axis(student, make_rng, rng):
    """Dense: leading axes of any number, here (2, 3, 4) to (2, 3, 5)."""
    layer = dense(student, make_rng, rng.normal(size=(4, 5)), rng.normal(size=5))
    x, dout = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 5))

    y_rows = layer.forward(x.reshape(6, 4))
    dx_rows = layer.backward(dout.reshape(6, 5))
    grads_rows = layer.grads
    y = layer.forward(x)
    dx = layer.backward(dout)
    grads = layer.grads

    equal(
        "y of the same examples as (6, 4)",
        y_rows,
        x.reshape(6, 4) @ layer.params["W"] + layer.params["b"],
    )
    outputs(
        {
            "y": (y, y_rows.reshape(2, 3, 5)),
            "dx": (dx, dx_rows.reshape(x.shape)),
            "dW": (grads["W"], grads_rows["W"]),
            "db": (grads["b"], grads_rows["b"]),
        },
        call="Dense on (2, 3, 4), compared with the same examples as (6, 4)",
    )


@exercise("Dense")
def test_dense_overwrites_its_gradients(student, support, make_rng):
    """Dense: each backward starts anew and belongs to the latest forward."""
    layer = dense(student, make_rng, W, B)

    dx = support.two_inputs(layer, X[:1] + 5, X, DOUT)

    want_W = [[1.0, 0.5, -0.5, 2.5], [2.0, -2.0, 1.0, 4.0], [-1.0, 10.0, -6.5, 1.0]]
    outputs(
        {
            "dx": (dx, [[0.0, 1.5, 4.5], [-5.0, -2.5, -8.0]]),
            "dW": (layer.grads["W"], want_W),
            "db": (layer.grads["b"], [1.0, 2.0, -1.5, 3.0]),
        },
        call="Dense.backward after two forwards, called twice",
    )


@exercise("Dense")
def test_dense_in_float32(student, support, make_rng):
    """A Dense layer in float32: parameters, y, dx and gradients are float32."""
    layer = student.Dense(3, 4, make_rng(1), dtype=support.float32)
    params = layer.params
    true("Dense", params["W"].dtype == np.float32, f"W has dtype {params['W'].dtype}, not float32")
    equal("b of a new float32 Dense", params["b"], np.zeros(4, np.float32))
    x, dout, weights, bias = (array.astype(np.float32) for array in (X, DOUT, W, B))
    layer.ref.params["W"] = weights
    layer.ref.params["b"] = bias

    y = layer.forward(x)
    dx = layer.backward(dout)

    grads = layer.grads
    outputs(
        {
            "y": (y, x @ weights + bias),
            "dx": (dx, dout @ weights.T),
            "dW": (grads["W"], x.T @ dout),
            "db": (grads["b"], dout.sum(axis=0)),
        },
        call="Dense in float32",
        x=x,
        dout=dout,
    )


@exercise("Dense")
def test_dense_leaves_its_arguments_alone(student, make_rng):
    """Dense changes neither x nor dout, and backward does not change W and b."""
    layer = dense(student, make_rng, W, B)

    y = unchanged("Dense.forward", layer.forward, X)
    dx = unchanged("Dense.backward", layer.backward, DOUT)

    equal("Dense.forward", y[1], [16.5, 14.0, 34.0, 39.5])
    equal("Dense.backward", dx[1], [-5.0, -2.5, -8.0])
    equal("W after backward", layer.params["W"], W)
    equal("b after backward", layer.params["b"], B)


# Activation layers

ACTIVATION_X = np.array([[-2.0, 0.0, 1.0], [3.0, -0.5, 0.25]])
ACTIVATION_DOUT = np.array([[5.0, 6.0, -7.0], [1.5, -8.0, 2.0]])
# Sigmoid and Tanh from 50-digit arithmetic, rounded.
FORWARD = {
    "ReLU": [[0.0, 0.0, 1.0], [3.0, 0.0, 0.25]],
    "Sigmoid": [
        [0.11920292202211756, 0.5, 0.7310585786300049],
        [0.9525741268224333, 0.37754066879814546, 0.5621765008857981],
    ],
    "Tanh": [
        [-0.9640275800758169, 0.0, 0.7615941559557649],
        [0.9950547536867305, -0.46211715726000974, 0.24491866240370913],
    ],
}
BACKWARD = {
    "ReLU": [[0.0, 0.0, -7.0], [1.5, 0.0, 2.0]],
    "Sigmoid": [
        [0.5249679270175326, 1.5, -1.376283532690373],
        [0.0677649895963682, -1.880029697612756, 0.4922681654751967],
    ],
    "Tanh": [
        [0.3532541242658223, 6.0, -2.9398203912981824],
        [0.014799055748160287, -6.291581863727419, 1.880029697612756],
    ],
}


def _activations(test):
    """One check per activation layer, each counting for its own exercise."""
    marked = [pytest.param(name, marks=exercise(name), id=name) for name in FORWARD]
    return pytest.mark.parametrize("name", marked)(test)


@_activations
def test_activation_example(student, name):
    """The activation layer on a small example: forward and backward."""
    layer = getattr(student, name)()

    y = layer.forward(ACTIVATION_X)
    dx = layer.backward(ACTIVATION_DOUT)

    outputs(
        {"y": (y, FORWARD[name]), "dx": (dx, BACKWARD[name])},
        call=name,
        x=ACTIVATION_X,
        dout=ACTIVATION_DOUT,
    )


@_activations
def test_activation_gradient_agrees_with_its_forward(student, rng, name):
    """dx is the slope of the layer's own forward times dout."""
    layer = getattr(student, name)()
    x, dout = rng.normal(size=(3, 2, 4)) * 2, rng.normal(size=(3, 2, 4))

    slope = numeric_gradient(layer.forward.map, x, dout)
    true(name, len(np.unique(np.round(slope / dout, 3))) > 1, "is a straight line")
    layer.forward(x)
    dx = layer.backward(dout)

    gradient(f"{name}.backward", dx, slope, x=x, dout=dout)


@_activations
def test_activation_backward_belongs_to_the_latest_forward(student, support, name):
    """Two forwards, then backward twice: the answer of the latest; nothing adds up."""
    layer = getattr(student, name)()

    dx = support.two_inputs(layer, -ACTIVATION_X[:1], ACTIVATION_X, ACTIVATION_DOUT)

    equal(f"{name}.backward, called twice after two forwards", dx, BACKWARD[name])


@_activations
def test_activation_of_huge_numbers(student, name):
    """The activation layer at -1000, 0 and 1000: no overflow, and the right slopes."""
    layer = getattr(student, name)()
    x, dout = np.array([[-1000.0, 0.0, 1000.0]]), np.array([[-4.0, 8.0, -3.0]])

    y = layer.forward(x)
    dx = layer.backward(dout)

    want = {
        "ReLU": ([[0.0, 0.0, 1000.0]], [[0.0, 0.0, -3.0]]),
        "Sigmoid": ([[0.0, 0.5, 1.0]], [[0.0, 2.0, 0.0]]),
        "Tanh": ([[-1.0, 0.0, 1.0]], [[0.0, 8.0, 0.0]]),
    }[name]
    outputs({"y": (y, want[0]), "dx": (dx, want[1])}, call=name, x=x, dout=dout)


@_activations
def test_activation_keeps_the_dtype(student, name):
    """float32 in gives float32 out, and whole numbers are computed in float64."""
    layer = getattr(student, name)()
    want = {
        "ReLU": ([[0, 3], [1, 0]], [[0, 2], [8, 0]]),
        "Sigmoid": ([[0.5, 0.95257413], [0.73105858, 0.5]], [[1, 0.09035332], [1.57289551, -1]]),
        "Tanh": ([[0, 0.99505475], [0.76159416, 0]], [[4, 0.01973207], [3.35979473, -4]]),
    }[name]

    for dtype, kind in (("float32", "float32"), ("int64", "float64")):
        x, dout = np.array([[0, 3], [1, 0]], dtype), np.array([[4, 2], [8, -4]], kind)
        y = layer.forward(x)
        dx = layer.backward(dout)
        pairs = {"y": (y, np.array(want[0], kind)), "dx": (dx, np.array(want[1], kind))}
        outputs(pairs, call=name, x=x, dout=dout)


@_activations
def test_activation_leaves_its_arguments_alone(student, name):
    """The layer changes neither x nor dout; nothing to learn: params and grads are empty."""
    layer = getattr(student, name)()

    y = unchanged(f"{name}.forward", layer.forward, ACTIVATION_X)
    dx = unchanged(f"{name}.backward", layer.backward, ACTIVATION_DOUT)

    outputs({"y": (y, FORWARD[name]), "dx": (dx, BACKWARD[name])}, call=name)
    true(
        name, dict(layer.params) == {} == dict(layer.grads), "params and grads must be empty dicts"
    )


# Flatten


@exercise("Flatten", weight=2)
def test_flatten_example(student):
    """Flatten.forward: (2, 2, 3) to (2, 6), the last axis fastest."""
    x = np.array([[[1.0, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 12]]])

    y = unchanged("Flatten.forward", student.Flatten().forward, x)

    equal("Flatten.forward", y, [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]], x=x)


@exercise("Flatten", weight=2)
def test_flatten_backward_undoes_it(student, rng):
    """Flatten.backward puts every entry back to its place."""
    layer = student.Flatten()
    dout = rng.normal(size=(2, 24))

    layer.forward(np.zeros((2, 3, 4, 2)))
    dx = unchanged("Flatten.backward", layer.backward, dout)

    equal("Flatten.backward", dx, dout.reshape(2, 3, 4, 2), dout=dout)


@exercise("Flatten")
def test_flatten_backward_belongs_to_the_latest_forward(student, support, rng):
    """Flatten may see batches of different sizes."""
    layer = student.Flatten()
    dout = rng.normal(size=(4, 6))

    dx = support.two_inputs(layer, rng.normal(size=(1, 3, 2)), rng.normal(size=(4, 2, 3)), dout)

    equal("Flatten.backward after forward on (1, 3, 2) and (4, 2, 3)", dx, dout.reshape(4, 2, 3))


@exercise("Flatten")
def test_flatten_single_example_and_rows(student, rng):
    """Flatten keeps the axis of the examples, also for one example, and the dtype; rows stay."""
    layer = student.Flatten()
    image = rng.normal(size=(1, 4, 3)).astype(np.float32)
    rows = rng.normal(size=(5, 3))

    y = layer.forward(image)
    dx = layer.backward(y)

    outputs({"y": (y, image.reshape(1, 12)), "dx": (dx, image)}, call="Flatten of (1, 4, 3)")
    equal("Flatten of (5, 3)", layer.forward(rows), rows)
    true(
        "Flatten",
        dict(layer.params) == {} == dict(layer.grads),
        "params and grads must be empty dicts",
    )


# SoftmaxCrossEntropy

SCORES = np.array([[1.0, 2.0, 0.0], [-1.0, 0.5, 4.0], [0.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
LABELS = np.array([1, 0, 2, 0])
# From 50-digit arithmetic, rounded.
CROSS_ENTROPY = 1.8150559342259929
CROSS_ENTROPY_GRAD = [
    [0.06118211776369941, -0.08368976105629453, 0.022507643292595116],
    [-0.24837551417108453, 0.0072804403843696, 0.2410950737867149],
    [0.006072224419815802, 0.1219638877900921, -0.1280361122099079],
    [-0.16666666666666666, 0.08333333333333333, 0.08333333333333333],
]


@exercise("SoftmaxCrossEntropy", weight=2)
def test_cross_entropy_example(student):
    """The loss of four examples and three classes."""
    forward = student.SoftmaxCrossEntropy().forward

    loss = unchanged("SoftmaxCrossEntropy.forward", forward, SCORES, LABELS)

    number("SoftmaxCrossEntropy.forward", loss, CROSS_ENTROPY, pred=SCORES, target=LABELS)


@exercise("SoftmaxCrossEntropy", weight=2)
def test_cross_entropy_backward_example(student):
    """The gradient of the same loss, each row adding up to 0; a second backward gives the same."""
    loss = student.SoftmaxCrossEntropy()

    loss.forward(SCORES, LABELS)
    dpred = loss.backward()
    again = loss.backward()

    equal("SoftmaxCrossEntropy.backward", dpred, CROSS_ENTROPY_GRAD, pred=SCORES, target=LABELS)
    equal("backward, called again", again, CROSS_ENTROPY_GRAD, pred=SCORES, target=LABELS)


@exercise("SoftmaxCrossEntropy")
def test_cross_entropy_of_sequences(student):
    """Two sequences of two scores each, (N, T, C): the mean runs over all four."""
    loss = student.SoftmaxCrossEntropy()
    pred, target = SCORES.reshape(2, 2, 3), LABELS.reshape(2, 2)

    found = loss.forward(pred, target)
    dpred = loss.backward()

    number("SoftmaxCrossEntropy.forward", found, CROSS_ENTROPY, pred=pred, target=target)
    want = np.reshape(CROSS_ENTROPY_GRAD, (2, 2, 3))
    equal("SoftmaxCrossEntropy.backward", dpred, want, pred=pred, target=target)


@exercise("SoftmaxCrossEntropy")
def test_cross_entropy_in_float32(student):
    """Scores in float32: the gradient is float32, the loss still a Python float."""
    loss = student.SoftmaxCrossEntropy()
    pred = SCORES.astype(np.float32)

    found = loss.forward(pred, LABELS)
    dpred = loss.backward()

    number("SoftmaxCrossEntropy.forward", found, CROSS_ENTROPY, rtol=1e-4, pred=pred)
    want = np.array(CROSS_ENTROPY_GRAD, np.float32)
    equal("SoftmaxCrossEntropy.backward", dpred, want, pred=pred, target=LABELS)


@exercise("SoftmaxCrossEntropy")
def test_cross_entropy_of_equal_scores(student, rng):
    """Equal scores say nothing: the loss is log(C), whatever the number of examples."""
    loss = student.SoftmaxCrossEntropy()

    for n_examples, n_classes in ((1, 10), (7, 4)):
        pred = np.full((n_examples, n_classes), 0.3)
        target = rng.integers(n_classes, size=n_examples)
        number("loss of equal scores", loss.forward(pred, target), np.log(n_classes), pred=pred)


@exercise("SoftmaxCrossEntropy", weight=2)
def test_cross_entropy_gradient_agrees_with_its_forward(student, rng):
    """backward is the gradient of the number that forward returns."""
    loss = student.SoftmaxCrossEntropy()
    pred, target = rng.normal(size=(5, 4)) * 2, np.array([3, 0, 0, 1, 2])

    slope = numeric_gradient(lambda preds: [loss.forward(p, target) for p in preds], pred)
    true("SoftmaxCrossEntropy", np.abs(slope).max() > 0, "the loss does not depend on pred")
    loss.forward(pred, target)

    gradient("SoftmaxCrossEntropy.backward", loss.backward(), slope, pred=pred, target=target)


@exercise("SoftmaxCrossEntropy", weight=2)
def test_cross_entropy_of_huge_scores(student):
    """Scores of -1000 and 1000: no overflow, no log of 0, and a hopeless guess costs 2000."""
    loss = student.SoftmaxCrossEntropy()
    pred = np.array([[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 1000.0]])

    number("loss of a hopeless guess", loss.forward(pred[:1], np.array([1])), 2000.0)
    number("loss of huge scores", loss.forward(pred, np.array([0, 2])), np.log(2) / 2)

    want = [[0.0, 0.0, 0.0], [0.0, 0.25, -0.25]]
    equal("SoftmaxCrossEntropy.backward", loss.backward(), want, pred=pred)
    pred = np.array([[1000.0, -1000.0], [-1000.0, -1000.0]])
    number("loss of rows far apart", loss.forward(pred, np.array([0, 1])), np.log(2) / 2)


@exercise("SoftmaxCrossEntropy")
def test_cross_entropy_refuses_wrong_shapes(student):
    """Targets that do not go with pred: ValueError; the ones that do are taken."""
    loss = student.SoftmaxCrossEntropy()

    number("SoftmaxCrossEntropy.forward", loss.forward(SCORES, LABELS), CROSS_ENTROPY)
    raises("forward, pred (4, 3), target (3,)", loss.forward, SCORES, LABELS[:3])
    raises("forward, pred (4, 3), target (4, 1)", loss.forward, SCORES, LABELS[:, None])
    raises("forward, pred (4, 3), target (1,)", loss.forward, SCORES, LABELS[:1])
    raises("forward, pred (4, 3), target (4, 3)", loss.forward, SCORES, np.eye(4, 3, dtype=int))


@exercise("SoftmaxCrossEntropy")
def test_cross_entropy_refuses_labels_out_of_range(student):
    """A class id that does not exist, -1 too: ValueError or IndexError."""
    loss = student.SoftmaxCrossEntropy()
    bad = (ValueError, IndexError)

    number("SoftmaxCrossEntropy.forward", loss.forward(SCORES, LABELS), CROSS_ENTROPY)
    raises("forward, 3 classes, label 3", loss.forward, SCORES, np.array([1, 0, 3, 0]), types=bad)
    raises("forward, 3 classes, label -1", loss.forward, SCORES, np.array([1, 0, -1, 0]), types=bad)


# MeanSquaredError

PRED = np.array([[1.0, 2.0, -1.0], [0.0, 4.0, 0.5]])
TARGET = np.array([[0.0, 5.0, -1.0], [2.0, 3.0, 0.0]])


@exercise("MeanSquaredError")
def test_squared_error_example(student):
    """The mean over all six elements."""
    forward = student.MeanSquaredError().forward

    loss = unchanged("MeanSquaredError.forward", forward, PRED, TARGET)

    number("MeanSquaredError.forward", loss, 15.25 / 6, pred=PRED, target=TARGET)


@exercise("MeanSquaredError")
def test_squared_error_backward_example(student):
    """The gradient of the same loss; a second backward gives the same."""
    loss = student.MeanSquaredError()

    loss.forward(PRED, TARGET)
    dpred = loss.backward()
    again = loss.backward()

    want = np.array([[1.0, -3.0, 0.0], [-2.0, 1.0, 0.5]]) / 3
    equal("MeanSquaredError.backward", dpred, want, pred=PRED, target=TARGET)
    equal("backward, called again", again, want, pred=PRED, target=TARGET)


@exercise("MeanSquaredError")
def test_squared_error_in_the_dtype_of_pred(student):
    """The gradient has the dtype of pred, whatever the target's; whole numbers give float64."""
    loss = student.MeanSquaredError()
    single, whole = PRED.astype(np.float32), np.array([[1, 2]])
    close = np.array([[0.5, 4.25]])

    number("loss in float32", loss.forward(single, TARGET), 15.25 / 6, rtol=1e-4, pred=single)
    want = np.array([[1.0, -3.0, 0.0], [-2.0, 1.0, 0.5]], np.float32) / np.float32(3)
    equal("MeanSquaredError.backward", loss.backward(), want, pred=single, target=TARGET)
    number("loss of whole numbers", loss.forward(whole, close), 2.65625, pred=whole, target=close)
    equal("MeanSquaredError.backward", loss.backward(), [[0.5, -2.25]], pred=whole, target=close)


@exercise("MeanSquaredError")
def test_squared_error_gradient_agrees_with_its_forward(student, rng):
    """backward is the gradient of the number that forward returns."""
    loss = student.MeanSquaredError()
    pred, target = rng.normal(size=(4, 2, 3)), rng.normal(size=(4, 2, 3))

    slope = numeric_gradient(lambda preds: [loss.forward(p, target) for p in preds], pred)
    true("MeanSquaredError", np.abs(slope).max() > 0, "the loss does not depend on pred")
    loss.forward(pred, target)

    gradient("MeanSquaredError.backward", loss.backward(), slope, pred=pred, target=target)


@exercise("MeanSquaredError")
def test_squared_error_refuses_wrong_shapes(student):
    """Shapes that differ, (4,) and (4, 1) too: ValueError, no silent broadcasting."""
    loss = student.MeanSquaredError()
    column = np.arange(4.0)[:, None]

    number("MeanSquaredError.forward", loss.forward(column, column[::-1].copy()), 5.0)
    raises("forward, pred (4, 1), target (4,)", loss.forward, column, column[:, 0])
    raises("forward, pred (4, 1), target (1, 1)", loss.forward, column, column[:1])


# Sequential


def three_layers(student, support):
    """A Sequential of the student's: Scale by (1, 2), a mix of columns, Square."""
    scale = support.Scale([1.0, 2.0])
    mix = support.Mix([[1.0, 0.0, -1.0], [1.0, 1.0, 0.5]], [0.0, 1.0, 2.0])
    return student.Sequential([scale, mix, support.Square()]), scale, mix


@exercise("Sequential", weight=2)
def test_sequential_forward_example(student, support):
    """Each layer's output is the next one's input, in order."""
    net, _, _ = three_layers(student, support)
    x = np.array([[1.0, 2.0], [0.0, -1.0]])

    y = unchanged("Sequential.forward", net.forward, x)

    equal("Sequential.forward", y, [[25.0, 25.0, 9.0], [4.0, 1.0, 1.0]], x=x)


@exercise("Sequential", weight=2)
def test_sequential_gradients_agree_with_its_forward(student, support, rng):
    """backward goes through the layers in reverse; dx is the slope of the whole."""
    net, _, _ = three_layers(student, support)
    x, dout = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))

    slope = numeric_gradient(net.forward.map, x, dout)
    true("Sequential", np.abs(slope).max() > 0, "the output does not depend on x")
    net.forward(x)
    dx = unchanged("Sequential.backward", net.backward, dout)

    gradient("Sequential.backward", dx, slope, x=x, dout=dout)


@exercise("Sequential", weight=2)
def test_sequential_params_and_grads(student, support):
    """Flat keys in params and grads: the layer's number, a dot, the layer's key."""
    net = student.Sequential(
        [support.Square(), support.Scale([3.0, 4.0]), support.Scale([1.0, -1.0])]
    )

    net.forward(np.array([[1.0, 2.0]]))
    net.backward(np.array([[10.0, 1.0]]))
    params, grads = net.params, net.grads

    for what, found in (("params", params), ("grads", grads)):
        keys = sorted(found)
        true(f"Sequential.{what}", keys == ["1.s", "2.s"], f"keys {keys}, expected ['1.s', '2.s']")
    outputs(
        {"1.s": (params["1.s"], [3.0, 4.0]), "2.s": (params["2.s"], [1.0, -1.0])}, call="params"
    )
    outputs(
        {"1.s": (grads["1.s"], [10.0, -4.0]), "2.s": (grads["2.s"], [30.0, 16.0])}, call="grads"
    )


@exercise("Sequential")
def test_sequential_params_can_be_changed_in_place(student, support):
    """net.params holds the layers' own arrays: to change one there is to change the layer."""
    net, scale, _ = three_layers(student, support)
    x = np.array([[1.0, 2.0], [0.0, -1.0]])

    net.ref.params["0.s"][...] = np.array([2.0, 1.0])

    equal("the layer's own parameter", scale.params["s"], [2.0, 1.0])
    equal("Sequential.predict", net.predict(x), [[16.0, 9.0, 1.0], [1.0, 0.0, 2.25]], x=x)


@exercise("Sequential")
def test_sequential_inside_a_sequential(student, support):
    """A Sequential is a layer itself: keys "0.1.s" and "1.s"."""
    inner = student.Sequential([support.Square(), support.Scale([3.0, 4.0])])
    net = student.Sequential([inner, support.Scale([1.0, -1.0])])

    y = net.forward(np.array([[1.0, 2.0]]))
    net.backward(np.array([[10.0, 1.0]]))
    grads = net.grads

    equal("forward", y, [[3.0, -16.0]])
    true("grads", sorted(grads) == ["0.1.s", "1.s"], f"keys {sorted(grads)}, not ['0.1.s', '1.s']")
    equal("grads['0.1.s']", grads["0.1.s"], [10.0, -4.0])


@exercise("Sequential")
def test_sequential_passes_training_on(student, support):
    """Every layer hears whether this is training; predict is forward without it."""
    first, second = support.Probe(), support.Probe()
    net = student.Sequential([first, second])

    y = net.forward(np.ones((1, 2)), training=True)
    net.forward(np.ones((1, 2)))
    scores = net.predict(np.ones((1, 2)))

    equal("forward", y, [[4.0, 4.0]])
    equal("predict", scores, [[4.0, 4.0]])
    for layer in (first, second):
        calls = list(layer.calls)
        told = calls == ["train", "use", "use"]
        true("Sequential.forward", told, f"the layers heard {calls}, not ['train', 'use', 'use']")


# train


@exercise("train", weight=2)
def test_train_full_batch_path(student, support, make_rng):
    """Three steps on one factor, all examples in each: every loss and the factor at the end."""
    net = support.Chain([support.Scale([0.0])])
    x, y = np.array([[1.0], [2.0]]), np.array([[3.0], [6.0]])

    losses = student.train(
        net, support.SquaredLoss(), x, y, lr=0.1, epochs=3, batch_size=2, rng=make_rng(0)
    )

    # The loss is 2.5 (s - 3)^2, its slope 5 (s - 3): each step halves the distance of s from 3.
    equal("losses returned by train", np.array(list(losses), dtype=float), [22.5, 5.625, 1.40625])
    true("losses", all(type(one) is float for one in losses), "must be Python floats")
    equal("the factor after three steps", net.params["0.s"], [2.625])


@exercise("train", weight=2)
def test_train_goes_through_all_examples(student, support, make_rng):
    """Each epoch sees every example once, with its own target, the last batch being shorter."""
    probe, loss = support.Probe(), support.SquaredLoss()
    x = np.arange(7.0)[:, None]

    losses = unchanged(
        "train",
        student.train,
        support.Chain([probe]),
        loss,
        x,
        100 + x,
        lr=0.1,
        epochs=3,
        batch_size=3,
        rng=make_rng(5),
    )

    seen, targets = list(probe.inputs), list(loss.targets)
    sizes = [len(batch) for batch in seen]
    true("train", sizes == [3, 3, 1] * 3, f"batch sizes {sizes}, expected [3, 3, 1] in each epoch")
    true("train", len(losses) == 9, f"{len(losses)} losses for 9 batches")
    equal("targets of the batches", np.concatenate(targets), 100 + np.concatenate(seen))
    epochs = np.concatenate(seen).reshape(3, 7)
    equal("examples seen in each epoch, sorted", np.sort(epochs), np.tile(np.arange(7.0), (3, 1)))
    orders = {tuple(epoch) for epoch in epochs}
    true("train", len(orders) == 3, "the order must be drawn anew for every epoch")


@exercise("train")
def test_train_repeats_itself(student, support, make_rng):
    """The same seed gives the same losses; NumPy's global generator plays no part."""
    x = np.arange(12.0).reshape(6, 2)
    y = np.sin(x)
    results = []

    for seed in (1, 2):
        support.use_global_random(seed)
        state = support.global_random()
        net = support.Chain([support.Scale([0.1, 0.2])])
        losses = student.train(
            net, support.SquaredLoss(), x, y, lr=0.01, epochs=4, batch_size=4, rng=make_rng(9)
        )
        results.append(np.array(list(losses), dtype=float))
        equal("NumPy's global generator after train", support.global_random(), state)
        true("train", not np.array_equal(net.params["0.s"], [0.1, 0.2]), "nothing was learned")

    equal("losses of a second run with the same seed", results[1], results[0])
    true("train", len(results[0]) == 8, f"{len(results[0])} losses, expected 4 * ceil(6 / 4) = 8")


@exercise("train")
def test_train_tells_the_network(student, support, make_rng):
    """Each batch: one forward with training=True, then one backward."""
    probe = support.Probe()
    x = np.arange(4.0)[:, None]

    student.train(
        support.Chain([probe]),
        support.SquaredLoss(),
        x,
        x,
        lr=0.1,
        epochs=1,
        batch_size=2,
        rng=make_rng(5),
    )

    calls = list(probe.calls)
    true("train", calls == ["train", "backward"] * 2, f"the layers heard {calls}")


# All parts together


def two_rings(rng, n=200):
    """Points on a ring of radius 1 (class 0) and of radius 2 (class 1), with noise."""
    y = np.arange(n) % 2
    radius = 1 + y + 0.1 * rng.normal(size=n)
    angle = rng.uniform(0, 2 * np.pi, size=n)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), y


def he_weights(sizes, rng, dtype="float64"):
    """Weights for Dense layers of the given sizes with an activation after each but the last."""
    weights = {}
    for number_, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        scale = np.sqrt(2.0 / n_in)
        weights[f"{2 * number_}.W"] = (scale * rng.normal(size=(n_in, n_out))).astype(dtype)
        weights[f"{2 * number_}.b"] = np.zeros(n_out, dtype)
    return weights


def learn_two_rings(student, support, rng, make_rng):
    """Train a 2-20-2 network; return (losses, trained parameters, new points, their classes)."""
    x, y = two_rings(rng)
    layers = [student.Dense(2, 20, make_rng(1)), student.ReLU(), student.Dense(20, 2, make_rng(2))]
    losses, params = support.learn(
        layers,
        student.Sequential,
        student.SoftmaxCrossEntropy(),
        student.train,
        he_weights((2, 20, 2), rng),
        x,
        y,
        0.3,
        60,
        20,
        make_rng(3),
    )
    return losses, params, *two_rings(rng)


def predictions(params, x):
    """Class ids by a network of Dense, ReLU, Dense with the given parameters."""
    hidden = np.maximum(x @ params["0.W"] + params["0.b"], 0)
    return np.argmax(hidden @ params["2.W"] + params["2.b"], axis=1)


@exercise("mnist")
@pytest.mark.budget(20)
def test_two_rings(student, support, rng, make_rng):
    """A network of all your parts tells two rings apart.

    two rings at least 0.97 (100 seeds: worst 1.000, mean 1.000, std 0.0000).
    """
    losses, params, x, y = learn_two_rings(student, support, rng, make_rng)

    true("train", len(losses) == 600, f"{len(losses)} losses for 60 epochs of 10 batches")
    accuracy("two rings", predictions(params, x), y, RINGS_ACCURACY)
