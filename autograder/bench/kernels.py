"""Milliseconds of the parts that training spends its time in: our reference beside PyTorch.

Each piece of work is done in four ways, in turn, in one run: its matrix products alone (no program
that works by them can be faster), our reference, PyTorch on one thread (with `pip install torch`;
otherwise its column says so), and the naive version that a beginner writes, by loops.
"""

from __future__ import annotations

import importlib
import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from autograder.bench import naive
from autograder.engine.reference import load_reference
from autograder.manifest import load_chapter
from autograder.project import Project
from autograder.reproduce.nets import DTYPE, Library

BATCH = 100
SAMPLE = 0.02  # seconds; short work is repeated until it fills a sample
RECURRENT = "ch11_recurrent"
SEQUENCE = (50, 64, 128)  # steps, inputs, hidden units of the LSTM; its batch has SEQUENCES
SEQUENCES = 32
WAYS = ("products", "reference", "PyTorch", "naive")

Step = Callable[[], Any]


@dataclass(frozen=True)
class Work:
    """One row: the ways there are to do it, and the ratio to PyTorch that we aim at.

    The naive version does a part of the work, one out of `parts`, so as not to take minutes.
    """

    name: str
    aim: float | None
    ways: dict[str, Step] = field(repr=False)
    parts: int = 1


def run(project: Project, rounds: int) -> Iterator[str]:
    """Measure and yield the lines of a table."""
    library = Library(project)
    torch = importlib.import_module("torch") if importlib.util.find_spec("torch") else None
    beside = f"PyTorch {torch.__version__}" if torch else "PyTorch is not installed"
    if torch:
        torch.set_num_threads(1)
    yield f"milliseconds of one core, float32, median of {rounds} rounds in turn; {beside}"
    ratios = ("ref/PyTorch", "aim", "ref/products", "naive/ref")
    columns = "".join(f" {way:>14}" for way in (*WAYS, *ratios))
    yield f"  {'forward + backward, or a step':48}{columns}"
    for work in works(library, torch):
        yield _row(work, measured(work, rounds))
    recurrent = load_reference(load_chapter(project, RECURRENT))
    work = lstm(recurrent, torch)
    yield _row(work, measured(work, rounds))


def works(library: Library, torch: ModuleType | None) -> Iterator[Work]:
    """Yield the rows, one after the other: each holds some ten megabytes."""
    yield _conv(library, torch, (1, 28, 28), filters=30, kernel=5, pad=0, aim=0.4)
    yield _conv(library, torch, (16, 14, 14), filters=32, kernel=3, pad=1, aim=1.5)
    yield _mlp(library, torch)
    yield _adam(library, torch, fused=False)
    if torch:
        yield _adam(library, torch, fused=True)


def measured(work: Work, rounds: int) -> dict[str, float]:
    """Return the median milliseconds of each way, all ways taken in turn in every round."""
    repeats = {way: _repeats(step) for way, step in work.ways.items()}
    samples: dict[str, list[float]] = {way: [] for way in work.ways}
    for _ in range(rounds):
        for way, step in work.ways.items():
            began = time.process_time()
            for _ in range(repeats[way]):
                step()
            samples[way].append((time.process_time() - began) / repeats[way])
    parts = {"naive": work.parts}
    return {way: 1e3 * parts.get(way, 1) * statistics.median(s) for way, s in samples.items()}


def _repeats(step: Step) -> int:
    """Return how often a step has to be done to fill a sample; this warms it up, too."""
    step()
    began = time.process_time()
    step()
    return max(1, int(SAMPLE / max(time.process_time() - began, 1e-6)))


def _row(work: Work, times: dict[str, float]) -> str:
    ours, products = times["reference"], times.get("products")
    cells = [
        _number(products),
        _number(ours),
        _number(times["PyTorch"]) if "PyTorch" in times else "not installed",
        _number(times["naive"]),
        _ratio(ours, times.get("PyTorch")),
        "-" if work.aim is None else f"{work.aim:g}",
        _ratio(ours, products),
        _ratio(times["naive"], ours),
    ]
    return f"  {work.name:48}" + "".join(f" {cell:>14}" for cell in cells)


