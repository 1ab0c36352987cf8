"""Public checks of ch03_activations: worked examples, shapes, dtypes, slopes, far-out inputs.

A test with `@each` runs once for each of the ten functions.
"""

import numpy as np
import pytest

from autograder.suite import equal, exercise, gradient, numeric_gradient, outputs, true, unchanged

X = np.array([-2.0, -0.5, 0.0, 0.25, 1.25, 3.0])

# What each function makes of X: the formulas, computed with 60 decimal digits.
ANSWERS = {
    "sigmoid": [
        0.11920292202211756, 0.37754066879814546, 0.5,
        0.56217650088579807, 0.77729986117469119, 0.95257412682243325,
    ],
    "sigmoid_grad": [
        0.10499358540350652, 0.23500371220159449, 0.25,
        0.24613408273759835, 0.17310478699249701, 0.04517665973091213,
    ],
    "tanh": [
        -0.9640275800758169, -0.46211715726000974, 0.0,
        0.24491866240370913, 0.84828363995751288, 0.99505475368673046,
    ],
    "tanh_grad": [
        0.070650824853164471, 0.7864477329659274, 1.0,
        0.94001484880637798, 0.28041486618043265, 0.0098660371654401904,
    ],
    "relu": [0.0, 0.0, 0.0, 0.25, 1.25, 3.0],
    "relu_grad": [0.0, 0.0, 0.0, 1.0, 1.0, 1.0],
    "leaky_relu": [-0.02, -0.005, 0.0, 0.25, 1.25, 3.0],
    "leaky_relu_grad": [0.01, 0.01, 0.01, 1.0, 1.0, 1.0],
    "softplus": [
        0.12692801104297249, 0.47407698418010669, 0.69314718055994529,
        0.82593941987884356, 1.501929081345373, 3.0485873515737421,
    ],
    "softplus_grad": [
        0.11920292202211756, 0.37754066879814546, 0.5,
        0.56217650088579807, 0.77729986117469119, 0.95257412682243325,
    ],
}  # fmt: skip

FAR = np.array([-1000.0, -20.0, -0.0, 20.0, 1000.0])

FAR_ANSWERS = {
    "sigmoid": [0.0, 2.0611536181902037e-09, 0.5, 0.99999999793884642, 1.0],
    "sigmoid_grad": [0.0, 2.0611536139418492e-09, 0.25, 2.0611536139418492e-09, 0.0],
    "tanh": [-1.0, -1.0, 0.0, 1.0, 1.0],
    "tanh_grad": [0.0, 0.0, 1.0, 0.0, 0.0],
    "relu": [0.0, 0.0, 0.0, 20.0, 1000.0],
    "relu_grad": [0.0, 0.0, 0.0, 1.0, 1.0],
    "leaky_relu": [-10.0, -0.2, 0.0, 20.0, 1000.0],
    "leaky_relu_grad": [0.01, 0.01, 0.01, 1.0, 1.0],
    "softplus": [0.0, 2.0611536203143808e-09, 0.69314718055994529, 20.000000002061153, 1000.0],
    "softplus_grad": [0.0, 2.0611536181902037e-09, 0.5, 0.99999999793884642, 1.0],
}

each = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=exercise(name.removesuffix("_grad")), id=name) for name in ANSWERS],
)


@each
def test_worked_example(student, name):
    """Six numbers in two rows."""
    x = X.reshape(2, 3)

    got = getattr(student, name)(x)

    equal(f"{name}(x)", got, np.reshape(ANSWERS[name], (2, 3)), rtol=1e-9, x=x)


@each
def test_any_number_of_dimensions(student, name):
    """The result has the shape of the input, in one, two and three dimensions."""
    for shape in [(6,), (3, 2), (3, 1, 2)]:
        x = X.reshape(shape)

        got = getattr(student, name)(x)

        equal(f"{name}(x)", got, np.reshape(ANSWERS[name], shape), rtol=1e-9, x=x)


@each
def test_dtypes(student, name):
    """float32 stays float32; integers are computed in float64."""
    single = X.astype(np.float32)
    whole = np.array([-2, 0, 3])
    of_single = np.array(ANSWERS[name], dtype=np.float32)
    of_whole = np.array(ANSWERS[name])[[0, 2, 5]]

    equal(f"{name}(x)", getattr(student, name)(single), of_single, x=single)
    equal(f"{name}(x)", getattr(student, name)(whole), of_whole, rtol=1e-9, x=whole)


@each
def test_far_out(student, name):
    """Zero, 20 and 1000, on both sides, give the right numbers and no NumPy warning."""
    single = FAR.astype(np.float32)

    equal(f"{name}(x)", getattr(student, name)(FAR), FAR_ANSWERS[name], x=FAR)
    got = getattr(student, name)(single)
    equal(f"{name}(x)", got, np.array(FAR_ANSWERS[name], dtype=np.float32), x=single)


@each
def test_leaves_x_alone(student, name):
    """The caller's array is as before after the call."""
    x = X.reshape(3, 2)

    got = unchanged(f"{name}(x)", getattr(student, name), x)

    equal(f"{name}(x)", got, np.reshape(ANSWERS[name], (3, 2)), rtol=1e-9, x=x)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("sigmoid", marks=exercise("sigmoid", weight=2)),
        pytest.param("tanh", marks=exercise("tanh", weight=2)),
        pytest.param("relu", marks=exercise("relu", weight=2)),
        pytest.param("leaky_relu", marks=exercise("leaky_relu")),
        pytest.param("softplus", marks=exercise("softplus", weight=2)),
    ],
)
def test_gradient_check(student, name):
    """The derivative is the slope of your own function, measured by finite differences."""
    x = np.array([[-3.1, -1.2, -0.4], [0.3, 1.7, 2.6]])  # no entry near the corner at 0
    measured = numeric_gradient(getattr(student, name).map, x, dout=np.ones_like(x))

    got = getattr(student, f"{name}_grad")(x)

    gradient(f"{name}_grad(x)", got, measured, x=x)
    true(f"{name}(x)", np.ptp(measured) > 0.1, "is a straight line, so the check shows nothing")


@exercise("leaky_relu")
def test_slope_can_be_chosen(student):
    """Another slope, given by its name, holds in both functions."""
    x = np.array([-4.0, 0.0, 2.0])

    curve = student.leaky_relu(x, slope=0.25)
    derivative = student.leaky_relu_grad(x, slope=0.25)

    outputs(
        {
            "leaky_relu": (curve, [-1.0, 0.0, 2.0]),
            "leaky_relu_grad": (derivative, [0.25, 0.25, 1.0]),
        },
        call="leaky_relu with slope=0.25",
        x=x,
    )
