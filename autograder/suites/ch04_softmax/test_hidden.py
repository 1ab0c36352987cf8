"""Hidden checks of ch04_softmax: the reference on random inputs, memory, precision, real digits.

A test with `@each` runs once for each of logsumexp, softmax and log_softmax.
"""

import numpy as np
import pytest

from autograder.suite import equal, exercise, fresh, number, raises, true, unchanged
from datasets import pretrained

LABELS = (ValueError, IndexError)  # what a class id out of range may raise


def sizes(rng, count):
    """That many different sizes between 3 and 9."""
    return [int(n) for n in rng.permutation(np.arange(3, 10))[:count]]


# one_hot


@exercise("one_hot", weight=2)
def test_one_hot_random(student, reference, rng):
    """one_hot of random labels of one, two and three dimensions, and of a single one."""
    for shape in (sizes(rng, 1), sizes(rng, 2), sizes(rng, 3), [1]):
        width = 10 + int(rng.integers(5))
        y = rng.integers(8, size=shape)

        got = student.one_hot(y, width)

        equal(f"one_hot(y, {width})", got, reference.one_hot(y, width), y=y)


@exercise("one_hot")
def test_one_hot_labels_as_they_come(student, support, reference, rng):
    """Labels of any integer dtype, read-only, strided or column-major."""
    y = rng.integers(6, size=(4, 5))
    want = reference.one_hot(y, 6)

    for dtype in ("uint8", "int16", "int32", "uint32"):
        equal("one_hot(y, 6)", student.one_hot(y.astype(dtype), 6), want, y=y.astype(dtype))
    for made in (support.fortran, support.strided):
        equal("one_hot(y, 6)", student.one_hot(made.keep(y), 6), want, y=y, order="another one")


@exercise("one_hot")
def test_one_hot_refuses_more(student, rng):
    """Class ids far out of range, also in the middle of others, are errors."""
    for wrong in (4, 90):
        y = rng.integers(4, size=(3, 2))
        y[1, 1] = wrong
        raises(f"one_hot with a class id {wrong} of 4", student.one_hot, y, 4, types=LABELS)
    y = rng.integers(4, size=5)
    equal("one_hot(y, 4)", student.one_hot(y, 4), np.eye(4)[y], y=y)


# logsumexp, softmax, log_softmax

each = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=exercise(name), id=name)
        for name in ("logsumexp", "softmax", "log_softmax")
    ],
)


@each
def test_random_arrays(student, reference, rng, name):
    """Random arrays of one, two and three dimensions, along every axis, counted from both ends."""
    function, own = getattr(student, name), getattr(reference, name)
    for count in (1, 2, 3):
        x = 3 * rng.normal(size=sizes(rng, count))
        equal(f"{name}(x)", function(x), own(x), rtol=1e-9, x=x)
        for axis in range(-count, count):
            got = function(x, axis=axis)
            equal(f"{name}(x, axis={axis})", got, own(x, axis=axis), rtol=1e-9, x=x)


@each
def test_random_far_out(student, reference, rng, name):
    """Rows far from 0 on either side, rows with a wide spread, rows of equal numbers."""
    function, own = getattr(student, name), getattr(reference, name)
    x = rng.normal(size=(6, 5)) * np.array([1, 1, 300, 1, 0, 0])[:, None]
    x += np.array([900, -900, 0, 0, 740, -760])[:, None]
    x[3, :2] = 1000, -1000
    x = x[rng.permutation(6)]

    equal(f"{name}(x)", function(x), own(x), rtol=1e-9, x=x)
    columns = np.ascontiguousarray(x.T)
    equal(f"{name}(x, axis=0)", function(columns, axis=0), own(columns, axis=0), rtol=1e-9)


@each
def test_every_dtype(student, reference, rng, name):
    """Short floats stay short; whole numbers are computed in float64."""
    numbers = rng.permutation(np.array([-3, -2, -1, 0, 1, 2, 3, 4])).reshape(2, 4)
    for dtype in ("float64", "float32", "float16", "int64", "int32"):
        x = numbers.astype(dtype)
        loose = {"rtol": 2e-2, "atol": 1e-2} if dtype == "float16" else {}

        got = getattr(student, name)(x)

        equal(f"{name}(x)", got, getattr(reference, name)(x), x=x, **loose)


