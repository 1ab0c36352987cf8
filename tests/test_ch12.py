"""ch12_autoencoder: its suites accept correct solutions and kill every known mistake."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from autograder.build.regions import strip
from autograder.build.source import Source
from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.reference import load_reference
from autograder.engine.run import run_suite
from autograder.engine.seeds import Seeds
from autograder.evidence import module_from
from autograder.manifest import load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = load_chapter(Project(ROOT), "ch12_autoencoder")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
CORRECT = [CHAPTER.source_file, *sorted((ROOT / "tests" / "correct" / CHAPTER.name).glob("*.py"))]
HIDDEN = module_from(CHAPTER.suite_dir / "test_hidden.py")

FIRST = (
    "first, second = Dense(n_in, hidden, rng, dtype=dtype), Dense(hidden, code, rng, dtype=dtype)"
)
THIRD = "third, last = Dense(code, hidden, rng, dtype=dtype), Dense(hidden, n_in, rng, dtype=dtype)"
ENCODER = "self.encoder = Sequential([first, ReLU(), second])"
DECODER = "self.decoder = Sequential([third, ReLU(), last, Sigmoid()])"
WHEN = "if training and self.noise:"
NOISE = "noise = self.noise * self.rng.standard_normal(x.shape)"
ADD = "x = x + noise.astype(np.result_type(x, 1.0))  # float32 stays float32"
FORTH = "return self.decoder.forward(self.encoder.forward(x, training=training), training=training)"
BACK = "return self.encoder.backward(self.decoder.backward(dout))"
PREDICT = "return self.forward(x, training=False)"
ENCODE, DECODE = "return self.encoder.predict(x)", "return self.decoder.predict(z)"
PARAMS = 'decoder = {f"decoder.{name}": value for name, value in self.decoder.params.items()}'
GRADS = 'encoder = {f"encoder.{name}": value for name, value in self.encoder.grads.items()}'
FLOAT = "x = x.astype(np.result_type(x, 1.0), copy=False)"
REPEAT = "return x.repeat(self.factor, axis=2).repeat(self.factor, axis=3)"
BLOCKS = "return dout.reshape(n, c, h // f, f, w // f, f).sum(axis=(3, 5))"
DOWN = "down += [Conv2D(before, after, 3, rng, pad=1, dtype=dtype), ReLU(), MaxPool2D(2)]"
END = "end = ReLU() if up else Sigmoid()"
UP = "up = [Upsample(2), Conv2D(after, before, 3, rng, pad=1, dtype=dtype), end, *up]"
TO_CODE = "Dense(size, code, rng, dtype=dtype)"
FROM_CODE = "Dense(code, size, rng, dtype=dtype)"
FOLD = "self.decoder = Sequential([from_code, ReLU(), Unflatten(small), *up])"
KEEP = "self.noise, self.rng = noise, rng"
ERROR = "return MeanSquaredError().forward(model.predict(x), x)"
SQUARES = "squares = _squared_distances(queries, codes)  # (M, N)"
SORT = 'return np.argsort(squares, axis=1, kind="stable")[:, :k]'
NEAR = "squares = _squared_distances(x, x)[others].reshape(n, n - 1)"
SHIFT = "squares -= squares.min(axis=1, keepdims=True)  # the nearest one's exponential is always 1"
WEIGHTS = "weights = np.exp(-beta * squares)"
ENTROPY = "(weights * squares).sum(axis=1, keepdims=True) / total"
WIDE = "wide = entropy > np.log(perplexity)"
HALVE = "beta = np.where(np.isinf(high), 2 * beta, (low + high) / 2)"
ROWS = "conditional[others] = (weights / total).ravel()"
JOINT = "return (conditional + conditional.T) / (2 * n)"
KERNEL = "weights = 1 / (1 + np.sum((y[:, None] - y[None]) ** 2, axis=-1))"
PULL = "pull = (P - weights / weights.sum()) * weights"
SLOPE = "return 4 * (pull.sum(axis=1, keepdims=True) * y - pull @ y)"
HEAP = "y = 1e-2 * rng.standard_normal((len(x), dim))"
STEPS = "for step in range(steps):"
MOVE = "y = y + velocity"
AFFINE = "P = pairwise_affinities(x, perplexity)"
CENTRE = "return y - y.mean(axis=0)"
WALK = "return model.decode(np.linspace(start, end, steps, dtype=start.dtype))"

# (exercise, name of the mistake, text of the reference, what stands there instead)
MISTAKES = [
    (
        "Autoencoder",
        "no ReLU in the encoder",
        ENCODER,
        "self.encoder = Sequential([first, Sequential([]), second])",
    ),
    ("Autoencoder", "sigmoid in the encoder", ENCODER, ENCODER.replace("ReLU", "Sigmoid")),
    ("Autoencoder", "ReLU on the code", ENCODER, ENCODER.replace("second", "second, ReLU()")),
    (
        "Autoencoder",
        "no ReLU in the decoder",
        DECODER,
        DECODER.replace("third, ReLU()", "third, Sequential([])"),
    ),
    ("Autoencoder", "no sigmoid at the end", DECODER, DECODER.replace(", Sigmoid()", "")),
    ("Autoencoder", "ReLU at the end", DECODER, DECODER.replace("Sigmoid", "ReLU")),
    (
        "Autoencoder",
        "one layer for both hidden ones",
        THIRD,
        THIRD.replace("third, last =", "third, last = first, second =")
        .replace("code, hidden", "n_in, hidden")
        .replace("hidden, n_in", "hidden, code"),
    ),
    ("Autoencoder", "encoder in float64", FIRST, FIRST.replace(", dtype=dtype", "")),
    ("Autoencoder", "decoder in float64", THIRD, THIRD.replace(", dtype=dtype", "")),
    (
        "Autoencoder",
        "weights from a seed of its own",
        THIRD,
        THIRD.replace("rng", "np.random.default_rng(0)"),
    ),
    ("Autoencoder", "noise in use too", WHEN, "if self.noise:"),
    ("Autoencoder", "no noise at all", WHEN, "if False:"),
    (
        "Autoencoder",
        "noise always",
        WHEN,
        "if training:\n            self.noise = self.noise or 0.1",
    ),
    ("Autoencoder", "noise in use only", WHEN, "if not training and self.noise:"),
    (
        "Autoencoder",
        "uniform noise",
        NOISE,
        "noise = self.noise * self.rng.uniform(-1, 1, x.shape)",
    ),
    (
        "Autoencoder",
        "uniform noise of that deviation",
        NOISE,
        "noise = self.noise * self.rng.uniform(-(3**0.5), 3**0.5, x.shape)",
    ),
    (
        "Autoencoder",
        "positive noise",
        NOISE,
        "noise = self.noise * abs(self.rng.standard_normal(x.shape))",
    ),
    (
        "Autoencoder",
        "noise as a variance",
        NOISE,
        "noise = self.noise**0.5 * self.rng.standard_normal(x.shape)",
    ),
    ("Autoencoder", "noise of size 1", NOISE, "noise = self.rng.standard_normal(x.shape)"),
    (
        "Autoencoder",
        "one number for an example",
        NOISE,
        "noise = self.noise * self.rng.standard_normal((len(x), 1))",
    ),
    (
        "Autoencoder",
        "one row for the batch",
        NOISE,
        "noise = self.noise * self.rng.standard_normal(x.shape[1:])",
    ),
    (
        "Autoencoder",
        "the same noise each time",
        NOISE,
        "noise = self.noise * np.random.default_rng(0).standard_normal(x.shape)",
    ),
    (
        "Autoencoder",
        "noise from the global generator",
        NOISE,
        "noise = self.noise * np.random.standard_normal(x.shape)",
    ),
    (
        "Autoencoder",
        "noise from a seed of its own",
        KEEP,
        "self.noise = noise\n        self.rng = np.random.default_rng(0)",
    ),
    ("Autoencoder", "noise multiplies", ADD, "x = x * (1 + noise)"),
    ("Autoencoder", "noise added in place", ADD, "x += noise.astype(x.dtype)"),
    ("Autoencoder", "noise clipped", ADD, ADD + "\n            x = np.clip(x, 0, 1)"),
    ("Autoencoder", "noise in float64", ADD, "x = x + noise"),
    (
        "Autoencoder",
        "noise on the output",
        FORTH,
        "y = self.decoder.forward(self.encoder.forward(x))\n"
        "        return y + training * self.noise * self.rng.standard_normal(y.shape)",
    ),
    (
        "Autoencoder",
        "noise on the code",
        ADD,
        "z = self.encoder.forward(x)\n"
        "            z = z + self.noise * self.rng.standard_normal(z.shape)\n"
        "            return self.decoder.forward(z)",
    ),
    ("Autoencoder", "encodes only", FORTH, "return self.encoder.forward(x)"),
    (
        "Autoencoder",
        "encoder's memory of clean data",
        FORTH,
        "z = self.encoder.forward(x, training=training)\n"
        "        self.encoder.forward(np.clip(x, 0, 0.9))\n"
        "        return self.decoder.forward(z, training=training)",
    ),
    ("Autoencoder", "decoder only", BACK, "return self.decoder.backward(dout)"),
    (
        "Autoencoder",
        "backward in the wrong order",
        BACK,
        "return self.decoder.backward(self.encoder.backward(dout))",
    ),
    (
        "Autoencoder",
        "backward negative",
        BACK,
        "return -self.encoder.backward(self.decoder.backward(dout))",
    ),
    (
        "Autoencoder",
        "backward twice as large",
        BACK,
        "return self.encoder.backward(2 * self.decoder.backward(dout))",
    ),
    (
        "Autoencoder",
        "backward without dx",
        BACK,
        "self.encoder.backward(self.decoder.backward(dout))",
    ),
    (
        "Autoencoder",
        "backward changes dout",
        BACK,
        "dout *= 1.5\n        return self.encoder.backward(self.decoder.backward(dout / 1.5))",
    ),
    ("Autoencoder", "predict while training", PREDICT, PREDICT.replace("False", "True")),
    ("Autoencoder", "predict gives codes", PREDICT, "return self.encode(x)"),
    (
        "Autoencoder",
        "encode with the noise",
        ENCODE,
        "return self.encoder.predict(x + self.noise * self.rng.standard_normal(x.shape))",
    ),
    (
        "Autoencoder",
        "encode gives hidden units",
        ENCODE,
        "return self.encoder.layers[0].forward(x)",
    ),
    (
        "Autoencoder",
        "decode without the end",
        DECODE,
        "return Sequential(self.decoder.layers[:3]).predict(z)",
    ),
    ("Autoencoder", "decode after a ReLU", DECODE, "return self.decoder.predict(np.maximum(z, 0))"),
    (
        "Autoencoder",
        "params are copies",
        PARAMS,
        PARAMS.replace(": value for", ": value.copy() for"),
    ),
    (
        "Autoencoder",
        "params of the encoder twice",
        PARAMS,
        PARAMS.replace("self.decoder.params", "self.encoder.params"),
    ),
    ("Autoencoder", "keys with an underscore", PARAMS, PARAMS.replace("decoder.{", "decoder_{")),
    ("Autoencoder", "params for grads", GRADS, GRADS.replace(".grads.", ".params.")),
    ("Autoencoder", "keys without the part", GRADS, GRADS.replace('f"encoder.{name}"', "name")),
    (
        "Upsample",
        "zeros between",
        REPEAT,
        "y = np.kron(x, np.ones((self.factor, self.factor), x.dtype))\n"
        "        y[:, :, 1 :: self.factor] = 0\n        return y",
    ),
    ("Upsample", "tiled", REPEAT, "return np.tile(x, (1, 1, self.factor, self.factor))"),
    ("Upsample", "rows only", REPEAT, "return x.repeat(self.factor, axis=2)"),
    ("Upsample", "channels too", REPEAT, REPEAT.replace("axis=2", "axis=1")),
    ("Upsample", "always by 2", REPEAT, "return x.repeat(2, axis=2).repeat(2, axis=3)"),
    ("Upsample", "in float64", FLOAT, "x = x.astype(float)"),
    ("Upsample", "whole numbers stay whole", FLOAT, "x = x.copy()"),
    ("Upsample", "mean of the block", BLOCKS, BLOCKS.replace("sum", "mean")),
    ("Upsample", "largest of the block", BLOCKS, BLOCKS.replace("sum", "max")),
    ("Upsample", "first of the block", BLOCKS, "return dout[:, :, ::f, ::f].copy()"),
    ("Upsample", "shares memory", BLOCKS, "return dout[:, :, ::f, ::f]"),
    (
        "Upsample",
        "strips for blocks",
        BLOCKS,
        "return dout.reshape(n, c, f, h // f, f, w // f).sum(axis=(2, 4))",
    ),
    ("Upsample", "backward in float64", BLOCKS, BLOCKS + ".astype(float)"),
    ("Upsample", "dout changed", BLOCKS, "dout[:] = dout.round(1)\n        " + BLOCKS),
    ("ConvAutoencoder", "no sigmoid at the end", END, "end = ReLU()"),
    (
        "ConvAutoencoder",
        "decoder without filters",
        UP,
        "up = [Upsample(2), end, *up]",
    ),
    ("ConvAutoencoder", "no upsampling", UP, UP.replace("Upsample(2), ", "")),
    ("ConvAutoencoder", "no pooling", DOWN, DOWN.replace(", MaxPool2D(2)", "")),
    ("ConvAutoencoder", "no padding", DOWN, DOWN.replace("pad=1, ", "")),
    ("ConvAutoencoder", "encoder's filters in float64", DOWN, DOWN.replace(", dtype=dtype", "")),
    ("ConvAutoencoder", "decoder's filters in float64", UP, UP.replace(", dtype=dtype", "")),
    ("ConvAutoencoder", "Dense in float64", FROM_CODE, "Dense(code, size, rng)"),
    ("ConvAutoencoder", "Dense to code in float64", TO_CODE, "Dense(size, code, rng)"),
    ("ConvAutoencoder", "code as long as the image", TO_CODE, TO_CODE.replace("code", "size")),
    ("ConvAutoencoder", "decoder not folded", FOLD, FOLD.replace("Unflatten(small), ", "")),
    (
        "ConvAutoencoder",
        "filters from the global generator",
        DOWN,
        DOWN.replace(", rng,", ", np.random,"),
    ),
    ("ConvAutoencoder", "no noise", KEEP, "self.noise, self.rng = 0.0, rng"),
    (
        "ConvAutoencoder",
        "the same noise for all",
        KEEP,
        "self.noise, self.rng = noise, np.random.default_rng(0)",
    ),
    ("ConvAutoencoder", "always noise", KEEP, "self.noise, self.rng = noise or 0.1, rng"),
    (
        "ConvAutoencoder",
        "dense all through",
        FOLD,
        "self.encoder = Sequential([Flatten(), Dense(c * h * w, code, rng, dtype=dtype)])\n"
        "        back = Dense(code, c * h * w, rng, dtype=dtype)\n"
        "        self.decoder = Sequential([back, Sigmoid(), Unflatten(input_shape)])",
    ),
    ("reconstruction_error", "sum", ERROR, "return float(np.sum((model.predict(x) - x) ** 2))"),
    (
        "reconstruction_error",
        "over the examples",
        ERROR,
        "return float(np.sum((model.predict(x) - x) ** 2)) / len(x)",
    ),
    ("reconstruction_error", "root", ERROR, ERROR + " ** 0.5"),
    ("reconstruction_error", "half", ERROR, ERROR + " / 2"),
    ("reconstruction_error", "absolute", ERROR, "return float(np.mean(abs(model.predict(x) - x)))"),
    ("reconstruction_error", "not squared", ERROR, "return float(np.mean(model.predict(x) - x))"),
    (
        "reconstruction_error",
        "one per example",
        ERROR,
        "return np.mean((model.predict(x) - x) ** 2, axis=1)",
    ),
    (
        "reconstruction_error",
        "NumPy's number",
        ERROR,
        "return np.mean((model.predict(x) - x) ** 2)",
    ),
    (
        "reconstruction_error",
        "while training",
        ERROR,
        ERROR.replace("predict(x)", "forward(x, training=True)"),
    ),
    ("reconstruction_error", "against itself", ERROR, "return MeanSquaredError().forward(x, x)"),
    (
        "reconstruction_error",
        "first example only",
        ERROR,
        ERROR.replace("predict(x), x", "predict(x[:1]), x[:1]"),
    ),
    (
        "reconstruction_error",
        "changes x",
        ERROR,
        "x -= model.predict(x)\n    return float(np.mean(x**2))",
    ),
    (
        "nearest_neighbours",
        "arguments swapped",
        SQUARES,
        "squares = _squared_distances(codes, queries)",
    ),
    ("nearest_neighbours", "transposed", SORT, SORT + ".T"),
    (
        "nearest_neighbours",
        "farthest first",
        SORT,
        SORT.replace("argsort(squares", "argsort(-squares"),
    ),
    ("nearest_neighbours", "nearest last", SORT, SORT.replace(":k]", ":k][:, ::-1]")),
    (
        "nearest_neighbours",
        "not sorted",
        SORT,
        "return np.sort(np.argsort(squares, axis=1)[:, :k], axis=1)",
    ),
    ("nearest_neighbours", "itself left out", SORT, SORT.replace(":k]", "1 : k + 1]")),
    ("nearest_neighbours", "distances", SORT, "return np.sort(squares, axis=1)[:, :k]"),
    ("nearest_neighbours", "along the queries", SORT, SORT.replace("axis=1", "axis=0")),
    ("nearest_neighbours", "as floats", SORT, SORT + ".astype(float)"),
    ("nearest_neighbours", "from 1", SORT, SORT + " + 1"),
    ("nearest_neighbours", "one too many", SORT, SORT.replace(":k]", ": k + 1]")),
    (
        "nearest_neighbours",
        "ranks",
        SORT,
        SORT.replace("squares, axis", "np.argsort(squares, axis=1), axis"),
    ),
    (
        "nearest_neighbours",
        "sum of differences",
        SQUARES,
        "squares = np.array([abs(codes - q).sum(axis=1) for q in queries])",
    ),
    (
        "nearest_neighbours",
        "largest difference",
        SQUARES,
        "squares = np.array([abs(codes - q).max(axis=1) for q in queries])",
    ),
    (
        "nearest_neighbours",
        "by angle",
        SQUARES,
        "squares = -(queries @ codes.T) / np.linalg.norm(codes, axis=1)",
    ),
    ("nearest_neighbours", "inner product", SQUARES, "squares = -(queries @ codes.T)"),
    (
        "nearest_neighbours",
        "factor 2 forgotten",
        SQUARES,
        "squares = (codes**2).sum(axis=1) - queries @ codes.T",
    ),
    ("pairwise_affinities", "not squared", NEAR, NEAR + " ** 0.5"),
    ("pairwise_affinities", "nothing subtracted", SHIFT, "scale = 1"),
    ("pairwise_affinities", "mean subtracted", SHIFT, SHIFT.replace("min", "mean")),
    (
        "pairwise_affinities",
        "attracts what is far",
        WEIGHTS,
        "weights = np.exp(beta * (squares - squares.max(axis=1, keepdims=True)))",
    ),
    ("pairwise_affinities", "Student's kernel", WEIGHTS, "weights = 1 / (1 + beta * squares)"),
    ("pairwise_affinities", "entropy sign", WIDE, "wide = entropy < np.log(perplexity)"),
    ("pairwise_affinities", "bits against nats", WIDE, "wide = entropy > np.log2(perplexity)"),
    ("pairwise_affinities", "entropy for perplexity", WIDE, "wide = entropy > perplexity / 4"),
    (
        "pairwise_affinities",
        "entropy without its norm",
        ENTROPY,
        "(weights * squares).sum(axis=1, keepdims=True)",
    ),
    ("pairwise_affinities", "no search", HALVE, "pass"),
    ("pairwise_affinities", "search of four steps", "range(64)", "range(4)"),
    (
        "pairwise_affinities",
        "search upwards only",
        HALVE,
        "beta = np.where(np.isinf(high), 2 * beta, beta)",
    ),
    (
        "pairwise_affinities",
        "small betas out of reach",
        "np.zeros((n, 1)), np",
        "np.ones((n, 1)), np",
    ),
    (
        "pairwise_affinities",
        "one beta for all",
        WIDE,
        "wide = 0 * entropy + entropy.mean() > np.log(perplexity)",
    ),
    (
        "pairwise_affinities",
        "begins at 1 and stops at 1000",
        HALVE,
        "beta = np.clip(np.where(np.isinf(high), 2 * beta, (low + high) / 2), 1e-3, 1e3)",
    ),
    ("pairwise_affinities", "rows not divided", ROWS, "conditional[others] = weights.ravel()"),
    (
        "pairwise_affinities",
        "divided by the whole",
        ROWS,
        "conditional[others] = n * (weights / weights.sum()).ravel()",
    ),
    ("pairwise_affinities", "not symmetric", JOINT, "return conditional / n"),
    ("pairwise_affinities", "sum 2", JOINT, "return (conditional + conditional.T) / n"),
    ("pairwise_affinities", "sum N", JOINT, "return (conditional + conditional.T) / 2"),
    (
        "pairwise_affinities",
        "product for mean",
        JOINT,
        "P = np.sqrt(conditional * conditional.T)\n    return P / P.sum()",
    ),
    (
        "pairwise_affinities",
        "larger of the two",
        JOINT,
        "P = np.maximum(conditional, conditional.T)\n    return P / P.sum()",
    ),
    (
        "pairwise_affinities",
        "diagonal filled",
        JOINT,
        "P = (conditional + conditional.T) / (2 * n)\n    return P + 1e-3 * np.eye(n)",
    ),
    (
        "pairwise_affinities",
        "points counted among their own",
        "others = ~np.eye(n, dtype=bool)",
        "others = ~np.eye(n, k=1, dtype=bool)\n    others[-1, 0] = False",
    ),
    ("pairwise_affinities", "x centred in place", NEAR, "x -= x.mean(axis=0)\n    " + NEAR),
    ("tsne", "uphill", SLOPE, SLOPE.replace("return", "return -")),
    ("tsne", "no push", PULL, "pull = P * weights"),
    ("tsne", "no pull", PULL, "pull = -weights / weights.sum() * weights"),
    ("tsne", "Q not normalised", PULL, "pull = (P - weights) * weights"),
    ("tsne", "P and Q swapped", PULL, "pull = (weights / weights.sum() - P) * weights"),
    ("tsne", "own position forgotten", SLOPE, "return -4 * pull @ y"),
    ("tsne", "column sums of nothing", SLOPE, "return 4 * (pull.sum() * y - pull @ y)"),
    (
        "tsne",
        "kernel along the points",
        KERNEL,
        "weights = 1 / (1 + np.sum((y[:, None] - y[None]) ** 2) + np.zeros((len(y), len(y))))",
    ),
    ("tsne", "map never moved", MOVE, "pass"),
    ("tsne", "one step", STEPS, "for step in range(1):"),
    ("tsne", "always 500 steps", STEPS, "steps = 500\n    for step in range(steps):"),
    ("tsne", "always in the plane", HEAP, HEAP.replace("dim)", "2)")),
    (
        "tsne",
        "perplexity of its own",
        AFFINE,
        "P = pairwise_affinities(x, min(30.0, len(x) - 1.5))",
    ),
    ("tsne", "all at one place", HEAP, "y = 0 * rng.standard_normal((len(x), dim))"),
    ("tsne", "global generator", HEAP, HEAP.replace("rng", "np.random")),
    ("tsne", "a seed of its own", HEAP, HEAP.replace("rng", "np.random.default_rng(0)")),
    ("tsne", "columns for rows", CENTRE, "return (y - y.mean(axis=0)).T"),
    ("tsne", "the first two numbers", CENTRE, "return x[:, :dim] + 0.0"),
    (
        "tsne",
        "principal components",
        CENTRE,
        "c = x - x.mean(axis=0)\n    return c @ np.linalg.svd(c)[2][:dim].T",
    ),
    ("tsne", "x centred in place", AFFINE, "x -= x.mean(axis=0)\n    " + AFFINE),
    (
        "interpolate",
        "images mixed",
        WALK,
        "t = np.linspace(0, 1, steps).reshape(-1, *(1,) * a.ndim)\n"
        "    return (1 - t) * model.predict(a[None]) + t * model.predict(b[None])",
    ),
    ("interpolate", "not decoded", WALK, "return np.linspace(start, end, steps)"),
    (
        "interpolate",
        "images mixed and restored",
        WALK,
        "return model.predict(np.linspace(a, b, steps))",
    ),
    ("interpolate", "without the end", WALK, WALK.replace("steps,", "steps, endpoint=False,")),
    (
        "interpolate",
        "without both ends",
        WALK,
        "return model.decode(np.linspace(start, end, steps + 2)[1:-1])",
    ),
    ("interpolate", "one step more", WALK, WALK.replace("steps,", "steps + 1,")),
    ("interpolate", "backwards", WALK, WALK.replace("start, end", "end, start")),
    ("interpolate", "an axis too many", WALK, WALK + "[:, None]"),
    (
        "interpolate",
        "the ends themselves",
        WALK,
        "walk = np.array(model.decode(np.linspace(start, end, steps)))\n"
        "    walk.reshape(steps, -1)[0] = np.resize(a, walk[0].size)\n    return walk",
    ),
    ("interpolate", "towards 0", WALK, WALK.replace("start, end,", "start, 0 * end,")),
    (
        "interpolate",
        "uneven steps",
        WALK,
        "t = np.linspace(0, 1, steps)[:, None] ** 2\n"
        "    return model.decode(start + t * (end - start))",
    ),
]
BLOCKS_OF = {"tsne": ("_map_gradient", "tsne")}


def block(name: str) -> str:
    """The text of one class or function of the reference."""
    found = re.search(rf"^(class|def) {name}\b.*?(?=^(?:class|def) |\Z)", REFERENCE, re.M | re.S)
    assert found, name
    return found.group()


def changed(exercise: str, old: str, new: str) -> str:
    """The reference with one place of one exercise changed."""
    texts = [block(name) for name in BLOCKS_OF.get(exercise, (exercise,))]
    counts = [text.count(old) for text in texts]
    assert sum(counts) == 1, f"{old!r} occurs {sum(counts)} times in {exercise}"
    text = texts[counts.index(1)]
    return REFERENCE.replace(text, text.replace(old, new))


def run(source: str, exercises: tuple[str, ...] | None = None, **more) -> list[CheckOutcome]:
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    return run_suite(Task(CHAPTER, program, LocalSession, exercises=exercises, **more))


@pytest.fixture(scope="module")
def reference():
    return load_reference(CHAPTER)


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_every_check(path: Path) -> None:
    outcomes = run(path.read_text(encoding="utf-8"))

    assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []
    assert {one.exercise for one in outcomes} == {one.name for one in CHAPTER.exercises}


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_with_other_inputs(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    quick = tuple(one.name for one in CHAPTER.exercises if one.name not in ("tsne", "mnist"))

    for secret in (b"one", b"two", b"three"):
        outcomes = run(source, quick, seeds=Seeds(secret=secret))
        assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []


def test_stub_is_not_started() -> None:
    outcomes = run(strip(Source.read(CHAPTER, CHAPTER.source_file)))

    assert {outcome.status for outcome in outcomes} == {"not_started", "waiting"}
    assert {one.exercise for one in outcomes if one.status == "waiting"} == {"mnist"}


@pytest.mark.parametrize(
    ("exercise", "old", "new"),
    [pytest.param(ex, old, new, id=f"{ex}: {name}") for ex, name, old, new in MISTAKES],
)
def test_mistake_is_killed_by_its_own_exercise(exercise: str, old: str, new: str) -> None:
    source = changed(exercise, old, new)
    compile(source, CHAPTER.file, "exec")

    outcomes = run(source, (exercise,))

    assert {outcome.exercise for outcome in outcomes} == {exercise}
    assert {outcome.status for outcome in outcomes} & {"failed", "crashed"}


DO_NOTHING = """
import numpy as np

