"""Hidden checks of ch06_layers: the reference on random inputs, memory, precision, and real digits.

Composite exercises (Sequential, train) are checked with the simple layers of support.py.
"""

import itertools
import time

import numpy as np
import pytest

from autograder.suite import (
    accuracy,
    at_most,
    equal,
    exercise,
    fresh,
    number,
    outputs,
    raises,
    true,
    unchanged,
)

DIGITS = (784, 64, 32, 10)  # widths of the network that learns to read digits
DIGITS_ACCURACY = 0.89
DIGITS_LOSS = 0.18
DENSE_COST = 3000.0


def sizes(rng, count):
    """That many different sizes between 3 and 9."""
    return [int(n) for n in rng.permutation(np.arange(3, 10))[:count]]


# Dense


def dense_pair(student, reference, make_rng, rng, n_in, n_out, dtype="float64"):
    """The student's and the reference's layer with the same random parameters."""
    kind = {} if dtype == "float64" else {"dtype": dtype}
    layer = student.Dense(n_in, n_out, make_rng(1), **kind)
    own = reference.Dense(
        n_in, n_out, np.random.default_rng(1), dtype=np.float32 if kind else float
    )
    for name, shape in (("W", (n_in, n_out)), ("b", (n_out,))):
        value = rng.normal(size=shape).astype(own.params[name].dtype)
        layer.ref.params[name] = value
        own.params[name] = value
    return layer, own


def compare_layers(layer, own, x, dout, call, names=("W", "b")):
    """Compare y, dx and the gradients of the parameters after one forward and backward."""
    y = layer.forward(x)
    dx = layer.backward(dout)
    want_y = own.forward(x)
    want_dx = own.backward(dout)
    grads = layer.grads
    pairs = {"y": (y, want_y), "dx": (dx, want_dx)}
    pairs |= {f"d{name}": (grads[name], own.grads[name]) for name in names}
    outputs(pairs, call=call, x=x, dout=dout)


@exercise("Dense", weight=2)
def test_dense_random(student, reference, make_rng, rng):
    """Dense on random numbers of random shape."""
    n, n_in, n_out = sizes(rng, 3)
    layer, own = dense_pair(student, reference, make_rng, rng, n_in, n_out)

    x, dout = rng.normal(size=(n, n_in)), rng.normal(size=(n, n_out))

    compare_layers(layer, own, x, dout, "Dense")


@exercise("Dense")
def test_dense_leading_axes(student, reference, make_rng, rng):
    """Dense with two and three leading axes, and with a single example."""
    a, b, n_in, n_out = sizes(rng, 4)
    layer, own = dense_pair(student, reference, make_rng, rng, n_in, n_out)

    for leading in ((1,), (a, b), (2, a, b)):
        x, dout = rng.normal(size=(*leading, n_in)), rng.normal(size=(*leading, n_out))
        compare_layers(layer, own, x, dout, f"Dense with leading axes {leading}")


@exercise("Dense")
def test_dense_keeps_float32(student, support, reference, make_rng, rng):
    """Dense in float32: parameters, gradients, y and dx are float32."""
    n, n_in, n_out = sizes(rng, 3)
    new = student.Dense(n_in, n_out, make_rng(1), dtype=support.float32)
    params, grads = new.params, new.grads
    equal("b of a new float32 Dense", params["b"], np.zeros(n_out, np.float32))
    equal("grads['W'] of a new float32 Dense", grads["W"], np.zeros((n_in, n_out), np.float32))
    equal("grads['b'] of a new float32 Dense", grads["b"], np.zeros(n_out, np.float32))
    true("Dense", params["W"].dtype == np.float32, f"W has dtype {params['W'].dtype}, not float32")
    x = rng.normal(size=(n, n_in)).astype(np.float32)
    dout = rng.normal(size=(n, n_out)).astype(np.float32)

    layer, own = dense_pair(student, reference, make_rng, rng, n_in, n_out, support.float32)

    compare_layers(layer, own, x, dout, "Dense in float32")


