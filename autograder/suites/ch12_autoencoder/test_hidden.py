"""Hidden checks of ch12_autoencoder: the reference on random inputs, memory, precision, digits.

What works on any model (reconstruction_error, interpolate) is checked with support.py's own.
"""

import numpy as np
import pytest

from autograder.suite import at_least, at_most, equal, exercise, fresh, number, outputs, true

DIGITS = (784, 256, 16)  # n_in, hidden, code of the network that learns to restore digits
DIGITS_ERROR = 0.90  # of PCA's with as many components
BATCH_ERROR = 0.5  # of the first loss
MAP_ERROR = 0.75  # of that of the map of the first two principal components


def sizes(rng, count):
    """That many different sizes between 3 and 9."""
    return [int(n) for n in rng.permutation(np.arange(3, 10))[:count]]


# Autoencoder


def model_pair(student, reference, make_rng, rng, widths, kind=None):
    """The student's and the reference's Autoencoder with the same random parameters."""
    model = student.Autoencoder(*widths, make_rng(1), **({} if kind is None else {"dtype": kind}))
    dtype = np.float64 if kind is None else np.float32
    own = reference.Autoencoder(*widths, np.random.default_rng(1), dtype=dtype)
    for key, value in own.params.items():
        value[...] = rng.normal(size=value.shape)
        model.ref.params[key][...] = value.copy()
    return model, own


def compare_models(model, own, x, dout, call, made=None):
    """Compare everything that one forward and backward give."""
    y = model.forward(x if made is None else made.keep(x))
    dx = model.backward(dout if made is None else made.keep(dout))
    want_y = own.forward(x)
    want_dx = own.backward(dout)
    grads, want = model.grads, own.grads
    true(call, sorted(grads) == sorted(want), f"grads has keys {sorted(grads)}")
    pairs = {"y": (y, want_y), "dx": (dx, want_dx)}
    pairs |= {key: (grads[key], want[key]) for key in want}
    outputs(pairs, call=call, x=x, dout=dout)


@exercise("Autoencoder", weight=2)
def test_autoencoder_random(student, reference, make_rng, rng):
    """Autoencoder of random sizes on random numbers: forward, backward, encode, decode, predict."""
    n_in, hidden, code, n = sizes(rng, 4)
    model, own = model_pair(student, reference, make_rng, rng, (n_in, hidden, code))

    for count in (n, 1, 2 * n):
        x, dout = rng.normal(size=(count, n_in)), rng.normal(size=(count, n_in))
        compare_models(model, own, x, dout, "Autoencoder")

    x, z = rng.normal(size=(n, n_in)), rng.normal(size=(n, code))
    outputs(
        {
            "encode(x)": (model.encode(x), own.encode(x)),
            "decode(z)": (model.decode(z), own.decode(z)),
            "predict(x)": (model.predict(x), own.predict(x)),
        },
        call="Autoencoder",
        x=x,
        z=z,
    )


@exercise("Autoencoder")
def test_autoencoder_keeps_float32(student, support, reference, make_rng, rng):
    """Autoencoder in float32: parameters, codes, y, dx and grads, also with noise."""
    n_in, hidden, code, n = sizes(rng, 4)
    widths = n_in, hidden, code
    model, own = model_pair(student, reference, make_rng, rng, widths, support.float32)
    x, dout = (rng.normal(size=(n, n_in)).astype(np.float32) for _ in range(2))

    compare_models(model, own, x, dout, "Autoencoder in float32")

    equal("encode(x)", model.encode(x), own.encode(x), x=x)
    noisy = student.Autoencoder(*widths, make_rng(1), noise=0.1, dtype=support.float32)
    kinds = {str(value.dtype) for value in noisy.params.values()}
    kinds |= {str(value.dtype) for value in noisy.grads.values()}
    y = noisy.forward(x, training=True)
    dx = noisy.backward(dout)
    kinds |= {str(y.dtype), str(dx.dtype)} | {str(value.dtype) for value in noisy.grads.values()}
    true("Autoencoder in float32, with noise", kinds == {"float32"}, f"dtypes {sorted(kinds)}")
    true("Autoencoder in float32", not np.array_equal(y, noisy.predict(x)), "there is no noise")


