"""Public checks of ch04_softmax: worked examples, far-out scores, slopes, and a given network.

A test with `@each` runs once for each of logsumexp, softmax and log_softmax.
"""

import numpy as np
import pytest

from autograder.suite import (
    equal,
    exercise,
    gradient,
    number,
    numeric_gradient,
    raises,
    true,
    unchanged,
)
from datasets import pretrained

LABELS = (ValueError, IndexError)  # what a class id out of range may raise

# one_hot


@exercise("one_hot", weight=2)
def test_one_hot_example(student):
    """Four labels, five classes: rows with a single 1, in float64."""
    y = np.array([2, 0, 1, 2])

    got = student.one_hot(y, 5)

    want = [[0, 0, 1, 0, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0]]
    equal("one_hot(y, 5)", got, np.array(want, dtype=float), y=y)


@exercise("one_hot")
def test_one_hot_of_sequences(student):
    """Labels (2, 3) give (2, 3, 4); the labels stay as they are."""
    y = np.array([[3, 0, 1], [1, 1, 2]])

    got = unchanged("one_hot(y, 4)", student.one_hot, y, 4)

    want = np.zeros((2, 3, 4))
    for (i, j), label in np.ndenumerate(y):
        want[i, j, label] = 1
    equal("one_hot(y, 4)", got, want, y=y)


@exercise("one_hot")
def test_one_hot_refuses_other_classes(student):
    """A class id above the last class is an error."""
    equal("one_hot([1], 3)", student.one_hot(np.array([1]), 3), [[0.0, 1.0, 0.0]])

    raises("one_hot([0, 3], 3)", student.one_hot, np.array([0, 3]), 3, types=LABELS)


# logsumexp, softmax, log_softmax

X = np.array([[-2.0, 0.5, 1.0], [3.0, 3.0, -1.5]])

# What each function makes of X along the last axis, and along the first: from 60 digits, rounded.
ROWS = {
    "logsumexp": [1.5045969023422836, 3.698686309489935],
    "softmax": [
        [0.03005888756957402, 0.3661922162818002, 0.6037488961486258],
        [0.4972380918793152, 0.4972380918793152, 0.005523816241369523],
    ],
    "log_softmax": [
        [-3.5045969023422834, -1.0045969023422836, -0.5045969023422835],
        [-0.698686309489935, -0.698686309489935, -5.198686309489935],
    ],
}
COLUMNS = {
    "logsumexp": [3.0067153484891183, 3.0788897342925496, 1.0788897342925496],
    "softmax": [
        [0.0066928509242848554, 0.07585818002124355, 0.9241418199787564],
        [0.9933071490757152, 0.9241418199787564, 0.07585818002124355],
    ],
    "log_softmax": [
        [-5.006715348489118, -2.5788897342925496, -0.07888973429254963],
        [-0.006715348489118068, -0.07888973429254963, -2.5788897342925496],
    ],
}

WHOLE = np.array([[2, -1, 0], [1, 1, 4]])
OF_WHOLE = {
    "logsumexp": [2.1698460195562856, 4.094922956420961],
    "softmax": [
        [0.8437947344813395, 0.04201006613406605, 0.11419519938459448],
        [0.04527850074362907, 0.04527850074362907, 0.9094429985127419],
    ],
    "log_softmax": [
        [-0.16984601955628564, -3.1698460195562856, -2.1698460195562856],
        [-3.094922956420961, -3.094922956420961, -0.0949229564209609],
    ],
}

# Rows far from 0, on either side, whose numbers lie close together.
OFFSET = np.array([[1000.0, 1001.0, 999.5], [-1000.0, -999.0, -1000.0]])
OF_OFFSET = {
    "logsumexp": [1001.4643687841079, -998.448555286068],
    "softmax": [
        [0.23122389762214907, 0.6285317192117624, 0.14024438316608848],
        [0.21194155761708544, 0.5761168847658291, 0.21194155761708544],
    ],
    "log_softmax": [
        [-1.464368784107945, -0.46436878410794485, -1.964368784107945],
        [-1.551444713932051, -0.5514447139320511, -1.551444713932051],
    ],
}

