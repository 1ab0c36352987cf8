"""Train the network that datasets/pretrained.npz holds, or check the file.

    python -m datasets.make_pretrained            writes the file and prints its SHA-256
    python -m datasets.make_pretrained --check    trains again and compares

NumPy only, seeded, a second on one core. The training runs in float64 and the result is rounded to
float16, so that another machine, whose sums differ in the last digits, arrives at the same file.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys

import numpy as np

import datasets
from autograder.errors import UserError
from autograder.files import write_atomically
from datasets.make_mnist5k import archive, members
from datasets.pretrained import CORRECT, FILE, KEYS

SEED = 1
SIZES = (784, 50, 100, 10)
EPOCHS = 20
BATCH = 50
LEARNING_RATE = 0.1  # of the first epoch; it falls linearly towards 0
MOMENTUM = 0.9
DECAY = 5e-4  # of the weights, not of the biases

Params = dict[str, np.ndarray]


def main(argv: list[str] | None = None) -> int:
    """Make or check the file; return the exit status."""
    parser = argparse.ArgumentParser(prog="make_pretrained", description=f"Make datasets/{FILE}.")
    parser.add_argument("--check", action="store_true", help="train again and compare")
    checking = parser.parse_args(argv).check
    target = datasets.FOLDER / FILE
    try:
        params = trained()
        if not checking:
            content = archive(params)
            write_atomically(target, content)
            digest = hashlib.sha256(content).hexdigest()
            print(f"{FILE}: {len(content)} bytes, SHA-256 {digest}")
        elif not target.is_file() or members(target.read_bytes()) != members(archive(params)):
            raise UserError(f"{target} is not what make_pretrained makes: run it without --check")
        for dtype in (np.float32, np.float64):
            print(f"{np.dtype(dtype)}: {summary(params, dtype)}")
    except UserError as error:
        print(f"make_pretrained: {error}", file=sys.stderr)
        return error.status
    return 0


def trained() -> Params:
    """Return the parameters in float16, trained on the 4,000 training images of mnist5k."""
    data = datasets.load("mnist5k")
    x, y = data.x_train.astype(np.float64), data.y_train
    rng = np.random.default_rng(SEED)
    params = _start(rng)
    speed = {key: np.zeros_like(value) for key, value in params.items()}
    for epoch in range(EPOCHS):
        rate = LEARNING_RATE * (1 - epoch / EPOCHS)
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            batch = order[start : start + BATCH]
            _step(params, speed, _gradients(params, x[batch], y[batch]), rate)
    return {key: params[key].astype(np.float16) for key in KEYS}


def scores(params: Params, x: np.ndarray) -> list[np.ndarray]:
    """Return what the two hidden layers and the last one give: (N, 50), (N, 100), (N, 10)."""
    first = _sigmoid(x @ params["W1"] + params["b1"])
    second = _sigmoid(first @ params["W2"] + params["b2"])
    return [first, second, second @ params["W3"] + params["b3"]]


def summary(params: Params, dtype: type) -> str:
    """Say how many test images are right, and how close the two best scores of an image come."""
    right, gap = judged(params, dtype)
    verdict = f"{right} of 1000 test images right, two best scores at least {gap:.4f} apart"
    return verdict if right == CORRECT else f"{verdict}; pretrained.py says {CORRECT}"


def judged(params: Params, dtype: type) -> tuple[int, float]:
    """Return the number of right test images and the smallest gap between two best scores."""
    data = datasets.load("mnist5k")
    typed: Params = {key: value.astype(dtype) for key, value in params.items()}
    found = scores(typed, data.x_test.astype(dtype))[-1]
    best = np.sort(found, axis=1)
    right = int(np.sum(found.argmax(axis=1) == data.y_test))
    return right, float((best[:, -1] - best[:, -2]).min())


def _start(rng: np.random.Generator) -> Params:
    """Return Glorot's weights, four times as large where a logistic function follows."""
    params: Params = {}
    for number, (n_in, n_out) in enumerate(itertools.pairwise(SIZES), 1):
        spread = np.sqrt(2 / (n_in + n_out)) * (4 if number < 3 else 1)
        params[f"W{number}"] = spread * rng.normal(size=(n_in, n_out))
        params[f"b{number}"] = np.zeros(n_out)
    return params


def _gradients(params: Params, x: np.ndarray, y: np.ndarray) -> Params:
    """Return the gradients of the mean cross entropy of one batch."""
    first, second, final = scores(params, x)
    dout = np.exp(final - final.max(axis=1, keepdims=True))
    dout /= dout.sum(axis=1, keepdims=True)
    dout[np.arange(len(y)), y] -= 1
    dout /= len(y)  # (N, 10)
    dsecond = dout @ params["W3"].T * second * (1 - second)  # (N, 100)
    dfirst = dsecond @ params["W2"].T * first * (1 - first)  # (N, 50)
    pairs = [(x, dfirst), (first, dsecond), (second, dout)]
    grads = {f"W{number}": inputs.T @ d for number, (inputs, d) in enumerate(pairs, 1)}
    return grads | {f"b{number}": d.sum(axis=0) for number, (_, d) in enumerate(pairs, 1)}


def _step(params: Params, speed: Params, grads: Params, rate: float) -> None:
    """Change params and speed in place: one step with momentum."""
    for key, value in params.items():
        decay = DECAY * value if key.startswith("W") else 0.0
        speed[key] = MOMENTUM * speed[key] - rate * (grads[key] + decay)
        value += speed[key]


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))  # no score of this network comes near an overflow


if __name__ == "__main__":
    sys.exit(main())