@each
def test_memory_layouts(student, support, reference, rng, name):
    """Strided, column-major and read-only arrays give the same answers."""
    function, own = getattr(student, name), getattr(reference, name)
    x = rng.normal(scale=2.0, size=(5, 3, 4))

    for made in (support.fortran, support.strided):
        for axis in (0, 1, 2):
            got = function(made.keep(x), axis=axis)
            equal(f"{name}(x, axis={axis})", got, own(x, axis=axis), order="another one")


@each
def test_own_memory(student, reference, rng, name):
    """The answer is new memory: neither x nor later calls reach into it."""
    function, own = getattr(student, name), getattr(reference, name)
    x, other = rng.normal(scale=2.0, size=(2, 4, 3))

    kept = function.keep(x)
    function(other)
    answer = fresh(f"{name}(x)", function, x)

    equal(f"{name}(x), after a second call", kept.value(), own(x), rtol=1e-9, x=x)
    equal(f"{name}(x)", answer, own(x), rtol=1e-9, x=x)


# mean_squared_error


@exercise("mean_squared_error", weight=4)
def test_squared_error_random(student, reference, rng):
    """Random numbers: vectors, tables, three axes, a single number in a row."""
    for shape in (sizes(rng, 1), sizes(rng, 2), sizes(rng, 3), [1, 1]):
        pred, target = rng.normal(size=shape), rng.normal(size=shape)

        error = student.mean_squared_error(pred, target)
        slope = student.mean_squared_error_grad(pred, target)

        want = reference.mean_squared_error(pred, target)
        number("mean_squared_error", error, want, rtol=1e-9, pred=pred, target=target)
        want = reference.mean_squared_error_grad(pred, target)
        equal("mean_squared_error_grad", slope, want, rtol=1e-9, pred=pred, target=target)


@exercise("mean_squared_error")
def test_squared_error_of_many_dtypes(student, rng):
    """The gradient has the dtype of pred, whatever the target's."""
    pred = rng.normal(size=(4, 3)).astype(np.float32)

    for dtype in ("float64", "float32", "int64"):
        target = np.round(4 * rng.normal(size=(4, 3))).astype(dtype)
        difference = pred.astype(float) - target
        got = student.mean_squared_error(pred, target)
        number("mean_squared_error", got, np.mean(difference**2), rtol=1e-4, target=target)
        got = student.mean_squared_error_grad(pred, target)
        want = (difference * 2 / 12).astype(np.float32)
        equal("mean_squared_error_grad", got, want, pred=pred, target=target)
    single = np.array([0.5, 3.0], np.float32)
    got = student.mean_squared_error_grad(np.array([2, -1]), single)
    equal("mean_squared_error_grad", got, [1.5, -4.0], pred="whole numbers", target=single)


@exercise("mean_squared_error")
def test_squared_error_refuses_more(student, rng):
    """Shapes that NumPy would stretch to one another are errors, and so are others."""
    n, d = sizes(rng, 2)
    error = student.mean_squared_error

    for one, other in (((n, 1), (n,)), ((n, d), (1, d)), ((n, d), (n, 1)), ((n, d), (d, n))):
        raises(f"pred {one}, target {other}", error, np.ones(one), np.zeros(other))
    number("mean_squared_error", error(np.ones((n, d)), np.zeros((n, d))), 1.0)


@exercise("mean_squared_error")
def test_squared_error_memory(student, support, reference, rng):
    """Arrays in any memory order; the gradient is new memory; neither argument is changed."""
    pred, target = rng.normal(size=(2, 3, 4))
    want = reference.mean_squared_error_grad(pred, target)

    for made in (support.fortran, support.strided):
        error = student.mean_squared_error(made.keep(pred), made.keep(target))
        number("mean_squared_error", error, reference.mean_squared_error(pred, target))
        slope = student.mean_squared_error_grad(made.keep(pred), made.keep(target))
        equal("mean_squared_error_grad", slope, want, order="another one")
    slope = fresh("mean_squared_error_grad", student.mean_squared_error_grad, pred, target)
    equal("mean_squared_error_grad", slope, want)


# cross_entropy


def probabilities(rng, *shape):
    """Random probabilities along the last axis."""
    x = rng.exponential(size=shape) + 1e-3
    return x / x.sum(axis=-1, keepdims=True)