@exercise("Dense")
def test_dense_sees_new_parameters(student, reference, make_rng, rng):
    """Dense: parameters set in place or by assignment count at the next forward."""
    n, n_in, n_out = sizes(rng, 3)
    layer, own = dense_pair(student, reference, make_rng, rng, n_in, n_out)
    x, dout = rng.normal(size=(n, n_in)), rng.normal(size=(n, n_out))

    for name in ("W", "b", "W"):
        value = rng.normal(size=own.params[name].shape)
        layer.ref.params[name][...] = value
        own.params[name] = value
        compare_layers(layer, own, x, dout, f"Dense after {name} was set in place")
        layer.ref.params[name] = -value
        own.params[name] = -value
        compare_layers(layer, own, x, dout, f"Dense after {name} was assigned")


@exercise("Dense")
def test_dense_takes_arrays_as_they_lie(student, support, reference, make_rng, rng):
    """Dense: read-only, strided and column-major arguments; none is changed."""
    n, n_in, n_out = sizes(rng, 3)
    layer, own = dense_pair(student, reference, make_rng, rng, n_in, n_out)
    x, dout = rng.normal(size=(2, n, n_in)), rng.normal(size=(2, n, n_out))
    own.forward(x)

    for made in (support.fortran, support.strided):
        y = layer.forward(made.keep(x))
        dx = layer.backward(made.keep(dout))
        want_dx = own.backward(dout)
        grads = layer.grads
        outputs(
            {
                "y": (y, own.forward(x)),
                "dx": (dx, want_dx),
                "dW": (grads["W"], own.grads["W"]),
                "db": (grads["b"], own.grads["b"]),
            },
            call="Dense on arrays in another memory order",
        )


@exercise("Dense")
def test_dense_two_batches(student, support, reference, make_rng, rng):
    """Dense: gradients of the latest forward only, also after one that was not training."""
    n, n_in, n_out = sizes(rng, 3)
    layer, own = dense_pair(student, reference, make_rng, rng, n_in, n_out)
    first, x, dout = (
        rng.normal(size=(2, n_in)),
        rng.normal(size=(n, n_in)),
        rng.normal(size=(n, n_out)),
    )

    dx = support.two_inputs(layer, first, x, dout)

    own.forward(x)
    want_dx = own.backward(dout)
    grads = layer.grads
    outputs(
        {
            "dx": (dx, want_dx),
            "dW": (grads["W"], own.grads["W"]),
            "db": (grads["b"], own.grads["b"]),
        },
        call="Dense.backward, called twice after two forwards",
    )


@exercise("Dense")
def test_dense_starting_weights(student, support, make_rng, rng):
    """He weights for narrow and wide layers, drawn from rng alone."""
    support.use_global_random(1)
    state = support.global_random()

    for n_in, n_out in ((50, 800), (800, 50)):
        weights = student.Dense(n_in, n_out, make_rng(int(rng.integers(1000)))).params["W"]
        equal("shape of W", np.array(weights.shape), np.array([n_in, n_out]))
        what = f"W of Dense({n_in}, {n_out})"
        equal(f"standard deviation of {what}", np.std(weights), np.sqrt(2 / n_in), rtol=0.04)
        equal(f"mean of {what}", np.mean(weights), 0.0, atol=5 * np.sqrt(2 / n_in) / 200)

    equal("NumPy's global generator after Dense(...)", support.global_random(), state)


def backward_cost(layer, own, dout):
    """How many times as long a layer's backward takes as another one's, best of three each."""
    pairs = [[_seconds(each.backward, dout) for each in (layer, own)] for _ in range(3)]
    theirs, ours = (min(times) for times in zip(*pairs, strict=True))
    return theirs / ours


def _seconds(f, *args):
    start = time.perf_counter()
    f(*args)
    return time.perf_counter() - start