@exercise("Autoencoder")
def test_autoencoder_takes_arrays_as_they_lie(student, support, reference, make_rng, rng):
    """Autoencoder: read-only, strided and column-major arguments, and huge numbers."""
    n_in, hidden, code, n = sizes(rng, 4)
    model, own = model_pair(student, reference, make_rng, rng, (n_in, hidden, code))
    x, dout = rng.normal(size=(n, n_in)), rng.normal(size=(n, n_in))

    for made in (support.fortran, support.strided):
        compare_models(model, own, x, dout, "Autoencoder, arrays in another memory order", made)
    compare_models(model, own, 1000 * x, dout, "Autoencoder on numbers of the size of 1000")


@exercise("Autoencoder", weight=2)
def test_autoencoder_learns_from_what_it_saw(student, reference, make_rng, rng):
    """With noise: the gradients are those of the noisy input, of the size that was asked for."""
    width = 3 + int(rng.integers(3))
    size = float(rng.uniform(0.2, 0.6))
    n = 1500
    model = student.Autoencoder(width, width + 3, width + 1, make_rng(3), noise=size)
    values = open_model(width, rng.uniform(2, 6, size=width))
    for key, value in values.items():
        model.ref.params[key][...] = value
    x, dout = rng.uniform(-1, 1, size=(n, width)), rng.normal(size=(n, width))

    y = model.forward(x, training=True)
    dx = model.backward(dout)

    seen = np.log(y / (1 - y))
    equal("standard deviation of the noise", np.std(seen - x), size, rtol=0.06)
    own = reference.Autoencoder(width, width + 3, width + 1, np.random.default_rng(1))
    for key, value in values.items():
        own.params[key][...] = value
    want_y = own.forward(seen)
    want_dx = own.backward(dout)
    grads = model.grads
    pairs = {"y": (y, want_y), "dx": (dx, want_dx)}
    pairs |= {key: (grads[key], want) for key, want in own.grads.items()}
    outputs(pairs, call="Autoencoder with noise, while training", rtol=1e-5, atol=1e-6, x=x)
    equal("predict(x)", model.predict(x), 1 / (1 + np.exp(-x)))


def open_model(width, stretch):
    """Parameters under which y = sigmoid(x): stretched, all ReLUs open, and shrunk again."""
    hidden, code = width + 3, width + 1
    return {
        "encoder.0.W": np.pad(np.diag(stretch), ((0, 0), (0, 3))),
        "encoder.0.b": np.full(hidden, 100.0),
        "encoder.2.W": np.eye(hidden, code),
        "encoder.2.b": np.full(code, -100.0),
        "decoder.0.W": np.eye(code, hidden),
        "decoder.0.b": np.full(hidden, 100.0),
        "decoder.2.W": np.pad(np.diag(1 / stretch), ((0, 3), (0, 0))),
        "decoder.2.b": -100.0 / stretch,
    }


@exercise("Autoencoder")
def test_autoencoder_draws_from_its_rng(student, support, make_rng, rng):
    """The same seed gives the same weights and noise, another seed others; nothing else counts."""
    x = rng.uniform(size=(4, 6))
    answers, weights = [], []

    for seed, state in ((7, 1), (7, 2), (8, 1)):
        support.use_global_random(state)
        before = support.global_random()
        model = student.Autoencoder(6, 5, 3, make_rng(seed), noise=0.2)
        weights.append(model.params["decoder.2.W"])
        answers.append((model.forward(x, training=True), model.forward(x, training=True)))
        equal("NumPy's global generator", support.global_random(), before)

    equal("weights, the same seed again", weights[1], weights[0])
    equal("first training step, the same seed again", answers[1][0], answers[0][0])
    equal("second training step, the same seed again", answers[1][1], answers[0][1])
    true("Autoencoder", not np.array_equal(weights[0], weights[2]), "weights ignore the rng")
    true("Autoencoder", not np.array_equal(answers[0][0], answers[0][1]), "the same noise twice")
    noise_differs(student.Autoencoder, (6, 5, 3), x, make_rng)


def noise_differs(kind, shape, x, make_rng):
    """Check that two models with the same parameters and other seeds have other noise."""
    one, two = (kind(*shape, make_rng(seed), noise=0.2) for seed in (7, 8))
    for key, value in one.params.items():
        two.ref.params[key][...] = value
    equal("predict, the same parameters", two.predict(x), one.predict(x))
    same = np.array_equal(two.forward(x, training=True), one.forward(x, training=True))
    true("forward, training=True", not same, "another seed gives the same noise")


# Upsample