@exercise("cross_entropy", weight=2)
def test_cross_entropy_random(student, reference, rng):
    """Random probabilities of many examples, of one, and of sequences."""
    n, steps, n_classes = sizes(rng, 3)
    for shape in ((n, n_classes), (1, n_classes), (40, n_classes), (n, steps, n_classes)):
        probs, y = probabilities(rng, *shape), rng.integers(n_classes, size=shape[:-1])

        got = unchanged("cross_entropy", student.cross_entropy, probs, y)

        want = reference.cross_entropy(probs, y)
        number("cross_entropy", got, want, rtol=1e-9, probs=probs, y=y)


@exercise("cross_entropy")
def test_cross_entropy_at_the_limits(student, rng):
    """Probabilities from 1 down to 0: only what is below `tiny` is limited, nothing from above."""
    y = np.array([1])
    single = np.finfo(np.float32).eps
    cases = [
        (np.array([[0.5, 1e-300]]), 690.7755278982137),
        (np.array([[0.5, 1e-15]]), 34.538776394910684),
        (np.array([[1.0, 1e-320]]), 708.3964185322641),
        (np.array([[1.0, 1e-40]], np.float32), 87.3365447505531),
        (np.array([[0.0, 1 + 8 * single]], np.float32), -8 * float(single)),  # rounding may do this
    ]

    for number_ in rng.permutation(len(cases)):
        probs, want = cases[number_]
        number("cross_entropy", student.cross_entropy(probs, y), want, rtol=1e-4, probs=probs, y=y)


@exercise("cross_entropy")
def test_cross_entropy_in_float32(student, reference, rng):
    """float32 probabilities and labels of any integer dtype."""
    probs = probabilities(rng, 6, 4).astype(np.float32)

    for dtype in ("uint8", "int32", "int64"):
        y = rng.integers(4, size=6).astype(dtype)
        got = student.cross_entropy(probs, y)
        number("cross_entropy", got, reference.cross_entropy(probs, y), rtol=1e-4, probs=probs, y=y)


@exercise("cross_entropy")
def test_cross_entropy_refuses_more(student, rng):
    """Labels whose shape does not fit, also of sequences, and ids out of range, are errors."""
    n, steps, n_classes = sizes(rng, 3)
    probs, y = probabilities(rng, n, steps, n_classes), rng.integers(n_classes, size=(n, steps))
    cost = student.cross_entropy
    number("cross_entropy", cost(np.full((2, 4), 0.25), np.array([1, 0])), np.log(4))

    raises("probs (N, T, C), y (T, N)", cost, probs, y.T.copy())
    raises("probs (N, T, C), y (N*T,)", cost, probs, y.reshape(-1))
    raises("probs (N, T, C), y (N,)", cost, probs, y[:, 0].copy())
    for wrong in (-2, n_classes):
        y[1, 1] = wrong
        raises(f"a class id {wrong} of {n_classes}", cost, probs, y, types=LABELS)


@exercise("cross_entropy")
def test_cross_entropy_memory_layouts(student, support, reference, rng):
    """Read-only, strided and column-major probabilities and labels."""
    probs, y = probabilities(rng, 3, 5, 4), rng.integers(4, size=(3, 5))

    for made in (support.fortran, support.strided):
        got = student.cross_entropy(made.keep(probs), made.keep(y))
        number("cross_entropy", got, reference.cross_entropy(probs, y), rtol=1e-9)


# softmax_cross_entropy


def compare(student, reference, logits, y, rtol=None):
    """Compare the loss and its gradient with the reference's."""
    loss, dlogits = student.softmax_cross_entropy(logits, y)
    want, slope = reference.softmax_cross_entropy(logits, y)
    number("softmax_cross_entropy: loss", loss, want, rtol=rtol or 1e-6, logits=logits, y=y)
    equal("softmax_cross_entropy: dlogits", dlogits, slope, rtol=rtol, logits=logits, y=y)


@exercise("softmax_cross_entropy", weight=2)
def test_loss_random(student, reference, rng):
    """Random scores, with one example and with many."""
    n, n_classes = sizes(rng, 2)

    for count in (n, 1, 30):
        logits = 3 * rng.normal(size=(count, n_classes)) + 50
        compare(student, reference, logits, rng.integers(n_classes, size=count), rtol=1e-9)


