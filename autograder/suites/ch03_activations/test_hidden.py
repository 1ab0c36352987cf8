"""Hidden checks of ch03_activations: random inputs against the reference, and frozen numbers.

A test with `@each` runs once for each of the ten functions.
"""

import numpy as np
import pytest

from autograder.suite import equal, exercise, fresh

# Answers to -1.5, 0.75 and 2, computed with 60 decimal digits.
FROZEN = {
    "sigmoid": [0.18242552380635635, 0.67917869917539297, 0.88079707797788243],
    "sigmoid_grad": [0.14914645207033286, 0.21789499376181404, 0.10499358540350652],
    "tanh": [-0.9051482536448664, 0.6351489523872873, 0.9640275800758169],
    "tanh_grad": [0.18070663892364852, 0.59658580828133145, 0.070650824853164471],
    "relu": [0.0, 0.75, 2.0],
    "relu_grad": [0.0, 1.0, 1.0],
    "leaky_relu": [-0.015, 0.75, 2.0],
    "leaky_relu_grad": [0.01, 1.0, 1.0],
    "softplus": [0.20141327798275241, 1.1368710061148999, 2.1269280110429727],
    "softplus_grad": [0.18242552380635635, 0.67917869917539297, 0.88079707797788243],
}

each = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=exercise(name.removesuffix("_grad")), id=name) for name in FROZEN],
)


def wide(rng, *shape):
    """Numbers on both sides of 0, with zeros of both signs, some far out, in random order."""
    x = rng.normal(scale=3.0, size=shape)
    x.flat[:6] = [0.0, -0.0, -750.0, 820.0, -33.0, 41.0]
    return rng.permutation(x.ravel()).reshape(shape)


@each
def test_random_arrays(student, reference, rng, name):
    """Random arrays of one, two and three dimensions; for the leaky ones, random slopes."""
    for shape in [(11,), (4, 5), (3, 2, 4)]:
        x = wide(rng, *shape)
        options = {"slope": float(rng.uniform(0.05, 0.6))} if "leaky" in name else {}

        got = getattr(student, name)(x, **options)

        want = getattr(reference, name)(x, **options)
        equal(f"{name}(x)", got, want, rtol=1e-9, x=x, **options)


@each
def test_every_dtype(student, reference, rng, name):
    """Short floats stay short; integers of any size and bools are computed in float64."""
    for dtype in ("float32", "float16", "int64", "int8", "uint8", "bool"):
        numbers = rng.permutation(np.array([-3, -2, -1, 0, 1, 2, 3, 4]))
        x = np.abs(numbers).astype(dtype) if dtype in ("uint8", "bool") else numbers.astype(dtype)

        got = getattr(student, name)(x)

        equal(f"{name}(x)", got, getattr(reference, name)(x), x=x)


@each
def test_numbers(student, name):
    """Numbers and arrays without dimensions: a number comes back."""
    inputs = [-1.5, 0.75, 2, np.array(-1.5), np.array(0.75), np.array(2.0, dtype=np.float32)]
    answers = [np.float64(answer) for answer in [*FROZEN[name], *FROZEN[name][:2]]]
    answers.append(np.float32(FROZEN[name][2]))

    for x, want in zip(inputs, answers, strict=True):
        equal(f"{name}(x)", getattr(student, name)(x), want, x=x)


@each
def test_memory_layouts(student, support, reference, rng, name):
    """Strided, transposed, Fortran-ordered and read-only arrays give the same answers."""
    x = rng.normal(scale=2.0, size=(5, 3))

    answers = support.on_layouts(getattr(student, name), x)

    for layout, got in zip(support.LAYOUTS, answers, strict=True):
        equal(f"{name}(x)", got, getattr(reference, name)(x), rtol=1e-9, x=x, layout=layout)


@each
def test_own_memory(student, reference, rng, name):
    """The answer is new memory: neither x nor later calls reach into it."""
    function = getattr(student, name)
    x, other = rng.normal(scale=2.0, size=(2, 4, 3))
    positive = np.abs(x) + 1.0

    kept = function.keep(x)
    function(other)
    own = fresh(f"{name}(x)", function, positive)

    want = getattr(reference, name)(x)
    equal(f"{name}(x), after a second call", kept.value(), want, rtol=1e-9, x=x)
    equal(f"{name}(x)", own, getattr(reference, name)(positive), rtol=1e-9, x=positive)
