"""Benchmarks: the table of kernels has every row, and the naive versions do the same work."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

from autograder.bench import BENCHES, kernels, naive
from autograder.bench.kernels import Work
from autograder.cli import main
from autograder.engine.reference import load_reference
from autograder.manifest import load_chapter
from autograder.project import Project
from autograder.reproduce.nets import Library

ROOT = Path(__file__).resolve().parents[1]
ROWS = (
    "conv 1x28x28 -> 30 of 5x5, batch 2",
    "conv 16x14x14 -> 32 of 3x3, batch 2",
    "training step 784-100-10, batch 2",
    "Adam, 79,510 parameters",
    "LSTM 5 -> 4, 3 steps, batch 2",
)


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(Project(ROOT))


@pytest.fixture
def small(monkeypatch):
    """Two images for a hundred, every step once, and no PyTorch, wherever this runs."""
    monkeypatch.setattr(kernels, "BATCH", 2)
    monkeypatch.setattr(kernels, "SEQUENCES", 2)
    monkeypatch.setattr(kernels, "SEQUENCE", (3, 5, 4))
    monkeypatch.setattr(kernels, "SAMPLE", 0.0)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


def cells(line: str) -> list[str]:
    return re.split(r"  +", line.strip())


def test_every_benchmark_has_its_module():
    for module in BENCHES.values():
        assert callable(importlib.import_module(module).run)


# The table


def test_the_command_prints_every_row_without_pytorch(small, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)

    assert main(["bench", "kernels", "--rounds", "1"]) == 0

    title, heads, *rows = capsys.readouterr().out.splitlines()
    assert title.endswith("median of 1 rounds in turn; PyTorch is not installed")
    assert cells(heads)[1:] == [*kernels.WAYS, "ref/PyTorch", "aim", "ref/products", "naive/ref"]
    assert tuple(cells(row)[0] for row in rows) == ROWS
    for row in rows:
        name, products, reference, torch, naive_, ratio, aim, over, slower = cells(row)
        assert torch == "not installed" and ratio == "-"
        assert float(reference) >= 0
        assert float(naive_) >= 0
        assert (products == "-") == (over == "-") == name.startswith("Adam")
        assert 0.1 < float(aim) < 2
        assert slower != "-"


def test_a_row_has_the_ratios_of_its_times():
    work = Work("some work", 0.4, {})

    row = kernels._row(work, {"products": 2.0, "reference": 3.0, "PyTorch": 6.0, "naive": 450.0})

    assert cells(row)[1:] == ["2.00", "3.00", "6.00", "450", "0.50", "0.4", "1.50", "150"]


def test_ways_are_taken_in_turn_and_parts_are_counted(monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr("time.process_time", lambda: float(next(clock)))
    order: list[str] = []
    ways = {way: lambda way=way: order.append(way) for way in ("reference", "naive")}

    times = kernels.measured(Work("work", 1.0, ways, parts=100), rounds=3)

    assert order[-6:] == ["reference", "naive"] * 3
    assert times == {"reference": 1000.0, "naive": 100_000.0}


def test_short_work_is_repeated_until_it_fills_a_sample(monkeypatch):
    clock = iter([0.0, 0.001])
    monkeypatch.setattr("time.process_time", lambda: next(clock))

    assert kernels._repeats(lambda: None) == 20


# The naive versions


@pytest.mark.parametrize("pad", [0, 1])
def test_naive_convolution_is_that_of_the_reference(pad, library):
    rng = np.random.default_rng(0)
    layer = library.Conv2D(2, 3, 3, rng, pad=pad)
    layer.params["b"][...] = [1, 2, 3]
    x = rng.standard_normal((2, 2, 6, 5))
    y = layer.forward(x)
    dout = rng.standard_normal(y.shape)
    dx = layer.backward(dout)

    got = naive.conv(x, layer.params["W"], layer.params["b"], dout, pad)

    for one, other in zip(got, (y, dx, layer.grads["W"], layer.grads["b"]), strict=True):
        assert one.shape == other.shape
        assert np.abs(one - other).max() < 1e-12


def test_naive_training_step_is_that_of_the_reference(library):
    rng = np.random.default_rng(0)
    net = library.Sequential([library.Dense(6, 5, rng), library.ReLU(), library.Dense(5, 4, rng)])
    loss, x, y = library.SoftmaxCrossEntropy(), rng.standard_normal((7, 6)), rng.integers(4, size=7)
    params = {key: p.copy() for key, p in net.params.items()}
    loss.forward(net.forward(x), y)
    net.backward(loss.backward())
    library.SGD(0.5).step(net.params, net.grads)

    naive.mlp_step(x, y, params, lr=0.5)

    assert all(np.abs(params[key] - p).max() < 1e-12 for key, p in net.params.items())


def test_naive_lstm_is_that_of_the_reference():
    recurrent = load_reference(load_chapter(Project(ROOT), kernels.RECURRENT))
    rng = np.random.default_rng(0)
    layer = recurrent.Recurrent(recurrent.LSTMCell(5, 4, rng))
    layer.params["b"][...] = rng.standard_normal(16)
    x, dout = rng.standard_normal((2, 3, 5)), rng.standard_normal((2, 3, 4))
    y = layer.forward(x)
    dx = layer.backward(dout)

    got = naive.lstm(x, *(layer.params[name] for name in ("Wx", "Wh", "b")), dout)

    want = (y, dx, *(layer.grads[name] for name in ("Wx", "Wh", "b")))
    for one, other in zip(got, want, strict=True):
        assert one.shape == other.shape
        assert np.abs(one - other).max() < 1e-12


def test_naive_adam_is_that_of_the_reference(library):
    rng = np.random.default_rng(0)
    params, grads = ({"W": rng.standard_normal((3, 2)), "b": rng.standard_normal(2)} for _ in "ab")
    by_loops, adam = naive.Adam(params, grads), library.Adam()

    for _ in range(3):
        adam.step(params, grads)
        by_loops.step()

    ours = np.concatenate([p.ravel() for p in params.values()])
    assert np.abs(ours - by_loops.p).max() < 1e-12


def test_the_products_of_a_convolution_are_as_large_as_its_own():
    y, dW, dcolumns = kernels._conv_products(
        np.ones((30, 25), np.float32), 100, np.random.default_rng(0)
    )()

    assert (y.shape, dW.shape, dcolumns.shape) == ((30, 100), (30, 25), (25, 100))
    assert y.dtype == dW.dtype == np.float32