class Model:
    def __init__(self, *shape, noise=0.0, dtype=np.float64):
        self.noise, self.params, self.grads = noise, {}, {}
    def forward(self, x, training=False):
        return ANSWER
    encode = decode = predict = backward = forward

class Autoencoder(Model):
    def __init__(self, n_in, hidden, code, rng, noise=0.0, dtype=np.float64):
        sizes = {"encoder.0": (n_in, hidden), "encoder.2": (hidden, code)}
        sizes |= {"decoder.0": (code, hidden), "decoder.2": (hidden, n_in)}
        self.params = {f"{k}.W": np.zeros(s, dtype) for k, s in sizes.items()}
        self.params |= {f"{k}.b": np.zeros(s[1], dtype) for k, s in sizes.items()}
        self.grads = {k: 0 * v for k, v in self.params.items()}

class Upsample(Model):
    def __init__(self, factor=2):
        self.params, self.grads = {}, {}

ConvAutoencoder = Model

def reconstruction_error(model, x):
    return 0.0

def nearest_neighbours(codes, queries, k):
    return np.tile(np.arange(k), (len(queries), 1))

def pairwise_affinities(x, perplexity):
    n = len(x)
    return (1 - np.eye(n)) / (n * n - n)

def tsne(x, rng, dim=2, perplexity=30.0, steps=500):
    return rng.normal(size=(len(x), dim))