@exercise("Dense")
def test_dense_backward_is_computed(student, reference, make_rng, rng):
    """Dense.backward of 28,800 weights: a few products, not two forwards for every weight.

    Dense: cost at most 3000 (100 seeds: worst 1.308, mean 0.982, std 0.0457).
    Loops over every product come to 1,000 or so, finite differences to 10,000 and more.
    """
    layer, own = dense_pair(student, reference, make_rng, rng, 240, 120)
    x, dout = rng.normal(size=(4, 240)), rng.normal(size=(4, 120))
    compare_layers(layer, own, x, dout, "Dense(240, 120)")

    cost = backward_cost(layer, own, dout)

    slow = (
        f"takes {cost:.0f} times as long as the products it needs, must be at most {DENSE_COST:.0f}"
    )
    true("Dense.backward", cost <= DENSE_COST, slow)


# Activation layers

ACTIVATIONS = ("ReLU", "Sigmoid", "Tanh")


def _activations(test):
    """One check per activation layer, each counting for its own exercise."""
    marked = [pytest.param(name, marks=exercise(name), id=name) for name in ACTIVATIONS]
    return pytest.mark.parametrize("name", marked)(test)


@_activations
def test_activation_random(student, reference, rng, name):
    """The activation layer on random numbers of random shape, in float64 and float32."""
    for dtype, shape in (("float64", sizes(rng, 3)), ("float32", sizes(rng, 2))):
        layer, own = getattr(student, name)(), getattr(reference, name)()
        x = (3 * rng.normal(size=shape)).astype(dtype)
        compare_layers(layer, own, x, rng.normal(size=shape).astype(dtype), name, names=())


@_activations
def test_activation_takes_arrays_as_they_lie(student, support, reference, rng, name):
    """The activation layer: read-only, strided and column-major arguments, and whole numbers."""
    layer, own = getattr(student, name)(), getattr(reference, name)()
    x, dout = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    own.forward(x)
    want_dx = own.backward(dout)

    for made in (support.fortran, support.strided):
        y = layer.forward(made.keep(x))
        dx = layer.backward(made.keep(dout))
        outputs(
            {"y": (y, own.forward(x)), "dx": (dx, want_dx)}, call=f"{name} in another memory order"
        )

    whole = np.array([[-2, 3, 1], [1, -1, 4]])
    compare_layers(layer, own, whole, rng.normal(size=(2, 3)), f"{name} of whole numbers", names=())


@_activations
def test_activation_answers_are_new_arrays(student, reference, rng, name):
    """The answers of the activation layer share no memory with its arguments."""
    layer, own = getattr(student, name)(), getattr(reference, name)()
    x, dout = rng.uniform(0.1, 1.0, size=(2, 3)), rng.normal(size=(2, 3))

    y = fresh(f"{name}.forward", layer.forward, x)
    layer.forward(x)
    dx = fresh(f"{name}.backward", layer.backward, dout)

    want_y = own.forward(x)
    outputs({"y": (y, want_y), "dx": (dx, own.backward(dout))}, call=name)
    layer.forward(-x)
    own.forward(-x)
    equal(f"{name}.backward", layer.backward(dout), own.backward(dout))


# Flatten


@exercise("Flatten", weight=2)
def test_flatten_random(student, support, reference, rng):
    """Flatten on random shapes and memory orders; the dtype stays."""
    layer, own = student.Flatten(), reference.Flatten()

    for shape in (sizes(rng, 3), sizes(rng, 4)):
        x = rng.normal(size=shape).astype(np.float32)
        dout = rng.normal(size=(shape[0], x[0].size)).astype(np.float32)
        compare_layers(layer, own, x, dout, "Flatten", names=())
        for made in (support.fortran, support.strided):
            y = layer.forward(made.keep(x))
            dx = layer.backward(made.keep(dout))
            outputs(
                {"y": (y, x.reshape(len(x), -1)), "dx": (dx, dout.reshape(shape))},
                call="Flatten of an array in another memory order",
                x=x,
            )


# SoftmaxCrossEntropy