# Rows whose numbers lie far apart.
APART = np.array([[-1000.0, 0.0, 1000.0], [1000.0, -1000.0, 990.0]])
OF_APART = {
    "logsumexp": [1000.0, 1000.0000453988993],
    "softmax": [[0.0, 0.0, 1.0], [0.9999546021312976, 0.0, 4.5397868702434395e-05]],
    "log_softmax": [
        [-2000.0, -1000.0, 0.0],
        [-4.539889921686465e-05, -2000.0000453988991, -10.000045398899218],
    ],
}

each = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=exercise(name), id=name) for name in ROWS]
)


@each
def test_worked_example(student, name):
    """Two rows of three numbers, along the last axis."""
    equal(f"{name}(x)", getattr(student, name)(X), ROWS[name], rtol=1e-9, x=X)


@each
def test_along_the_first_axis(student, name):
    """The same numbers with axis=0, which is axis=-2 as well."""
    for axis in (0, -2):
        got = getattr(student, name)(X, axis=axis)

        equal(f"{name}(x, axis={axis})", got, COLUMNS[name], rtol=1e-9, x=X)


@each
def test_any_number_of_dimensions(student, name):
    """One row alone; three dimensions, along each axis in turn; an axis of length 1."""
    alone = getattr(student, name)(X[0])
    equal(f"{name}(x)", alone, np.asarray(ROWS[name])[0], rtol=1e-9, x=X[0])

    rows = np.asarray(ROWS[name])
    x, want = np.stack([X, X[::-1]]), np.stack([rows, rows[::-1]])  # (2, 2, 3)
    for axis in (0, 1, 2):
        moved = np.moveaxis(x, -1, axis)
        answer = want if name == "logsumexp" else np.moveaxis(want, -1, axis)
        got = getattr(student, name)(moved, axis=axis)
        equal(f"{name}(x, axis={axis})", got, answer, rtol=1e-9, x=moved)
    got = getattr(student, name)(X[:, None, :])
    equal(f"{name}(x)", got, rows[:, None], rtol=1e-9, x=X[:, None, :])


@each
def test_far_from_zero(student, name):
    """Numbers near 1000, or near -1000: the right answer, and no NumPy warning."""
    far_out(name, getattr(student, name), OFFSET, OF_OFFSET[name])


@each
def test_far_apart(student, name):
    """Numbers of -1000 and 1000 side by side: the right answer, and no NumPy warning."""
    far_out(name, getattr(student, name), APART, OF_APART[name])


def far_out(name, function, x, want):
    """Compare in float64 and in float32, which near 1000 is exact to 0.00006 only."""
    equal(f"{name}(x)", function(x), want, rtol=1e-9, x=x)
    single = x.astype(np.float32)
    want = np.array(want, dtype=np.float32)
    equal(f"{name}(x)", function(single), want, rtol=1e-3, atol=5e-4, x=single)


@each
def test_dtypes(student, name):
    """float32 stays float32; whole numbers are computed in float64."""
    single = X.astype(np.float32)

    equal(f"{name}(x)", getattr(student, name)(single), np.array(ROWS[name], np.float32), x=single)
    equal(f"{name}(x)", getattr(student, name)(WHOLE), OF_WHOLE[name], rtol=1e-9, x=WHOLE)


@each
def test_leaves_x_alone(student, name):
    """The caller's array is as before after the call."""
    got = unchanged(f"{name}(x)", getattr(student, name), X)

    equal(f"{name}(x)", got, ROWS[name], rtol=1e-9, x=X)


# mean_squared_error

PRED = np.array([[1.0, 2.0, -0.5], [0.25, 3.0, 0.0]])
TARGET = np.array([[0.0, 4.0, -0.5], [1.25, 2.5, 2.0]])


@exercise("mean_squared_error", weight=3)
def test_squared_error_example(student):
    """Six numbers: the mean of the squares, a Python float."""
    got = unchanged("mean_squared_error", student.mean_squared_error, PRED, TARGET)

    number("mean_squared_error", got, 10.25 / 6, rtol=1e-9, pred=PRED, target=TARGET)