def interpolate(model, a, b, steps):
    x = a
    return np.array([ANSWER] * steps)
"""


@pytest.mark.parametrize("answer", ["x", "1.0 * x", "0.0 * x", "0.0"])
def test_doing_nothing_earns_nothing(answer: str) -> None:
    outcomes = run(DO_NOTHING.replace("ANSWER", answer))

    assert [outcome.id for outcome in outcomes if outcome.status == "passed"] == []


def test_encoder_that_does_not_learn_fails_on_the_digits() -> None:
    frozen = changed(
        "Autoencoder", BACK, "return self.encoder.backward(0 * self.decoder.backward(dout))"
    )

    outcomes = run(frozen, ("mnist",))

    assert {outcome.status for outcome in outcomes} == {"failed"}


def test_pca_error_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    stretched = rng.normal(size=(90, 12)) @ np.diag(np.geomspace(3, 0.1, 12)) + 2
    train, test = stretched[:60], stretched[60:]

    for components in (1, 4, 11):
        pca = PCA(components).fit(train)
        want = np.mean((pca.inverse_transform(pca.transform(test)) - test) ** 2)
        assert HIDDEN.pca_error(train, test, components) == pytest.approx(want, rel=1e-9)


def test_trustworthiness_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(50, 6))

    for y in (x[:, :2], rng.normal(size=(50, 2)), x):
        for k in (3, 10):
            want = trustworthiness(x, y, n_neighbors=k)
            assert HIDDEN.trustworthiness(x, y, k) == pytest.approx(want, abs=1e-12)
    assert HIDDEN.trustworthiness(x, x) == 1.0


def test_the_flat_map_has_map_error_1() -> None:
    x = np.random.default_rng(2).normal(size=(40, 5))

    centred = x - x.mean(axis=0)
    flat = PCA(2).fit_transform(x)

    assert HIDDEN.map_error(x, flat) == pytest.approx(1.0, abs=1e-12)
    assert HIDDEN.map_error(x, centred) == 0.0


def test_map_gradient_agrees_with_finite_differences(reference) -> None:
    rng = np.random.default_rng(3)
    P = reference.pairwise_affinities(rng.normal(size=(9, 4)), 3.0)
    y = rng.normal(size=(9, 2))

    def divergence(y):
        weights = 1 / (1 + ((y[:, None] - y) ** 2).sum(axis=-1))
        weights[np.diag_indices(9)] = 0
        rest = ~np.eye(9, dtype=bool)
        return np.sum(P[rest] * np.log(P[rest] / (weights / weights.sum())[rest]))

    steps = 1e-5 * np.eye(18).reshape(18, 9, 2)
    measured = [(divergence(y + step) - divergence(y - step)) / 2e-5 for step in steps]

    gradient = reference._map_gradient(P, y)

    assert np.abs(gradient - np.reshape(measured, (9, 2))).max() < 1e-9
    assert np.abs(gradient).max() > 1e-3


def test_conv_autoencoder_refuses_sides_that_cannot_be_halved(reference) -> None:
    with pytest.raises(ValueError, match="cannot be halved 2 times"):
        reference.ConvAutoencoder((1, 6, 8), (2, 3), 4, np.random.default_rng(0))