@exercise("softmax_cross_entropy")
def test_loss_leading_axes(student, reference, rng):
    """Scores (N, T, C) and (A, B, T, C): the mean over all examples."""
    a, b, steps, n_classes = sizes(rng, 4)

    for leading in ((a, steps), (a, b, steps)):
        logits = 2 * rng.normal(size=(*leading, n_classes))
        y = rng.integers(n_classes, size=leading)
        compare(student, reference, logits, y, rtol=1e-9)
    raises("logits (A, B, T, C), y (T, B, A)", student.softmax_cross_entropy, logits, y.T.copy())
    raises("logits (A, B, T, C), y flat", student.softmax_cross_entropy, logits, y.reshape(-1))


@exercise("softmax_cross_entropy")
def test_loss_keeps_float32(student, reference, rng):
    """float32 scores up to 200 and labels of any integer dtype; whole numbers as scores."""
    logits = rng.normal(size=(6, 4)).astype(np.float32)
    logits[0] += 200
    logits[1, 2] = -200

    for dtype in ("uint8", "int32", "int64"):
        compare(student, reference, logits, rng.integers(4, size=6).astype(dtype), rtol=1e-3)
    compare(student, reference, rng.integers(-5, 6, size=(3, 4)), np.array([3, 0, 1]))


@exercise("softmax_cross_entropy", weight=2)
def test_loss_of_scores_far_apart(student, reference, rng):
    """Confident guesses: tiny losses and gradients keep their digits, large ones have no limit."""
    logits = np.array([[0.0, 12.0, 1.0], [900.0, 0.0, -900.0], [0.0, 0.0, -40.0]])
    logits += rng.uniform(0, 1, size=(3, 1))

    for y in ([1, 0, 0], [0, 2, 2]):
        compare(student, reference, logits, np.array(y))
    loss, dlogits = student.softmax_cross_entropy(np.array([[0.0, 25.0]]), np.array([1]))
    equal("softmax_cross_entropy: loss", loss, np.float64(1.388794386e-11), rtol=1e-3, atol=0)
    want = np.array([[1.388794386e-11, -1.388794386e-11]])
    equal("softmax_cross_entropy: dlogits", dlogits, want, rtol=1e-3, atol=0)


@exercise("softmax_cross_entropy")
def test_loss_memory(student, support, reference, rng):
    """Arguments in any memory order stay as they are; the gradient is new memory."""
    logits, y = rng.normal(size=(3, 5, 4)), rng.integers(4, size=(3, 5))
    want, slope = reference.softmax_cross_entropy(logits, y)
    both = student.softmax_cross_entropy

    for made in (support.fortran, support.strided):
        loss, dlogits = both(made.keep(logits), made.keep(y))
        number("softmax_cross_entropy: loss", loss, want, order="another one")
        equal("softmax_cross_entropy: dlogits", dlogits, slope, order="another one")
    unchanged("softmax_cross_entropy", both, logits, y)
    kept = support.gradient_of.keep(both, logits, y)
    both(-logits, y)
    equal("dlogits, after a second call", kept.value(), slope)
    own = fresh("softmax_cross_entropy: dlogits", support.gradient_of, both, logits, y)
    equal("softmax_cross_entropy: dlogits", own, slope)


# accuracy


@exercise("accuracy", weight=2)
def test_accuracy_random(student, reference, rng):
    """Random scores with many ties; some of the guesses are right."""
    for n_classes, count in ((4, 50), (2, 30), (7, 1)):
        scores = rng.integers(-3, 2, size=(count, n_classes)) / 2
        y = rng.integers(n_classes, size=count)

        got = unchanged("accuracy", student.accuracy, scores, y)

        want = reference.accuracy(scores, y)
        number("accuracy", got, want, rtol=1e-9, scores=scores, y=y)


@exercise("accuracy")
def test_accuracy_of_arrays_as_they_come(student, support, reference, rng):
    """float32 scores, labels of any integer dtype, and any memory order."""
    scores, y = rng.normal(size=(40, 3)).astype(np.float32), rng.integers(3, size=40)
    want = reference.accuracy(scores, y)

    for dtype in ("uint8", "int32"):
        number("accuracy", student.accuracy(scores, y.astype(dtype)), want, y=y.astype(dtype))
    for made in (support.fortran, support.strided):
        number("accuracy", student.accuracy(made.keep(scores), made.keep(y)), want)