@exercise("Upsample", weight=2)
def test_upsample_random(student, reference, rng):
    """Upsample on random shapes with factors 1, 2, 3 and 4, in float64 and float32."""
    for factor, dtype in ((2, "float32"), (3, "float64"), (4, "float32"), (1, "float64")):
        layer, own = student.Upsample(factor=factor), reference.Upsample(factor=factor)
        n, c, h, w = sizes(rng, 4)
        x = rng.normal(size=(n, c, h, w)).astype(dtype)
        dout = rng.normal(size=(n, c, factor * h, factor * w)).astype(dtype)
        y, dx = layer.forward(x), layer.backward(dout)
        pairs = {"y": (y, own.forward(x)), "dx": (dx, own.backward(dout))}
        outputs(pairs, call=f"Upsample({factor})", x=x, dout=dout)


@exercise("Upsample")
def test_upsample_takes_arrays_as_they_lie(student, support, reference, rng):
    """Upsample: read-only, strided and column-major arguments, whole numbers, new arrays."""
    layer, own = student.Upsample(factor=2), reference.Upsample(factor=2)
    x, dout = rng.normal(size=(3, 2, 4, 5)), rng.normal(size=(3, 2, 8, 10))

    for made in (support.fortran, support.strided):
        y, dx = layer.forward(made.keep(x)), layer.backward(made.keep(dout))
        pairs = {"y": (y, own.forward(x)), "dx": (dx, own.backward(dout))}
        outputs(pairs, call="Upsample of arrays in another memory order")
    whole = np.arange(12).reshape(1, 2, 2, 3)
    equal("Upsample of whole numbers", layer.forward(whole), own.forward(whole), x=whole)
    equal("Upsample.forward", fresh("Upsample.forward", layer.forward, x), own.forward(x))
    layer.forward(x)
    equal("Upsample.backward", fresh("Upsample.backward", layer.backward, dout), own.backward(dout))


@exercise("Upsample")
def test_upsample_two_batches(student, support, reference, rng):
    """Upsample: images of another size in the next batch; backward twice."""
    layer, own = student.Upsample(factor=2), reference.Upsample(factor=2)
    x1, x2 = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(3, 2, 3, 2))
    dout1, dout2 = rng.normal(size=(2, 3, 8, 10)), rng.normal(size=(3, 2, 6, 4))

    dx = support.two_inputs(layer, x1, dout1, x2, dout2)

    equal("Upsample.backward, called twice after two forwards", dx, own.backward(dout2))


# ConvAutoencoder


@exercise("ConvAutoencoder", weight=2)
def test_conv_autoencoder_keeps_float32(student, support, make_rng, rng):
    """ConvAutoencoder in float32, of one, two and three stages, with noise: dtypes and shapes."""
    for channels, side in (((5,), 6), ((2, 3), 8), ((2, 3, 4), 8)):
        shape = (int(rng.integers(1, 4)), side, 2 * side)
        code, n = sizes(rng, 2)
        model = student.ConvAutoencoder(
            shape, channels, code, make_rng(2), noise=0.1, dtype=support.float32
        )
        x, dout = (rng.uniform(size=(n, *shape)).astype(np.float32) for _ in range(2))
        y = model.forward(x, training=True)
        codes = model.encode(x)
        model.forward(x)
        dx = model.backward(dout)
        call = f"ConvAutoencoder({shape}, {channels}, {code})"
        for name, value, want in (
            ("y", y, x.shape),
            ("codes", codes, (n, code)),
            ("dx", dx, x.shape),
            ("predict(x)", model.predict(x), x.shape),
            ("decode(codes)", model.decode(codes), x.shape),
        ):
            true(call, value.shape == want, f"{name} has shape {value.shape}, expected {want}")
            true(call, value.dtype == np.float32, f"{name} has dtype {value.dtype}, not float32")
        params, grads = model.params, model.grads
        true(call, sorted(params) == sorted(grads), f"grads has keys {sorted(grads)}")
        kinds = {str(value.dtype) for value in (*params.values(), *grads.values())}
        true(call, kinds == {"float32"}, f"dtypes of params and grads: {sorted(kinds)}")
        depth = sum(value.ndim == 4 for value in params.values())
        true(call, depth > len(channels), f"only {depth} arrays of filters (four axes)")


def learn_batch(student, support, rng, make_rng):
    """Fifty steps on eight small images: (error afterwards over the first loss, before, after)."""
    x = np.zeros((8, 2, 4, 4))
    for image in x:
        image[rng.integers(2), :, rng.integers(4)] = 1
        image[rng.integers(2), rng.integers(4)] = 0.6
    model = student.ConvAutoencoder((2, 4, 4), (9,), 6, make_rng(4))
    start = {key: np.array(value) for key, value in model.params.items()}
    losses, params = support.learn(model, {}, x, 0.02, 50, 8, make_rng(5))
    return float(np.mean((model.predict(x) - x) ** 2) / losses[0]), start, params