@exercise("SoftmaxCrossEntropy", weight=2)
def test_cross_entropy_random(student, reference, rng):
    """SoftmaxCrossEntropy on random scores, with one example and with many."""
    loss, own = student.SoftmaxCrossEntropy(), reference.SoftmaxCrossEntropy()
    n, n_classes = sizes(rng, 2)

    for count in (n, 1, 30):
        pred = 3 * rng.normal(size=(count, n_classes)) + 50
        target = rng.integers(n_classes, size=count)
        found = loss.forward(pred, target)
        number("SoftmaxCrossEntropy.forward", found, own.forward(pred, target), pred=pred)
        equal("SoftmaxCrossEntropy.backward", loss.backward(), own.backward(), pred=pred)


@exercise("SoftmaxCrossEntropy")
def test_cross_entropy_leading_axes(student, reference, rng):
    """SoftmaxCrossEntropy of sequences: pred (N, T, C), target (N, T), the mean over all N*T."""
    loss, own = student.SoftmaxCrossEntropy(), reference.SoftmaxCrossEntropy()
    n, steps, n_classes = sizes(rng, 3)
    pred = rng.normal(size=(n, steps, n_classes))
    target = rng.integers(n_classes, size=(n, steps))

    found = loss.forward(pred, target)

    number(
        "SoftmaxCrossEntropy.forward", found, own.forward(pred, target), pred=pred, target=target
    )
    equal("SoftmaxCrossEntropy.backward", loss.backward(), own.backward(), pred=pred, target=target)
    raises("forward, pred (N, T, C), target (T, N)", loss.forward, pred, target.T.copy())
    raises("forward, pred (N, T, C), target (N*T,)", loss.forward, pred, target.reshape(-1))


@exercise("SoftmaxCrossEntropy", weight=2)
def test_cross_entropy_keeps_float32(student, reference, rng):
    """SoftmaxCrossEntropy in float32, with scores up to 200 and labels of any integer dtype."""
    loss, own = student.SoftmaxCrossEntropy(), reference.SoftmaxCrossEntropy()
    pred = rng.normal(size=(6, 4)).astype(np.float32)
    pred[0] += 200
    pred[1, 2] = -200

    for dtype in ("uint8", "int32", "int64"):
        target = rng.integers(4, size=6).astype(dtype)
        found = loss.forward(pred, target)
        number("loss", found, own.forward(pred, target), rtol=1e-4, pred=pred, target=target)
        equal("SoftmaxCrossEntropy.backward", loss.backward(), own.backward(), pred=pred)


@exercise("SoftmaxCrossEntropy")
def test_cross_entropy_latest_forward(student, reference, rng):
    """backward belongs to the latest forward, may be called twice, and pred and target stay."""
    loss, own = student.SoftmaxCrossEntropy(), reference.SoftmaxCrossEntropy()
    pred, target = rng.normal(size=(5, 3)), rng.integers(3, size=5)
    loss.forward(rng.normal(size=(2, 4)), np.array([3, 1]))
    loss.backward()

    found = unchanged("SoftmaxCrossEntropy.forward", loss.forward, pred, target)
    first, second = loss.backward(), loss.backward()

    number(
        "SoftmaxCrossEntropy.forward", found, own.forward(pred, target), pred=pred, target=target
    )
    want = own.backward()
    outputs({"first": (first, want), "second": (second, want)}, call="backward, called twice")
    number("the same forward again", loss.forward(pred, target), own.forward(pred, target))


@exercise("SoftmaxCrossEntropy")
def test_cross_entropy_of_scores_far_apart(student, reference, rng):
    """A confident guess: tiny losses and gradients keep their digits, large ones are not capped."""
    loss, own = student.SoftmaxCrossEntropy(), reference.SoftmaxCrossEntropy()
    pred = np.array([[0.0, 30.0, 1.0], [700.0, 0.0, -700.0], [0.0, 0.0, -40.0]])

    for target in (np.array([1, 0, 0]), np.array([0, 2, 2])):
        found = loss.forward(pred, target)
        number(
            "SoftmaxCrossEntropy.forward",
            found,
            own.forward(pred, target),
            pred=pred,
            target=target,
        )
        equal(
            "SoftmaxCrossEntropy.backward", loss.backward(), own.backward(), atol=1e-15, pred=pred
        )