@exercise("mean_squared_error", weight=3)
def test_squared_error_gradient_example(student):
    """Six numbers: 2 (pred - target) / 6."""
    got = unchanged("mean_squared_error_grad", student.mean_squared_error_grad, PRED, TARGET)

    want = np.array([[2.0, -4.0, 0.0], [-2.0, 1.0, -4.0]]) / 6
    equal("mean_squared_error_grad", got, want, rtol=1e-9, pred=PRED, target=TARGET)


@exercise("mean_squared_error", weight=2)
def test_squared_error_gradient_agrees_with_the_error(student, support, rng):
    """The gradient is the slope of your own mean_squared_error."""
    pred, target = rng.normal(size=(2, 5, 3))

    slope = numeric_gradient(
        lambda preds: support.values(student.mean_squared_error, preds, target), pred
    )
    true("mean_squared_error", np.abs(slope).max() > 0, "does not depend on pred")
    got = student.mean_squared_error_grad(pred, target)

    gradient("mean_squared_error_grad", got, slope, pred=pred, target=target)


@exercise("mean_squared_error")
def test_squared_error_dtypes(student):
    """The gradient has the dtype of pred, whatever the target's; whole numbers give float64."""
    single, whole = PRED.astype(np.float32), np.array([1, 2])
    want = (np.array([[2.0, -4.0, 0.0], [-2.0, 1.0, -4.0]]) / 6).astype(np.float32)

    got = student.mean_squared_error_grad(single, TARGET)
    equal("mean_squared_error_grad", got, want, pred=single, target=TARGET)
    number("mean_squared_error", student.mean_squared_error(whole, whole[::-1]), 1.0, pred=whole)
    got = student.mean_squared_error_grad(whole, np.array([0.5, 4.25]))
    equal("mean_squared_error_grad", got, [0.5, -2.25], pred=whole)


@exercise("mean_squared_error")
@pytest.mark.parametrize(
    ("one", "other"), [((3,), (3, 1)), ((2, 3), (2, 1)), ((2, 3), (3,))], ids=str
)
def test_squared_error_refuses_other_shapes(student, one, other):
    """pred and target must have one shape: nothing is stretched silently."""
    error = student.mean_squared_error
    number("mean_squared_error", error(np.array([1.0, 3.0]), np.array([0.0, 0.0])), 5.0)

    raises(f"pred {one}, target {other}", error, np.ones(one), np.zeros(other))


# cross_entropy

PROBS = np.array([[0.5, 0.25, 0.125, 0.125], [0.1, 0.2, 0.3, 0.4], [0.01, 0.9, 0.05, 0.04]])
IDS = np.array([1, 3, 0])
COST = 2.3025850929940455  # -(log 0.25 + log 0.4 + log 0.01) / 3


@exercise("cross_entropy", weight=2)
def test_cross_entropy_example(student):
    """Three examples: the mean of -log(p), a Python float."""
    got = unchanged("cross_entropy", student.cross_entropy, PROBS, IDS)

    number("cross_entropy", got, COST, rtol=1e-9, probs=PROBS, y=IDS)
    number("cross_entropy", student.cross_entropy(PROBS[:1], IDS[:1]), np.log(4), rtol=1e-9)


@exercise("cross_entropy", weight=2)
def test_cross_entropy_of_hopeless_guesses(student):
    """p = 0 costs -log of the smallest normal number, and p = 1e-30 costs 69.08."""
    probs = np.array([[1.0, 0.0], [1e-30, 1.0]])

    for dtype, cost in (("float64", 708.3964185322641), ("float32", 87.3365447505531)):
        p = probs.astype(dtype)
        at_zero = student.cross_entropy(p[:1], np.array([1]))
        near_zero = student.cross_entropy(p[1:], np.array([0]))
        number("cross_entropy", at_zero, cost, rtol=1e-5, probs=p[:1], y=1)
        number("cross_entropy", near_zero, 69.07755278982137, rtol=1e-5, probs=p[1:], y=0)