@exercise("ConvAutoencoder", weight=2)
def test_conv_autoencoder_learns_a_batch(student, support, make_rng, rng):
    """Fifty steps on eight small images halve the error; every array of parameters takes part.

    a batch of images at most 0.5 (100 seeds: worst 0.321, mean 0.127, std 0.0412).
    """
    error, start, params = learn_batch(student, support, rng, make_rng)

    at_most("error after training over the first loss", error, BATCH_ERROR)
    for key, value in start.items():
        true(key, not np.array_equal(params[key], value), "was not trained")


@exercise("ConvAutoencoder")
def test_conv_autoencoder_draws_from_its_rng(student, support, make_rng, rng):
    """ConvAutoencoder: seeds decide weights and noise; batches of other sizes; memory orders."""
    x = rng.uniform(size=(3, 1, 4, 8))
    answers = []

    for seed, state in ((7, 1), (7, 2), (8, 1)):
        support.use_global_random(state)
        before = support.global_random()
        model = student.ConvAutoencoder((1, 4, 8), (8, 9), 5, make_rng(seed), noise=0.2)
        answers.append(model.forward(x, training=True))
        equal("NumPy's global generator", support.global_random(), before)

    equal("the first step, the same seed again", answers[1], answers[0])
    noise_differs(student.ConvAutoencoder, ((1, 4, 8), (8, 9), 5), x, make_rng)
    y = model.predict(x)
    for made in (support.fortran, support.strided):
        equal("predict, arrays in another memory order", model.predict(made.keep(x)), y)
    equal("predict, one image", model.predict(x[1:2]), y[1:2])


# reconstruction_error


@exercise("reconstruction_error", weight=2)
def test_reconstruction_error_random(student, support, rng):
    """Rows and images of random size, in float64 and float32: a Python float, without noise."""
    n, a, b = sizes(rng, 3)
    for shape, dtype in (((a,), "float64"), ((2, a, b), "float64"), ((b,), "float32")):
        size = int(np.prod(shape))
        parts = [rng.normal(size=part).astype(dtype) for part in ((size, 2), (2, size), size)]
        model = support.Model(*parts, shape)
        x = rng.normal(size=(n, *shape)).astype(dtype)
        rows = x.reshape(n, -1).astype(float)
        difference = ((rows @ parts[0]) ** 2 @ parts[1] + parts[2]) ** 2 - rows
        error = student.reconstruction_error(model, x)
        rtol = 1e-6 if dtype == "float64" else 1e-4
        number("reconstruction_error", error, np.mean(difference**2), rtol=rtol, x=x)


# nearest_neighbours


def nearest(codes, queries, k):
    """The same by plain loops."""
    rows = []
    for query in queries:
        squares = [float(np.sum((code - query) ** 2)) for code in codes.astype(float)]
        rows.append(sorted(range(len(codes)), key=squares.__getitem__)[:k])
    return np.array(rows)


def check_neighbours(what, student, codes, queries, k, made=None):
    given = (codes, queries) if made is None else (made.keep(codes), made.keep(queries))
    found = student.nearest_neighbours(*given, k=k)
    true(what, type(found) is np.ndarray and found.dtype.kind in "iu", "must be whole numbers")
    want = nearest(codes, queries, k)
    equal(what, found.astype(np.int64), want, codes=codes, queries=queries)


@exercise("nearest_neighbours", weight=2)
def test_nearest_neighbours_random(student, support, rng):
    """Random codes and queries, every k up to all codes; float32; arrays in any memory order."""
    n, m, dim = sizes(rng, 3)
    codes, queries = rng.normal(size=(2 * n, dim)), rng.normal(size=(m, dim))

    for k in (1, 3, 2 * n):
        check_neighbours("nearest_neighbours", student, codes, queries, k)
    check_neighbours("nearest_neighbours, one query", student, codes, queries[:1], 2)
    check_neighbours(
        "nearest_neighbours, codes of one number", student, codes[:, :1], queries[:, :1], 3
    )
    for made in (support.fortran, support.strided):
        check_neighbours("another memory order", student, codes, queries, 4, made)
    single = codes.astype(np.float32), queries.astype(np.float32)
    check_neighbours("nearest_neighbours in float32", student, *single, 3)


