"""Benchmarks: the table of kernels has every row, and the naive versions do the same work."""

from __future__ import annotations

import importlib
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mini_chapter import mini_source

from autograder.bench import BENCHES, LONG, kernels, marking, naive, overhead, work
from autograder.bench.kernels import Work
from autograder.bench.work import Cost
from autograder.cli import main
from autograder.engine.program import marking_program
from autograder.engine.reference import load_reference, reference_source
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


# Marking


def test_the_table_of_marking_says_what_stock_nbgrader_takes():
    costs = {
        "stock": [Cost(8.0, 6.0), Cost(4.0, 3.0), Cost(1.0, 3.0)],
        "marking": [Cost(0.5, 0.25)],
        "gradebook": [Cost(1.0, 0.5)],
    }

    stock, ours, book = [cells(line) for line in marking._table(costs)][1:4]

    assert stock == ["stock nbgrader autograde, a kernel each", "4.000", "3.000", "20"]
    assert ours[1:] == ["0.500", "0.250", "240", "12.0 times"]
    assert book[1:] == ["1.000", "0.500", "120", "6.0 times"]


def test_ways_of_marking_take_the_blocks_in_turn(monkeypatch):
    monkeypatch.setattr(marking, "BLOCK", 2)
    done: list[tuple[str, list[str]]] = []
    ways = {way: lambda block, way=way: done.append((way, block)) for way in ("stock", "ours")}

    costs = marking._measured(ways, ["warm", "a", "b", "c", "d"])

    assert done[:2] == [("stock", ["warm"]), ("ours", ["warm"])]
    assert done[2:] == [(way, block) for block in (["a", "b"], ["c", "d"]) for way in ways]
    assert {way: len(found) for way, found in costs.items()} == {"stock": 2, "ours": 2}


def test_the_hand_ins_to_be_marked_are_right_and_wrong_in_turn(project):
    chapter = load_chapter(project, marking.CHAPTER)
    sources = list(itertools.islice(marking._sources(chapter), 41))

    assert sources[0] == sources[2] == reference_source(chapter)
    assert len(set(sources)) > 10


def test_the_processor_time_of_a_child_that_ended_is_counted():
    spin = "import time\nwhile time.process_time() < 0.3: pass"
    before = work.cpu_seconds()
    subprocess.run([sys.executable, "-c", spin], check=True)

    assert work.cpu_seconds() - before >= 0.25


def test_the_memory_of_a_child_is_counted():
    hold = "data = bytearray(1 << 25); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        alone, together = work.memory(child.pid), work.memory(os.getpid())
        child.communicate(b"\n")

    assert alone >= 1 << 25
    assert together > alone


def test_only_the_students_own_computing_is_metered(mini, monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr("time.process_time", lambda: float(next(clock)))
    source = mini_source("return x(1.0)", "return 4.0 * x")
    meter = overhead.Meter()
    session = meter.session()
    module = session.start(marking_program(mini, {"mini.py": source.encode()}))

    quadruple, double = module.quadruple, module.double
    meter.reset()
    quadruple(2.0)
    assert meter.cpu == 1.0  # two looks at the clock
    meter.reset()
    double(lambda y: y)
    assert meter.cpu == 2.0  # four looks, and two of them around the call back: 3 - 1


def test_memory_is_measured_by_name_only(monkeypatch, capsys):
    ran = []
    monkeypatch.chdir(ROOT)
    for name in BENCHES.values():
        module = importlib.import_module(name)
        monkeypatch.setattr(module, "run", lambda *_, name=name: ran.append(name) or [])

    assert main(["bench"]) == 0
    assert ran == [module for name, module in BENCHES.items() if name not in LONG]
    assert LONG == ("memory",)