def _ratio(one: float, other: float | None) -> str:
    return _number(None if other is None else one / other)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def _conv(
    library: Library,
    torch: ModuleType | None,
    shape: tuple[int, int, int],
    filters: int,
    kernel: int,
    pad: int,
    aim: float,
) -> Work:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((BATCH, *shape), dtype=DTYPE)
    conv = library.Conv2D(shape[0], filters, kernel, rng, pad=pad, dtype=DTYPE)
    W, b = conv.params["W"], conv.params["b"]
    dout = rng.standard_normal(conv.forward(x).shape, dtype=DTYPE)
    ways: dict[str, Step] = {
        "products": _conv_products(W.reshape(filters, -1), dout.size // filters, rng),
        "reference": lambda: (conv.forward(x), conv.backward(dout)),
        "naive": lambda: naive.conv(x[:1], W, b, dout[:1], pad),
    }
    if torch:
        given, weights, bias = (torch.tensor(a, requires_grad=True) for a in (x, W, b))
        upstream, conv2d = torch.tensor(dout), torch.nn.functional.conv2d

        def step() -> None:
            given.grad = weights.grad = bias.grad = None
            conv2d(given, weights, bias, padding=pad).backward(upstream)

        ways["PyTorch"] = step
    channels, height, width = shape
    name = f"conv {channels}x{height}x{width} -> {filters} of {kernel}x{kernel}, batch {BATCH}"
    return Work(name, aim, ways, parts=BATCH)


def _conv_products(W: np.ndarray, places: int, rng: np.random.Generator) -> Step:
    """Return the three products of a convolution: its output, dW, and the columns' gradient."""
    columns = rng.standard_normal((W.shape[1], places), dtype=DTYPE)
    dout = rng.standard_normal((W.shape[0], places), dtype=DTYPE)
    return lambda: (W @ columns, dout @ columns.T, W.T @ dout)


def _mlp(library: Library, torch: ModuleType | None) -> Work:
    rng = np.random.default_rng(0)
    x, y = rng.random((BATCH, 784), dtype=DTYPE), rng.integers(10, size=BATCH)
    hidden = library.Dense(784, 100, rng, dtype=DTYPE), library.ReLU()
    net = library.Sequential([*hidden, library.Dense(100, 10, rng, dtype=DTYPE)])
    loss, optimizer = library.SoftmaxCrossEntropy(), library.SGD(0.01)
    weights = {key: p.copy() for key, p in net.params.items()}

    def reference() -> None:
        loss.forward(net.forward(x, training=True), y)
        net.backward(loss.backward())
        optimizer.step(net.params, net.grads)

    ways: dict[str, Step] = {
        "products": _mlp_products(x, weights["0.W"], weights["2.W"]),
        "reference": reference,
        "naive": lambda: naive.mlp_step(x, y, weights, lr=0.01),
    }
    if torch:
        ways["PyTorch"] = _mlp_in_torch(torch, x, y)
    return Work(f"training step 784-100-10, batch {BATCH}", 0.65, ways)


def _mlp_products(x: np.ndarray, W1: np.ndarray, W2: np.ndarray) -> Step:
    h, dout = x @ W1, x[:, :10]
    return lambda: (x @ W1, h @ W2, h.T @ dout, dout @ W2.T, x.T @ h)


def _mlp_in_torch(torch: Any, x: np.ndarray, y: np.ndarray) -> Step:
    given, labels, nn = torch.tensor(x), torch.tensor(y), torch.nn
    net = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    loss, optimizer = nn.CrossEntropyLoss(), torch.optim.SGD(net.parameters(), lr=0.01)

    def step() -> None:
        optimizer.zero_grad()
        loss(net(given), labels).backward()
        optimizer.step()

    return step


def _adam(library: Library, torch: ModuleType | None, fused: bool) -> Work:
    rng = np.random.default_rng(0)
    shapes = {"0.W": (784, 100), "0.b": (100,), "2.W": (100, 10), "2.b": (10,)}
    params, grads = (
        {key: rng.standard_normal(shape, dtype=DTYPE) for key, shape in shapes.items()}
        for _ in range(2)
    )
    ours = library.Adam()
    by_loops = naive.Adam(params, grads)
    ways: dict[str, Step] = {
        "reference": lambda: ours.step(params, grads),
        "naive": by_loops.step,
    }
    if torch:
        theirs = [torch.nn.Parameter(torch.tensor(p)) for p in params.values()]
        for p, g in zip(theirs, grads.values(), strict=True):
            p.grad = torch.tensor(g)
        ways["PyTorch"] = torch.optim.Adam(theirs, fused=fused).step
    count = sum(p.size for p in params.values())
    name = f"Adam, {count:,} parameters"
    if fused:
        return Work(f"{name}, beside PyTorch's fused one", None, ways)
    return Work(name, 0.5, ways)


def lstm(recurrent: Any, torch: ModuleType | None) -> Work:
    """Return the row of the LSTM: forward and backward over a batch of sequences."""
    steps, n_in, n_hidden = SEQUENCE
    rng = np.random.default_rng(0)
    x = rng.standard_normal((SEQUENCES, steps, n_in), dtype=DTYPE)
    dout = rng.standard_normal((SEQUENCES, steps, n_hidden), dtype=DTYPE)
    layer = recurrent.Recurrent(recurrent.LSTMCell(n_in, n_hidden, rng, dtype=DTYPE))
    Wx, Wh, b = (layer.params[name] for name in ("Wx", "Wh", "b"))
    ways: dict[str, Step] = {
        "products": _lstm_products(x, Wx, Wh),
        "reference": lambda: (layer.forward(x), layer.backward(dout)),
        "naive": lambda: naive.lstm(x[:1], Wx, Wh, b, dout[:1]),
    }
    if torch:
        net = torch.nn.LSTM(n_in, n_hidden, batch_first=True)
        given, upstream = torch.tensor(x, requires_grad=True), torch.tensor(dout)

        def step() -> None:
            given.grad = None
            net.zero_grad()
            net(given)[0].backward(upstream)

        ways["PyTorch"] = step
    name = f"LSTM {n_in} -> {n_hidden}, {steps} steps, batch {SEQUENCES}"
    return Work(name, 1.2, ways, parts=SEQUENCES)


def _lstm_products(x: np.ndarray, Wx: np.ndarray, Wh: np.ndarray) -> Step:
    """Return the products of an LSTM: those with x for all steps at once, the others one by one."""
    rows = x.reshape(-1, x.shape[-1])
    gates = rows @ Wx
    hidden = gates[:, : len(Wh)]
    h, da = hidden[: len(x)], gates[: len(x)]

    def products() -> None:
        rows @ Wx, gates @ Wx.T, rows.T @ gates, hidden.T @ gates
        for _ in range(x.shape[1]):
            h @ Wh, da @ Wh.T

    return products