@exercise("nearest_neighbours")
def test_nearest_neighbours_of_long_codes(student, rng):
    """Lengths and angles of the codes differ widely: only the distance counts."""
    codes = rng.normal(size=(12, 4)) * np.geomspace(0.05, 20, 12)[rng.permutation(12), None]
    queries = np.concatenate([codes[[3, 8]], rng.normal(size=(3, 4)), 15 * rng.normal(size=(2, 4))])

    check_neighbours("nearest_neighbours", student, codes, queries, 5)


# pairwise_affinities


@exercise("pairwise_affinities", weight=2)
def test_affinities_random(student, reference, rng):
    """Random points of uneven density, several perplexities: the reference's numbers."""
    n = 12 + int(rng.integers(8))
    x = rng.normal(size=(n, 4)) * rng.uniform(0.2, 3, size=(n, 1))

    for perplexity in (2.0, 5.5, 0.6 * n):
        P = student.pairwise_affinities(x, perplexity=perplexity)
        want = reference.pairwise_affinities(x, perplexity)
        equal("pairwise_affinities", P, want, rtol=0.02, atol=2e-3 * want.max(), dtype="float", x=x)
        equal("sum of the rows", P.sum(axis=1), want.sum(axis=1), rtol=5e-3)


@exercise("pairwise_affinities")
def test_affinities_of_far_and_close_points(student, reference, rng):
    """An outlier, and data of any scale: 0.001, 1000 or far from 0."""
    x = rng.normal(size=(10, 3))
    x[4] = 200.0

    for scale, shift in ((1.0, 0.0), (1e-3, 0.0), (1e3, 0.0), (1.0, 500.0)):
        P = student.pairwise_affinities(scale * x + shift, perplexity=4.0)
        want = reference.pairwise_affinities(x, 4.0)
        call = f"pairwise_affinities of {scale:g} x + {shift:g}"
        equal(call, P, want, rtol=0.02, atol=1e-3 * want.max(), dtype="float", x=x)


@exercise("pairwise_affinities")
def test_affinities_take_arrays_as_they_lie(student, support, reference, rng):
    """Read-only, strided and column-major points, float32 and whole numbers."""
    x = np.round(4 * rng.normal(size=(11, 3))) + np.arange(11)[:, None]
    want = reference.pairwise_affinities(x, 3.0)
    same = {"rtol": 0.02, "atol": 1e-3 * want.max(), "dtype": "float"}

    for made in (support.fortran, support.strided):
        P = student.pairwise_affinities(made.keep(x), perplexity=3.0)
        equal("pairwise_affinities, another memory order", P, want, **same)
    for dtype in ("float32", "int64"):
        P = student.pairwise_affinities(x.astype(dtype), perplexity=3.0)
        equal(f"pairwise_affinities of {dtype}", P, want, **same)


# tsne


def trustworthiness(x, y, k=10):
    """How far the k neighbours of each point of the map y were its neighbours in x: at most 1.

    Venna and Kaski's measure: a neighbour that had rank r > k in x costs r - k.
    """
    n = len(x)
    squares_x, squares_y = (np.array([np.sum((p - q) ** 2, axis=1) for q in p]) for p in (x, y))
    np.fill_diagonal(squares_x, np.inf)
    np.fill_diagonal(squares_y, np.inf)
    ranks = np.argsort(np.argsort(squares_x, axis=1), axis=1) + 1  # 1 is the nearest
    neighbours = np.argsort(squares_y, axis=1)[:, :k]
    excess = np.maximum(np.take_along_axis(ranks, neighbours, axis=1) - k, 0)
    return float(1 - 2 * excess.sum() / (n * k * (2 * n - 3 * k - 1)))


def map_error(x, y):
    """What the map y lacks in trustworthiness, over what the best flat projection of x lacks."""
    centred = x - x.mean(axis=0)
    flat = centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T
    return (1 - trustworthiness(x, y)) / (1 - trustworthiness(x, flat))


def map_of_digits(student, rng, make_rng, data):
    """A map of 200 digits: (the map, the digits)."""
    x = data.x_train[rng.choice(len(data.x_train), 200, replace=False)].astype(float)
    return student.tsne(x, make_rng(1), dim=2, perplexity=20.0, steps=400), x