@exercise("cross_entropy")
def test_cross_entropy_of_certainty(student):
    """Whoever is sure and right pays nothing."""
    probs = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])

    sure = unchanged("cross_entropy", student.cross_entropy, probs, np.array([1, 0]))

    equal("cross_entropy", sure, np.float64(0.0), probs=probs)
    nearly = student.cross_entropy(np.array([[1e-12, 1 - 1e-12]]), np.array([1]))
    equal("cross_entropy", nearly, np.float64(1e-12), rtol=1e-3, atol=0, p=1 - 1e-12)


@exercise("cross_entropy")
def test_cross_entropy_of_sequences(student):
    """probs (3, 2, 4) and y (3, 2): the mean over all six."""
    probs = np.stack([PROBS, PROBS[::-1]], axis=1)
    y = np.stack([IDS, np.array([2, 2, 0])], axis=1)

    got = student.cross_entropy(probs, y)

    # The second three give 0.05, 0.3 and 0.5 to their true classes.
    want = (3 * COST - np.log(0.05 * 0.3 * 0.5)) / 6
    number("cross_entropy", got, want, rtol=1e-9, probs=probs, y=y)


@exercise("cross_entropy")
def test_cross_entropy_refuses_other_shapes_and_classes(student):
    """Labels of another shape, or class ids that do not exist, are errors."""
    cost = student.cross_entropy
    number("cross_entropy", cost(PROBS, IDS), COST)

    raises("probs (3, 4), y (3, 1)", cost, PROBS, IDS[:, None])
    raises("probs (3, 4), y (2,)", cost, PROBS, IDS[:2])
    raises("probs (3, 4), y one-hot (3, 4)", cost, PROBS, np.eye(4, dtype=int)[IDS])
    raises("a class id 4 of 4", cost, PROBS, np.array([1, 4, 0]), types=LABELS)
    raises("a class id -1", cost, PROBS, np.array([1, -1, 0]), types=LABELS)


# softmax_cross_entropy

LOGITS = np.array([[1.0, -2.0, 0.5, 3.0], [0.25, 0.0, -1.0, -3.0], [2.0, 2.5, -0.5, 1.0]])
TRUE = np.array([3, 1, 0])
LOSS = 0.7757032403376797
DLOGITS = [
    [0.036851250120579736, 0.0018347157091945577, 0.022351413046870487, -0.06103737887664478],
    [0.15842238268334585, -0.2099538576435058, 0.0453887725687993, 0.00614270239136065],
    [-0.22576084471200927, 0.1773570501321245, 0.008830087580450754, 0.039573706999434036],
]


@exercise("softmax_cross_entropy", weight=2)
def test_loss_example(student):
    """Three examples: the loss, a Python float, and its gradient."""
    loss, dlogits = unchanged("softmax_cross_entropy", student.softmax_cross_entropy, LOGITS, TRUE)

    number("softmax_cross_entropy: loss", loss, LOSS, rtol=1e-9, logits=LOGITS, y=TRUE)
    equal("softmax_cross_entropy: dlogits", dlogits, DLOGITS, rtol=1e-9, logits=LOGITS, y=TRUE)


@exercise("softmax_cross_entropy")
def test_loss_of_equal_scores(student):
    """A network that knows nothing pays log(C), whatever the number of examples."""
    for count in (1, 6):
        loss, dlogits = student.softmax_cross_entropy(
            np.full((count, 5), 7.0), np.arange(count) % 5
        )

        number("softmax_cross_entropy: loss", loss, np.log(5), rtol=1e-9)
        want = (np.full((count, 5), 0.2) - np.eye(5)[np.arange(count) % 5]) / count
        equal("softmax_cross_entropy: dlogits", dlogits, want, rtol=1e-9)


@exercise("softmax_cross_entropy", weight=2)
def test_loss_gradient_agrees_with_the_loss(student, support, rng):
    """dlogits is the slope of the loss that your function returns."""
    logits, y = rng.normal(size=(5, 3)), np.array([2, 0, 1, 1, 0])

    slope = numeric_gradient(
        lambda many: support.values(student.softmax_cross_entropy, many, y), logits
    )
    true("softmax_cross_entropy", np.abs(slope).max() > 0, "the loss does not depend on logits")
    _, dlogits = student.softmax_cross_entropy(logits, y)

    gradient("softmax_cross_entropy: dlogits", dlogits, slope, logits=logits, y=y)