@exercise("SoftmaxCrossEntropy")
def test_cross_entropy_takes_arrays_as_they_lie(student, support, reference, rng):
    """SoftmaxCrossEntropy: read-only, strided and column-major scores and labels."""
    loss, own = student.SoftmaxCrossEntropy(), reference.SoftmaxCrossEntropy()
    pred, target = rng.normal(size=(3, 5, 4)), rng.integers(4, size=(3, 5))
    want = own.forward(pred, target)

    for made in (support.fortran, support.strided):
        found = loss.forward(made.keep(pred), made.keep(target))
        number("loss of arrays in another memory order", found, want)
        equal("its gradient", loss.backward(), own.backward())


# MeanSquaredError


@exercise("MeanSquaredError")
def test_squared_error_random(student, reference, rng):
    """MeanSquaredError on random numbers: vectors, a table, three axes."""
    loss, own = student.MeanSquaredError(), reference.MeanSquaredError()

    for shape in (sizes(rng, 2), sizes(rng, 1), sizes(rng, 3)):
        pred, target = rng.normal(size=shape), rng.normal(size=shape)
        found = unchanged("MeanSquaredError.forward", loss.forward, pred, target)
        number("MeanSquaredError.forward", found, own.forward(pred, target), pred=pred)
        first, second = loss.backward(), loss.backward()
        want = own.backward()
        outputs({"first": (first, want), "second": (second, want)}, call="backward, called twice")


@exercise("MeanSquaredError")
def test_squared_error_dtypes(student, rng):
    """MeanSquaredError: the gradient has the dtype of pred, whatever the target's."""
    loss = student.MeanSquaredError()
    pred = rng.normal(size=(4, 3)).astype(np.float32)

    for dtype in ("float64", "float32", "int64"):
        target = np.round(4 * rng.normal(size=(4, 3))).astype(dtype)
        difference = pred.astype(float) - target
        number("loss in float32", loss.forward(pred, target), np.mean(difference**2), rtol=1e-4)
        want = (difference * 2 / 12).astype(np.float32)
        equal("its gradient", loss.backward(), want, pred=pred, target=target)
    number("loss of whole numbers", loss.forward(np.array([1, 2]), np.array([0.5, 4.0])), 2.125)
    equal("its gradient", loss.backward(), [0.5, -2.0])


# Sequential


def mixed(student, support, rng):
    """Mix 4 to 3, Square, Scale, Mix 3 to 5: (student's Sequential, support's Chain) alike."""
    parts = [rng.normal(size=shape) for shape in ((4, 3), (3,), (3,), (3, 5), (5,))]

    def layers():
        a, c, s, b, d = parts
        return [support.Mix(a, c), support.Square(), support.Scale(s), support.Mix(b, d)]

    own = layers()
    return student.Sequential(own), support.Chain(layers()), own


@exercise("Sequential", weight=2)
def test_sequential_random(student, support, rng):
    """Sequential of four layers: forward, backward, params, grads and predict."""
    net, chain, _ = mixed(student, support, rng)

    for n in (6, 2):
        x, dout = rng.normal(size=(n, 4)), rng.normal(size=(n, 5))
        y, want_y = net.forward(x, training=True), chain.forward(x)
        dx, want_dx = net.backward(dout), chain.backward(dout)
        outputs({"y": (y, want_y), "dx": (dx, want_dx)}, call="Sequential", x=x, dout=dout)
        for what in ("params", "grads"):
            found, want = getattr(net, what), getattr(chain, what)
            true(f"Sequential.{what}", sorted(found) == sorted(want), f"keys {sorted(found)}")
            outputs({key: (found[key], want[key]) for key in want}, call=f"Sequential.{what}")
        equal("Sequential.predict", net.predict(x), want_y, x=x)