@exercise("tsne", weight=2)
@pytest.mark.budget(20)
def test_tsne_of_digits(student, rng, make_rng, data):
    """A map of 200 images of digits is trustworthy: neighbours on it were neighbours before.

    Measured is how much trustworthiness (10 neighbours) the map lacks, compared with the map of the
    first two principal components.

    digits on the map at most 0.75 (100 seeds: worst 0.458, mean 0.364, std 0.0390).
    """
    y, x = map_of_digits(student, rng, make_rng, data)

    right = type(y) is np.ndarray and y.shape == (200, 2) and y.dtype.kind == "f"
    true("tsne", right and np.isfinite(y).all(), "must be finite numbers, shape (200, 2)")
    at_most("lack of trustworthiness over that of PCA's map", map_error(x, y), MAP_ERROR)


# interpolate


@exercise("interpolate", weight=2)
def test_interpolate_random(student, support, rng):
    """Random models and examples, two to nine steps, rows and images, float32."""
    a, b = sizes(rng, 2)
    for shape, steps, dtype in (
        ((a,), 2, "float64"),
        ((1, a, b), 9, "float64"),
        ((b,), 5, "float32"),
    ):
        B, c = rng.normal(size=(2, *shape)).astype(dtype)
        first, last = rng.integers(-9, 10, size=(2, *shape)).astype(dtype)
        walk = student.interpolate(support.Wave(B, c), first, last, steps=steps)
        share = np.linspace(0, 1, steps).reshape(-1, *[1] * len(shape))
        want = (((1 - share) * first + share * last) * B + c) ** 2
        same = {"rtol": 1e-6 if dtype == "float64" else 1e-3, "atol": 1e-4 * (dtype == "float32")}
        equal("interpolate", walk, want, dtype="float", a=first, b=last, **same)


# All parts together


def he_weights(widths, rng):
    """Weights by He's rule and zero biases, float32, for Autoencoder(*widths)."""
    n_in, hidden, code = widths
    shapes = {"encoder.0": (n_in, hidden), "encoder.2": (hidden, code)}
    shapes |= {"decoder.0": (code, hidden), "decoder.2": (hidden, n_in)}
    weights = {}
    for key, shape in shapes.items():
        W = np.sqrt(2 / shape[0]) * rng.normal(size=shape)
        weights[f"{key}.W"] = W.astype(np.float32)
        weights[f"{key}.b"] = np.zeros(shape[1], np.float32)
    return weights


def learn_digits(student, support, rng, make_rng, data):
    """Teach an autoencoder digits: (losses, the weights it began with, trained parameters)."""
    weights = he_weights(DIGITS, rng)
    net = student.Autoencoder(*DIGITS, make_rng(1), dtype=support.float32)
    losses, params = support.learn(net, weights, data.x_train, 0.003, 300, 64, make_rng(9))
    return losses, weights, params


def digits_error(reference, params, data):
    """The error on the test images, by the grader's own forward."""
    net = reference.Autoencoder(*DIGITS, np.random.default_rng(0), dtype=np.float32)
    for key, value in params.items():
        net.params[key][...] = value
    return float(np.mean((net.predict(data.x_test) - data.x_test) ** 2))


def pca_error(x_train, x_test, components):
    """The reconstruction error of x_test from its projection on the first principal components."""
    mean = x_train.mean(axis=0)
    axes = np.linalg.svd(x_train - mean, full_matrices=False)[2][:components]  # (components, D)
    centred = x_test - mean
    return float(np.mean((centred - centred @ axes.T @ axes) ** 2))


@exercise("mnist", weight=3)
@pytest.mark.budget(30)
def test_digits(student, support, reference, rng, make_rng, data):
    """Sixteen numbers per digit: a smaller error on new images than PCA with 16 components.

    digits at most 0.9 (100 seeds: worst 0.782, mean 0.755, std 0.0092).
    """
    losses, weights, params = learn_digits(student, support, rng, make_rng, data)

    true("params", sorted(params) == sorted(weights), f"keys {sorted(params)} after training")
    for key, start in weights.items():
        right = type(params[key]) is np.ndarray and params[key].dtype == np.float32
        right = right and params[key].shape == start.shape and np.isfinite(params[key]).all()
        true(f"params[{key!r}]", right, f"must stay finite float32 of shape {start.shape}")
    best_flat = pca_error(data.x_train, data.x_test, DIGITS[2])
    at_most("error over PCA's", digits_error(reference, params, data) / best_flat, DIGITS_ERROR)
    at_least("loss of the first step over that of the last", losses[0] / losses[-1], 3.0)
