"""The vocabulary of a suite: what it accepts, what it refuses, and what it says then."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.suite import (
    CheckFailed,
    accuracy,
    at_least,
    at_most,
    equal,
    faster,
    gradient,
    number,
    numeric_gradient,
    outputs,
    true,
)

X = np.array([[1.0, -2.0, 3.0], [0.0, 5.0, -6.0]])


def refused(check, *args, **kwargs) -> str:
    """Run a check that must fail; return what it says."""
    with pytest.raises(CheckFailed) as caught:
        check(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (X, X),
        (X * (1 + 1e-8), X),
        (X.astype(np.float32), X.astype(np.float32)),
        (np.asfortranarray(X), X),
        (np.array([1.0]), [1.0]),
        (np.float64(2.0), 2.0),
        (2.0, np.float64(2.0)),
        (np.array(2.0), np.float64(2.0)),
        (np.array([True, False]), np.array([True, False])),
        (np.array([3, 4]), np.array([3, 4])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
    ],
)
def test_equal_accepts_the_right_answer(got, want):
    equal("f(x)", got, want)


@pytest.mark.parametrize(
    ("got", "want", "says"),
    [
        (X.T, X, "shape (3, 2), expected (2, 3) (transposed?)"),
        (X[0], X, "shape (3,), expected (2, 3)"),
        (X.ravel(), X, "the number of entries is right"),
        (X.astype(np.float32), X, "dtype float32, expected float64 (shape and values are right)"),
        (X.astype(int), X, "dtype int64, expected float64"),
        (X * 1.001, X, "every entry is 1.001 times the expected one"),
        (
            np.where(X == 5, 7, X),
            X,
            "1 of 6 values are wrong\n  first at [1, 1]: got 7, expected 5",
        ),
        (np.where(X == 5, np.nan, X), X, "got nan, expected 5"),
        (np.where(X == 5, np.inf, X), X, "got inf, expected 5"),
        (None, X, "got None (is a return missing?), expected an array of shape (2, 3)"),
        (X.tolist(), X, "got a list, expected an array"),
        (2.0, X, "got float 2.0, expected an array"),
        (X.astype(object), X, "expected an array"),
        (np.ma.masked_all((2, 3)), X, "expected an array"),
        (X[0][:1], np.float64(1.0), "shape (1,), expected ()"),
        ("1.0", 1.0, "got str '1.0'"),
        (np.float32(1.0), np.float64(1.0), "dtype float32, expected float64"),
        (1, 1.0, "got int 1, expected a float"),
        (X + 1j, X, "dtype complex128"),
    ],
)
def test_equal_refuses_a_wrong_answer_and_says_why(got, want, says):
    text = refused(equal, "f(x)", got, want, x=X)

    if "complex" not in says:
        assert says in text
    assert "input: x (2, 3) float64 [1 -2 3 0 5 -6]" in text
    assert len(text.splitlines()) <= 5


def test_an_array_with_its_own_idea_of_equality_is_not_an_array():
    class Liar(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, bool)

        def __sub__(self, other):
            return np.zeros(self.shape)

    assert "expected an array" in refused(equal, "f(x)", np.zeros((2, 3)).view(Liar), X)


def test_a_scalar_does_not_broadcast_to_the_right_answer():
    refused(equal, "f(x)", np.array(1.0), np.ones(5))


def test_any_floating_dtype_can_be_asked_for():
    equal("f(x)", X.astype(np.float32), X, dtype="float")

    refused(equal, "f(x)", X.astype(int), X, dtype="float")


def test_tolerance_follows_the_precision_of_the_expected_answer():
    equal("f(x)", X.astype(np.float32) * np.float32(1.00001), X.astype(np.float32))

    refused(equal, "f(x)", X * 1.00001, X)


def test_outputs_say_which_are_right_and_which_are_wrong():
    pairs = {"dx": (X, X), "dW": (X, X), "db": (X[0], X.sum())}

    text = refused(outputs, pairs, call="Dense.backward", x=X)

    assert text.splitlines()[0] == "Dense.backward: dx right, dW right, db wrong"
    assert "db: shape (3,), expected ()" in text


def test_outputs_stay_short_when_everything_is_wrong():
    pairs = dict.fromkeys("abcdef", (X + 1, X))

    assert len(refused(outputs, pairs, call="f", x=X).splitlines()) <= 6


@pytest.mark.parametrize("got", [np.float64(0.5), np.array(0.5), 1, None, [0.5], True])
def test_a_loss_must_be_a_python_float(got):
    assert "expected a Python float" in refused(number, "loss", got, 0.5)


def test_a_loss_is_compared_too():
    number("loss", 0.5, 0.5)

    refused(number, "loss", 0.51, 0.5)
    refused(number, "loss", float("nan"), 0.5)


def test_gradient_tolerates_the_noise_of_finite_differences_only():
    want = numeric_gradient(lambda xs: [x**2 for x in xs], X, np.ones_like(X))

    gradient("df", 2 * X, want)

    refused(gradient, "df", 2 * X + 1e-4, want)
    refused(gradient, "df", 2 * X.T, want)
    refused(gradient, "df", np.zeros_like(X), want)


def test_a_gradient_of_zeros_is_compared_absolutely():
    gradient("df", np.zeros(3), np.array([1e-12, -1e-11, 0.0]))

    refused(gradient, "df", np.full(3, 1e-6), np.zeros(3))


def test_numeric_gradient_of_a_number_needs_no_upstream():
    got = numeric_gradient(lambda xs: [float(np.sum(x**3)) for x in xs], X)

    np.testing.assert_allclose(got, 3 * X**2, atol=1e-6)


def test_numeric_gradient_refuses_a_forward_of_another_shape():
    text = refused(numeric_gradient, lambda xs: [x[0] for x in xs], X, np.ones_like(X))

    assert "forward gave shape (3,), not shape (2, 3)" in text


@pytest.mark.parametrize("value", [float("nan"), 0.4, None, np.array(0.9), "0.9"])
def test_thresholds_are_positive_comparisons(value):
    refused(at_least, "accuracy", value, 0.5)


def test_thresholds_hold_at_the_limit():
    at_least("accuracy", 0.5, 0.5)
    at_most("loss", np.float64(0.5), 0.5)

    refused(at_most, "loss", float("nan"), 0.5)
    refused(at_most, "loss", 0.6, 0.5)


def test_accuracy_counts_right_ids():
    labels = np.array([0, 1, 2, 3])

    accuracy("mnist", np.array([0, 1, 2, 0]), labels, 0.75)

    assert "75.0 % of 4 right, must be at least 80.0 %" in refused(
        accuracy, "mnist", np.array([0, 1, 2, 0]), labels, 0.8
    )
    refused(accuracy, "mnist", np.array([[0], [1], [2], [3]]), labels, 0.5)


def test_true_wants_a_bool_and_nothing_that_looks_like_one():
    true("f", True, "is wrong")

    refused(true, "f", np.array([True]), "is wrong")
    refused(true, "f", 1, "is wrong")
    refused(true, "f", False, "is wrong")


def test_faster_compares_side_by_side(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr("autograder.suite.behaviour.time.perf_counter", lambda: next(clock))

    def slow():
        for _ in range(8):
            next(clock)

    faster("conv", lambda: None, slow, ratio=0.25)

    assert "9.00 times as long as the naive version" in refused(
        faster, "conv", slow, lambda: None, ratio=0.25
    )