@exercise("Sequential", weight=2)
def test_sequential_params_are_the_layers_own(student, support, rng):
    """A change of net.params in place changes the layer; a new array in a layer shows in params."""
    net, _, (first, _, scale, _) = mixed(student, support, rng)
    x, factors, offsets = rng.normal(size=(3, 4)), rng.normal(size=3), rng.normal(size=3)
    net.forward(x)

    net.ref.params["2.s"][...] = factors
    first.ref.params["c"] = offsets

    equal("the layer's own parameter", scale.params["s"], factors)
    equal("params after the layer got a new array", net.params["0.c"], offsets)
    middle = (x @ first.params["A"] + offsets) ** 2 * factors
    equal("predict", net.predict(x), middle @ net.params["3.A"] + net.params["3.c"], x=x)


@exercise("Sequential")
def test_sequential_nested(student, support, rng):
    """Sequentials inside a Sequential, two deep; a layer twelve places down."""
    factors = rng.normal(size=(3, 2))
    inner = student.Sequential([support.Square(), support.Scale(factors[0])])
    middle = student.Sequential([inner, support.Scale(factors[1])])
    squares = [support.Probe() for _ in range(10)]
    net = student.Sequential([middle, *squares, support.Square(), support.Scale(factors[2])])
    x, dout = rng.normal(size=(4, 2)), rng.normal(size=(4, 2))

    y, dx = net.forward(x), net.backward(dout)

    keys = ["0.0.1.s", "0.1.s", "12.s"]
    for found in (net.params, net.grads):
        true("Sequential", sorted(found) == keys, f"keys {sorted(found)}, expected {keys}")
    doubled = 1024 * x**2 * factors[0] * factors[1]
    equal("forward", y, doubled**2 * factors[2])
    equal("backward", dx, 4 * 1024**2 * x**3 * (factors[0] * factors[1]) ** 2 * factors[2] * dout)
    equal("grads['12.s']", net.grads["12.s"], (dout * doubled**2).sum(axis=0))


@exercise("Sequential")
def test_sequential_hears_training_when_nested(student, support):
    """`training` reaches the layers of an inner Sequential; predict goes without it."""
    deep = support.Probe()
    net = student.Sequential([student.Sequential([deep])])
    x = np.array([[1.0, -2.0]])

    y = net.forward(x, training=True)
    net.backward(x)
    scores = net.predict(x)

    equal("forward", y, 2 * x)
    equal("predict", scores, 2 * x)
    calls = list(deep.calls)
    true("Sequential", calls == ["train", "backward", "use"], f"the inner layer heard {calls}")


# train


def recorded_run(student, support, rng, make_rng, seed, *, n, batch_size, epochs):
    """Train Mix, Square, Scale by the student's loop; return what it did and what it should give.

    Which examples are in a batch is read from the run; everything else is computed again here.
    """
    x, y = rng.uniform(-1, 1, size=(n, 3)), rng.uniform(-1, 1, size=(n, 2))
    a, c, s = (rng.uniform(-0.5, 0.5, size=shape) for shape in ((3, 2), 2, 2))
    probe, loss = support.Probe(), support.SquaredLoss()
    net = support.Chain([probe, support.Mix(a, c), support.Square(), support.Scale(s)])
    losses = student.train(
        net, loss, x, y, lr=0.05, epochs=epochs, batch_size=batch_size, rng=make_rng(seed)
    )
    batches = list(zip(probe.inputs, loss.targets, strict=True))
    return x, y, batches, losses, net.params, path(a, c, s, batches)