# predict


def network(rng, widths, dtype="float64"):
    """Random parameters of a network of these widths, ten at the end."""
    params = {}
    for layer, (n_in, n_out) in enumerate(zip(widths, [*widths[1:], 10], strict=True), 1):
        params[f"W{layer}"] = (2 * rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)).astype(dtype)
        params[f"b{layer}"] = rng.normal(size=n_out).astype(dtype)
    return params


@exercise("predict", weight=2)
def test_predict_random(student, reference, rng):
    """Random networks of random widths; batches of many sizes."""
    for _ in range(3):
        params = network(rng, sizes(rng, 3))
        x = rng.normal(size=(23, len(params["W1"])))
        want = reference.predict(params, x)

        equal("predict", student.predict(params, x), want, rtol=1e-9, x=x)
        for batch_size in (1, int(rng.integers(2, 22)), 23, 24, 1000):
            got = student.predict(params, x, batch_size=batch_size)
            equal("predict", got, want, rtol=1e-9, x=x, batch_size=batch_size)


@exercise("predict")
def test_predict_more_than_one_batch(student, reference, rng):
    """More examples than the batches that nobody asked for hold: 100 each, the last one shorter."""
    params = network(rng, (4, 6, 5), "float32")
    x = rng.normal(size=(257, 4)).astype(np.float32)

    got = student.predict(params, x)

    equal("predict", got, reference.predict(params, x), rtol=1e-3, x=x, params="float32")


@exercise("predict")
def test_predict_far_out(student, reference, rng):
    """Units that are off or on for certain, scores near 900 or -900: no NumPy warning."""
    params = network(rng, sizes(rng, 3))
    for layer in (1, 2):
        params[f"b{layer}"][:2] = rng.permutation([-900.0, 900.0])
    x = rng.normal(size=(6, len(params["W1"])))

    for offset in (-900, 900):
        b3 = params["b3"] + offset
        got = student.predict({**params, "b3": b3}, x, batch_size=4)
        want = reference.predict({**params, "b3": b3}, x)
        equal("predict", got, want, x=x, scores=f"near {offset}")


@exercise("predict")
def test_predict_memory(student, support, reference, rng):
    """Arguments in any memory order stay as they are; the answer is new memory."""
    params = network(rng, sizes(rng, 3))
    x = rng.normal(size=(8, len(params["W1"])))
    want = reference.predict(params, x)

    for made in (support.fortran, support.strided):
        got = support.predict_from(student.predict, params, x, made)
        equal("predict", got, want, order="another one")
    got, changed = support.watched(student.predict, params, x, 3)
    equal("predict", got, want)
    true("predict", list(changed) == [], f"changed the parameters {', '.join(changed)}")
    equal("predict", fresh("predict", student.predict, params, x), want)


def disguised(params, rng):
    """The same network with its units and classes in another order, and another temperature.

    Returns (parameters, the order of the classes): it knows the same images, but its answers
    cannot be written down beforehand.
    """
    first, second, classes = rng.permutation(50), rng.permutation(100), rng.permutation(10)
    heat = np.float32(rng.uniform(0.5, 1.5))
    return {
        "W1": params["W1"][:, first],
        "b1": params["b1"][first],
        "W2": params["W2"][first][:, second],
        "b2": params["b2"][second],
        "W3": heat * params["W3"][second][:, classes],
        "b3": heat * params["b3"][classes],
    }, classes


@exercise("predict", weight=2)
@pytest.mark.budget(20)
def test_predict_digits(student, reference, rng, data):
    """The given network in disguise still knows 935 of the 1,000 test images."""
    params, classes = disguised(pretrained.digits_network(), rng)
    order = rng.permutation(1000)
    x, y = data.x_test[order], data.y_test[order]

    got = student.predict(params, x, batch_size=int(rng.integers(30, 300)))

    # The labels stay here: what counts is that every probability is the network's own.
    want = reference.predict(params, x)
    equal("predict", got, want, rtol=1e-3, atol=1e-5, dtype="float", x=x)
    known = int(np.sum(classes[got.argmax(axis=1)] == y))
    equal("test images that the network knows", known, np.int64(pretrained.CORRECT))