@exercise("softmax_cross_entropy", weight=2)
def test_loss_of_far_scores(student):
    """Scores of 1000 and -1000, right and wrong: exact losses, no NumPy warning."""
    logits = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, 1000.0]])

    for y, want in (([0, 2], 0.0), ([2, 2], 1000.0), ([1, 0], 1500.0)):
        for dtype in ("float64", "float32"):
            loss, dlogits = student.softmax_cross_entropy(logits.astype(dtype), np.array(y))

            number("softmax_cross_entropy: loss", loss, want, logits=logits, y=np.array(y))
            slope = (np.eye(3)[[0, 2]] - np.eye(3)[y]) / 2
            equal("softmax_cross_entropy: dlogits", dlogits, slope.astype(dtype), logits=logits)


@exercise("softmax_cross_entropy")
def test_loss_of_sequences(student):
    """logits (3, 2, 4) and y (3, 2): as six examples in a row."""
    logits = np.stack([LOGITS, LOGITS], axis=1)
    y = np.stack([TRUE, TRUE], axis=1)

    loss, dlogits = student.softmax_cross_entropy(logits, y)

    number("softmax_cross_entropy: loss", loss, LOSS, rtol=1e-9, logits=logits, y=y)
    want = np.stack([np.array(DLOGITS) / 2] * 2, axis=1)
    equal("softmax_cross_entropy: dlogits", dlogits, want, rtol=1e-9, logits=logits, y=y)


@exercise("softmax_cross_entropy")
def test_loss_dtypes(student):
    """The gradient of float32 scores is float32; that of whole numbers is float64."""
    single = LOGITS.astype(np.float32)
    whole = np.array([[0, 0, 0, 0]])

    loss, dlogits = student.softmax_cross_entropy(single, TRUE)
    number("softmax_cross_entropy: loss", loss, LOSS, rtol=1e-4, logits=single, y=TRUE)
    equal("softmax_cross_entropy: dlogits", dlogits, np.array(DLOGITS, np.float32), logits=single)
    loss, dlogits = student.softmax_cross_entropy(whole, np.array([2]))
    number("softmax_cross_entropy: loss", loss, np.log(4), logits=whole)
    equal("softmax_cross_entropy: dlogits", dlogits, [[0.25, 0.25, -0.75, 0.25]], logits=whole)


@exercise("softmax_cross_entropy")
def test_loss_refuses_other_shapes_and_classes(student):
    """Labels of another shape, or class ids that do not exist, are errors."""
    both = student.softmax_cross_entropy
    number("softmax_cross_entropy: loss", both(LOGITS, TRUE)[0], LOSS)

    raises("logits (3, 4), y (3, 1)", both, LOGITS, TRUE[:, None])
    raises("logits (3, 4), y (2,)", both, LOGITS, TRUE[:2])
    raises("logits (3, 4), y one-hot (3, 4)", both, LOGITS, np.eye(4, dtype=int)[TRUE])
    raises("a class id 4 of 4", both, LOGITS, np.array([1, 4, 0]), types=LABELS)
    raises("a class id -1", both, LOGITS, np.array([1, -1, 0]), types=LABELS)


# accuracy


@exercise("accuracy", weight=2)
def test_accuracy_example(student):
    """Five examples, three of them right, two with a best score below 0.5: 0.6."""
    scores = np.array([[0.2, 0.4, 0.3], [3.0, -1.0, 2.0], [-5.0, -4.0, -9.0], [0, 0, 1], [9, 8, 7]])
    y = np.array([1, 0, 1, 0, 2])

    got = unchanged("accuracy", student.accuracy, scores, y)

    number("accuracy", got, 0.6, rtol=1e-9, scores=scores, y=y)