def path(a, c, s, batches, lr=0.05):
    """Losses and final parameters of plain gradient descent along the given batches."""
    a, c, s = a.copy(), c.copy(), s.copy()
    losses = []
    for batch, target in batches:
        x = 2 * batch
        hidden = x @ a + c
        difference = hidden**2 * s - target
        losses.append((difference**2).sum() / len(x))
        dout = 2 * difference / len(x)
        dhidden = 2 * hidden * s * dout
        s -= lr * (dout * hidden**2).sum(axis=0)
        a -= lr * x.T @ dhidden
        c -= lr * dhidden.sum(axis=0)
    return np.array(losses), {"1.A": a, "1.c": c, "3.s": s}


@exercise("train", weight=2)
def test_train_path(student, support, rng, make_rng):
    """The losses and the final parameters of two epochs with a short last batch."""
    _, _, batches, losses, params, (want_losses, want) = recorded_run(
        student, support, rng, make_rng, 3, n=11, batch_size=4, epochs=2
    )

    true("train", len(batches) == 6, f"{len(batches)} batches, expected 2 * ceil(11 / 4) = 6")
    true("train", all(type(loss) is float for loss in losses), "the losses must be Python floats")
    equal("losses returned by train", np.array(list(losses), dtype=float), want_losses)
    outputs({key: (params[key], want[key]) for key in want}, call="parameters after train")


@exercise("train", weight=2)
def test_train_pairs_and_shuffles(student, support, rng, make_rng):
    """Every epoch: each example once, with its own target, in another order; the seed decides."""
    runs = [
        recorded_run(student, support, rng, make_rng, seed, n=10, batch_size=5, epochs=3)
        for seed in (1, 2)
    ]

    for x, y, batches, losses, *_ in runs:
        true("train", len(losses) == 6, f"{len(losses)} losses, expected 3 * ceil(10 / 5) = 6")
        order = _rows_of(x, np.concatenate([batch for batch, _ in batches]))
        equal("targets of the batches", np.concatenate([t for _, t in batches]), y[order])
        epochs = order.reshape(3, 10)
        equal("examples of each epoch, sorted", np.sort(epochs), np.tile(np.arange(10), (3, 1)))
        true("train", len({tuple(e) for e in epochs}) == 3, "the same order in two epochs")
    orders = [_rows_of(run[0], np.concatenate([b for b, _ in run[2]])) for run in runs]
    true("train", not np.array_equal(*orders), "another rng must give another order")


def _rows_of(x, rows):
    """The number of the example that each row is; -1 for a row that is none."""
    same = (rows[:, None] == x[None]).all(axis=-1)
    return np.where(same.any(axis=1), same.argmax(axis=1), -1)


@exercise("train")
def test_train_with_one_large_batch(student, support, make_rng):
    """A batch size above N: one batch of all examples per epoch; float32 and class ids stay."""
    probe, loss = support.Probe(), support.SquaredLoss()
    scale = support.Scale(np.array([0.5], np.float32))
    x = np.array([[1.0], [2.0], [3.0]], np.float32)
    y = np.array([[2], [4], [9]])

    losses = unchanged(
        "train",
        student.train,
        support.Chain([scale, probe]),
        loss,
        x,
        y,
        lr=0.01,
        epochs=2,
        batch_size=64,
        rng=make_rng(4),
    )

    equal("losses", np.array(list(losses), dtype=float), [41 / 3, 6.0177185], rtol=1e-4)
    factor = scale.params["s"]
    equal("the factor at the end", factor, np.array([0.99884444], np.float32))
    kinds = {target.dtype.kind for target in loss.targets}
    true("train", kinds == {"i"}, "the targets must keep their dtype")


# All parts together


def he_weights(widths, rng, dtype):
    """Weights for Dense layers of the given widths with an activation after each but the last."""
    weights = {}
    for layer, (n_in, n_out) in enumerate(itertools.pairwise(widths)):
        scale = np.sqrt(2.0 / n_in)
        weights[f"{2 * layer}.W"] = (scale * rng.normal(size=(n_in, n_out))).astype(dtype)
        weights[f"{2 * layer}.b"] = np.zeros(n_out, dtype)
    return weights


def digits_layers(module, make_rng, dtype):
    """Dense layers of the widths of DIGITS with ReLUs between them, of the module's classes."""
    layers = []
    for number_, (n_in, n_out) in enumerate(itertools.pairwise(DIGITS)):
        layers += [module.Dense(n_in, n_out, make_rng(number_), dtype=dtype), module.ReLU()]
    return layers[:-1]


def learn_digits(student, support, rng, make_rng, data):
    """Train a network on real digits from given weights, the class ids permuted.

    Returns (losses, the weights it began with, the trained parameters, the order of the classes).
    """
    classes = rng.permutation(10)
    weights = he_weights(DIGITS, rng, np.float32)
    losses, params = support.learn(
        digits_layers(student, make_rng, support.float32),
        student.Sequential,
        student.SoftmaxCrossEntropy(),
        student.train,
        weights,
        data.x_train,
        classes[data.y_train],
        lr=0.1,
        epochs=8,
        batch_size=50,
        rng=make_rng(9),
    )
    return losses, weights, params, classes


def compare_first_steps(student, support, reference, rng, make_rng, data):
    """Three steps on one batch: what is trained is this network, and from these weights."""
    weights = he_weights(DIGITS, rng, np.float32)
    chosen = rng.permutation(len(data.x_train))[:50]
    x, y = data.x_train[chosen], rng.permutation(10)[data.y_train[chosen]]
    how = {"lr": 0.1, "epochs": 3, "batch_size": 50}
    layers = digits_layers(student, make_rng, support.float32)
    parts = (layers, student.Sequential, student.SoftmaxCrossEntropy(), student.train)
    _, found = support.learn(*parts, weights, x, y, rng=make_rng(5), **how)

    net = network_of(reference, weights)
    loss = reference.SoftmaxCrossEntropy()
    reference.train(net, loss, x, y, rng=np.random.default_rng(5), **how)
    pairs = {name: (found[name], value) for name, value in net.params.items()}
    outputs(pairs, call="parameters after three steps on 50 digits", rtol=1e-2, atol=1e-4)


def network_of(reference, params):
    """The reference's network for digits with copies of these parameters."""
    layers = digits_layers(reference, np.random.default_rng, np.float32)
    for name, value in params.items():
        number_, key = name.split(".")
        layers[int(number_)].params[key] = np.array(value)
    return reference.Sequential(layers)


def judge_digits(reference, params, classes, data):
    """What the grader's own forward gives: (predictions for the test images, training loss)."""
    net = network_of(reference, params)
    loss = reference.SoftmaxCrossEntropy().forward(net.predict(data.x_train), classes[data.y_train])
    return np.argmax(net.predict(data.x_test), axis=1), loss


@exercise("mnist", weight=2)
@pytest.mark.budget(30)
def test_digits(student, support, reference, rng, make_rng, data):
    """A network of all your parts learns to read 4,000 digits and is tested on 1,000 others.

    digits: accuracy at least 0.89 (100 seeds: worst 0.901, mean 0.926, std 0.0068).
    digits: training loss at most 0.18 (100 seeds: worst 0.171, mean 0.110, std 0.0117).
    """
    compare_first_steps(student, support, reference, rng, make_rng, data)
    losses, weights, params, classes = learn_digits(student, support, rng, make_rng, data)

    true("params", isinstance(params, dict), "the network's parameters must be a plain dict")
    true("train", len(losses) == 640, f"{len(losses)} losses for 8 epochs of 80 batches")
    true("params", sorted(params) == sorted(weights), f"keys {sorted(params)} after training")
    for key, start in weights.items():
        right = type(params[key]) is np.ndarray and params[key].dtype == np.float32
        right = right and params[key].shape == start.shape and np.isfinite(params[key]).all()
        true(f"params[{key!r}]", right, f"must stay finite float32 of shape {start.shape}")
    predictions, loss = judge_digits(reference, params, classes, data)
    accuracy("test images", predictions, classes[data.y_test], DIGITS_ACCURACY)
    at_most("loss on the training images after 8 epochs", loss, DIGITS_LOSS)