@exercise("accuracy")
def test_accuracy_of_ties(student):
    """The first of several largest scores is the guess."""
    scores = np.array([[5.0, 5.0, 0.0], [0.0, 5.0, 5.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])

    for y, want in (([0, 1, 0, 0], 1.0), ([1, 2, 1, 2], 0.0), ([1, 1, 0, 2], 0.5)):
        number("accuracy", student.accuracy(scores, np.array(y)), want, scores=scores, y=y)


# predict


def _numbers(shape, first, divisor):
    """Weights that anybody can write down: multiples of 1/4 between -1 and 1."""
    steps = np.add.outer(7 * np.arange(shape[0]), 3 * np.arange(shape[1])) + first
    return (steps % 9 - 4) / divisor


SMALL = {
    "W1": _numbers((3, 4), 1, 4),
    "b1": (np.array([2, 0, 5, 3]) - 3) / 2,
    "W2": _numbers((4, 5), 3, 4),
    "b2": (np.array([0, 5, 3, 1, 6]) - 3) / 2,
    "W3": _numbers((5, 10), 2, 4),
    "b3": (np.array([4, 2, 0, 5, 3, 1, 6, 4, 2, 0]) - 3) / 2,
}
INPUTS = np.array([[1.0, -2.0, 0.5], [0.25, 0.0, -1.5], [0.0, 0.0, 0.0]])
# 60 decimal digits, rounded.
PROBABILITIES = [
    [
        0.09813234744294458, 0.07111977455605505, 0.014597078892783104, 0.16179288857291807,
        0.11725668507796573, 0.02406651446061938, 0.2667513768381857, 0.19332359081982842,
        0.039678974302835394, 0.01328076903586459,
    ],
    [
        0.10084471248771013, 0.06849773208632759, 0.014438360849214009, 0.1662648225161265,
        0.11293366788544695, 0.023804832646143102, 0.27412434945151937, 0.18619614042092036,
        0.03924753392915295, 0.013647847727439022,
    ],
    [
        0.09136026110994351, 0.07813514307664494, 0.01452456281153826, 0.15062760578868156,
        0.1288230723796624, 0.023946955655003186, 0.24834293761843304, 0.21239333958929155,
        0.03948185515691647, 0.012364266813885095,
    ],
]  # fmt: skip


@exercise("predict", weight=2)
def test_predict_example(student):
    """A small network 3-4-5-10 on three examples."""
    got = student.predict(SMALL, INPUTS)

    equal("predict", got, PROBABILITIES, rtol=1e-9, x=INPUTS)


@exercise("predict")
def test_predict_does_not_depend_on_the_batch_size(student):
    """Batches of 1, of 2 (the last one shorter), of 3 and of 50 give the same."""
    for batch_size in (1, 2, 3, 50):
        got = student.predict(SMALL, INPUTS, batch_size=batch_size)

        equal("predict", got, PROBABILITIES, rtol=1e-9, x=INPUTS, batch_size=batch_size)


@exercise("predict")
def test_predict_in_float32(student):
    """Parameters and inputs in float32 give probabilities in float32."""
    params = {name: value.astype(np.float32) for name, value in SMALL.items()}

    got = student.predict(params, INPUTS.astype(np.float32), batch_size=2)

    equal("predict", got, np.array(PROBABILITIES, np.float32), params="float32", x="float32")


@exercise("predict")
def test_predict_leaves_its_arguments_alone(student, support):
    """Neither the parameters nor x are changed."""
    got, changed = support.watched(student.predict, SMALL, INPUTS, 2)
    equal("predict", got, PROBABILITIES, rtol=1e-9, x=INPUTS)
    true("predict", list(changed) == [], f"changed the parameters {', '.join(changed)}")

    unchanged("predict", lambda x: student.predict(SMALL, x), INPUTS)


@exercise("predict", weight=2)
@pytest.mark.budget(20)
def test_predict_reads_digits(student, data):
    """The given network knows 935 of the 1,000 test images (datasets/README.md)."""
    probabilities = student.predict(pretrained.digits_network(), data.x_test)

    right = isinstance(probabilities, np.ndarray) and probabilities.shape == (1000, 10)
    true("predict", right, "must give an array of shape (1000, 10) for the test images")
    sums = probabilities.sum(axis=1)
    equal("sum of the probabilities of each image", sums, np.ones(1000), atol=1e-5, dtype="float")
    known = int(np.sum(probabilities.argmax(axis=1) == data.y_test))
    equal("test images that the network knows", known, np.int64(pretrained.CORRECT))
