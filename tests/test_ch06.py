"""ch06_layers: its suites accept correct solutions and kill every wrong one by its own exercise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.run import run_suite
from autograder.manifest import load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = load_chapter(Project(ROOT), "ch06_layers")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
CORRECT = [CHAPTER.source_file, *sorted((ROOT / "tests" / "correct" / CHAPTER.name).glob("*.py"))]

HE = "rng.standard_normal((n_in, n_out)) * math.sqrt(2.0 / n_in)"
OUT = 'return x @ self.params["W"] + self.params["b"]'
KEEP = "        self.x = x\n"
DW, DB = 'self.grads["W"] = rows.T @ drows', 'self.grads["b"] = drows.sum(axis=0)'
SLOPE, MASK = "self.slope = relu_grad(x)", "return dout * self.slope"
SIGMOID = "return dout * self.y * (1 - self.y)"
TANH = "return dout * (1 - self.y * self.y)"
FLAT = "return x.reshape(len(x), -1)"
LOG_PROBS = "self.log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
LOSS = "return -float(self.log_probs[self.picked].mean())"
EXP, HIT = "dpred = np.exp(self.log_probs)", "dpred[self.picked] -= 1"
OVER_N = "return (dpred / len(dpred)).reshape(self.shape)"
SHIFT = "scores.max(axis=1, keepdims=True)"
NEGATIVE = "target.min() < 0 or "
LABELS = "self.picked = np.arange(target.size), target.reshape(-1)"
DIFFERENCE = "self.difference = np.subtract(pred, target, dtype=dtype)"
MEAN = "return float(np.mean(self.difference**2))"
MSE_GRAD = "return 2 * self.difference / self.difference.size"
NEXT = "x = layer.forward(x, training=training)"
BACK = "dout = layer.backward(dout)"
NUMBER, PARAMS = "number, layer in enumerate(self.layers)", "in layer.params.items()"
ORDER = "order = rng.permutation(len(x))"
BATCH = "batch = order[start : start + batch_size]"
NOTE = "losses.append(loss.forward(net.forward(x[batch], training=True), y[batch]))"
STEP = "value -= lr * grads[name]"

# (exercise, name of the mistake, text of the reference, what stands there instead)
MISTAKES = [
    ("Dense", "bias missing", OUT, 'return x @ self.params["W"]'),
    ("Dense", "rectified", OUT, OUT.replace("return", "return 0.5 *")),
    (
        "Dense",
        "W taken once",
        OUT,
        "self.w = getattr(self, 'w', self.params['W'])\n"
        "        return x @ self.w + self.params['b']",
    ),
    ("Dense", "computes in float32", KEEP, KEEP + "        x = x.astype(np.float32)\n"),
    ("Dense", "first input kept", KEEP, "        self.x = getattr(self, 'x', x)\n"),
    (
        "Dense",
        "inputs collected",
        KEEP,
        "        self.all = [*getattr(self, 'all', []), x]\n        self.x = self.all[0]\n",
    ),
    (
        "Dense",
        "input kept in training only",
        KEEP,
        "        if training or not hasattr(self, 'x'):\n            self.x = x\n",
    ),
    ("Dense", "input centred in place", KEEP, KEEP + "        x -= x.mean(axis=0)\n"),
    ("Dense", "fan out", HE, HE.replace("2.0 / n_in", "2.0 / n_out")),
    ("Dense", "Xavier", HE, HE.replace("2.0", "1.0")),
    ("Dense", "variance as deviation", HE, HE.replace("math.sqrt(2.0 / n_in)", "(2.0 / n_in)")),
    ("Dense", "uniform of that width", HE, HE.replace("standard_normal(", "uniform(-1, 1, ")),
    (
        "Dense",
        "uniform, right deviation",
        HE,
        HE.replace("standard_normal(", "uniform(-(3**0.5), 3**0.5, "),
    ),
    ("Dense", "zero weights", HE, "np.zeros((n_in, n_out))"),
    ("Dense", "positive weights", HE, f"abs({HE})"),
    ("Dense", "global generator", HE, HE.replace("rng.", "np.random.")),
    ("Dense", "a seed of its own", HE, HE.replace("rng.", "np.random.default_rng(0).")),
    ("Dense", "bias ones", "np.zeros(n_out, dtype)", "np.ones(n_out, dtype)"),
    ("Dense", "bias as a row", "np.zeros(n_out, dtype)", "np.zeros((1, n_out), dtype)"),
    ("Dense", "bias always float64", "np.zeros(n_out, dtype)", "np.zeros(n_out)"),
    ("Dense", "W always float64", "W.astype(dtype)", "W"),
    ("Dense", "no gradients at first", "np.zeros_like(value)", "None"),
    ("Dense", "gradients start at one", "np.zeros_like(value)", "np.ones_like(value)"),
    ("Dense", "dx without transpose", "return dout @ W.T", "return dout @ W"),
    ("Dense", "dx negative", "return dout @ W.T", "return -dout @ W.T"),
    (
        "Dense",
        "W stepped before dx",
        "return dout @ W.T",
        "W -= 0.1 * self.grads['W']\n        return dout @ W.T",
    ),
    ("Dense", "dW transposed", DW, 'self.grads["W"] = drows.T @ rows'),
    ("Dense", "dW over the inputs", DW, DW + " / n_in"),
    ("Dense", "dW averaged", DW, DW + " / len(rows)"),
    ("Dense", "dW adds up", DW, DW.replace("= rows", "+= rows")),
    ("Dense", "db adds up", DB, DB.replace("= drows", "+= drows")),
    ("Dense", "db averaged", DB, DB.replace("sum", "mean")),
    ("Dense", "db one number", DB, DB.replace("axis=0", "")),
    ("Dense", "db over the outputs", DB, DB.replace("axis=0", "axis=1")),
    ("Dense", "db as a row", DB, DB.replace("axis=0", "axis=0, keepdims=True")),
    ("Dense", "db ones", DB, 'self.grads["b"] = np.ones(n_out)'),
    ("Dense", "db like dW", DB, 'self.grads["b"] = (rows.T @ drows).sum(axis=0)'),
    ("Dense", "db in float64", DB, DB + ".astype(float)"),
    ("Dense", "db over the first axis", DB, 'self.grads["b"] = dout.sum(axis=0)'),
    ("Dense", "two axes only", "self.x.reshape(-1, n_in)", "self.x"),
    ("Dense", "reshape for transpose", "self.x.reshape(-1, n_in)", "self.x.reshape(n_in, -1).T"),
    ("ReLU", "mask of dout", MASK, "return dout * (dout > 0)"),
    ("ReLU", "mask missing", MASK, "return 1 * dout"),
    ("ReLU", "mask inverted", MASK, "return dout * (1 - self.slope)"),
    ("ReLU", "dout missing", MASK, "return 1 * self.slope"),
    ("ReLU", "dout changed", MASK, "dout[self.slope == 0] = 0\n        return dout"),
    ("ReLU", "whole gradients", MASK, "return (dout * self.slope).astype(int)"),
    ("ReLU", "gradient in float64", MASK, "return dout * self.slope.astype(float)"),
    ("ReLU", "times x", SLOPE, "self.slope = relu(x)"),
    ("ReLU", "slope 1 at 0", SLOPE, "self.slope = relu_grad(x) + (x == 0)"),
    ("ReLU", "first input kept", SLOPE, "self.slope = getattr(self, 'slope', relu_grad(x))"),
    (
        "ReLU",
        "kept in training only",
        SLOPE,
        "if training or not hasattr(self, 'slope'):\n            self.slope = relu_grad(x)",
    ),
    ("ReLU", "input changed", "return relu(x)", "x[x < 0] = 0\n        return x"),
    ("ReLU", "absolute value", "return relu(x)", "return abs(x)"),
    ("ReLU", "leaky", "return relu(x)", "return np.maximum(x, 0.01 * x)"),
    ("ReLU", "identity", "return relu(x)", "return 1.0 * x"),
    ("ReLU", "result in float64", "return relu(x)", "return relu(x).astype(float)"),
    ("ReLU", "whole numbers stay whole", "return relu(x)", "return np.maximum(x, 0)"),
    ("ReLU", "shares memory", "return relu(x)", "return x if (x > 0).all() else relu(x)"),
    ("Sigmoid", "slope of tanh", SIGMOID, TANH),
    ("Sigmoid", "sigmoid twice", SIGMOID, "s = sigmoid(self.y)\n        return dout * s * (1 - s)"),
    ("Sigmoid", "half the slope", SIGMOID, "return dout * (1 - self.y)"),
    ("Sigmoid", "dout missing", SIGMOID, "return self.y * (1 - self.y)"),
    ("Sigmoid", "dout changed", SIGMOID, "dout *= self.y * (1 - self.y)\n        return dout"),
    (
        "Sigmoid",
        "formula in x",
        "        return self.y\n",
        "        y, self.y = self.y, x\n        return y\n",
    ),
    ("Sigmoid", "1 - sigmoid", "self.y = sigmoid(x)", "self.y = sigmoid(-x)"),
    ("Sigmoid", "overflows", "self.y = sigmoid(x)", "self.y = 1 / (1 + np.exp(-x))"),
    ("Sigmoid", "in float64", "self.y = sigmoid(x)", "self.y = sigmoid(x.astype(float))"),
    (
        "Sigmoid",
        "first output kept",
        "self.y = sigmoid(x)",
        "self.y = getattr(self, 'y', sigmoid(x))\n        return sigmoid(x)",
    ),
    ("Tanh", "1 - y", TANH, "return dout * (1 - self.y)"),
    ("Tanh", "y squared", TANH, "return dout * self.y * self.y"),
    ("Tanh", "tanh twice", TANH, "return dout * (1 - tanh(self.y) ** 2)"),
    ("Tanh", "slope of sigmoid", TANH, SIGMOID),
    ("Tanh", "dout missing", TANH, "return 1 - self.y * self.y"),
    ("Tanh", "dout changed", TANH, "dout *= 1 - self.y * self.y\n        return dout"),
    ("Tanh", "sigmoid", "self.y = tanh(x)", "self.y = sigmoid(x)"),
    (
        "Tanh",
        "overflows",
        "self.y = tanh(x)",
        "self.y = (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))",
    ),
    ("Tanh", "in float64", "self.y = tanh(x)", "self.y = tanh(x.astype(float))"),
    (
        "Tanh",
        "kept in training only",
        "self.y = tanh(x)",
        "if not training and hasattr(self, 'y'):\n"
        "            return tanh(x)\n        self.y = tanh(x)",
    ),
    ("Flatten", "identity", FLAT, "return x.copy()"),
    ("Flatten", "examples as columns", FLAT, "return x.reshape(len(x), -1).T"),
    ("Flatten", "one long row", FLAT, "return x.reshape(-1)"),
    ("Flatten", "one row of a single image", FLAT, "return x.reshape(len(x), -1).squeeze()"),
    ("Flatten", "first axis fastest", FLAT, 'return x.reshape(len(x), -1, order="F")'),
    ("Flatten", "as it lies in memory", FLAT, 'return x.reshape(len(x), -1, order="A")'),
    ("Flatten", "in float64", FLAT, "return x.reshape(len(x), -1).astype(float)"),
    ("Flatten", "three axes only", FLAT, "return x.reshape(len(x), x.shape[1] * x.shape[2])"),
    ("Flatten", "backward keeps rows", "return dout.reshape(self.shape)", "return dout"),
    (
        "Flatten",
        "backward first axis fastest",
        "return dout.reshape(self.shape)",
        'return dout.reshape(self.shape, order="F")',
    ),
    (
        "Flatten",
        "first shape kept",
        "self.shape = x.shape",
        "self.shape = getattr(self, 'shape', x.shape)",
    ),
    ("SoftmaxCrossEntropy", "sum", LOSS, LOSS.replace("mean", "sum")),
    ("SoftmaxCrossEntropy", "mean over all scores", LOSS, LOSS + " / n_classes"),
    ("SoftmaxCrossEntropy", "sign", LOSS, LOSS.replace("-float", "float")),
    ("SoftmaxCrossEntropy", "no Python float", LOSS, "return -self.log_probs[self.picked].mean()"),
    ("SoftmaxCrossEntropy", "one loss per example", LOSS, "return -self.log_probs[self.picked]"),
    ("SoftmaxCrossEntropy", "whole rows", LOSS, "return -float(self.log_probs.sum(axis=1).mean())"),
    (
        "SoftmaxCrossEntropy",
        "all pairs",
        LOSS,
        "return -float(self.log_probs[:, self.picked[1]].mean())",
    ),
    (
        "SoftmaxCrossEntropy",
        "capped by 1e-7",
        LOSS,
        "return -float(np.log(np.exp(self.log_probs[self.picked]) + 1e-7).mean())",
    ),
    (
        "SoftmaxCrossEntropy",
        "log to base 2",
        LOSS,
        "return -float(self.log_probs[self.picked].mean()) / math.log(2)",
    ),
    (
        "SoftmaxCrossEntropy",
        "log of softmax",
        LOG_PROBS,
        "e = np.exp(shifted)\n        self.log_probs = np.log(e / e.sum(axis=1, keepdims=True))",
    ),
    (
        "SoftmaxCrossEntropy",
        "softmax down the batch",
        LOG_PROBS,
        LOG_PROBS.replace("axis=1", "axis=0"),
    ),
    (
        "SoftmaxCrossEntropy",
        "softmax of the whole batch",
        LOG_PROBS,
        LOG_PROBS.replace("axis=1, keepdims=True", ""),
    ),
    ("SoftmaxCrossEntropy", "no shift", SHIFT, "0"),
    ("SoftmaxCrossEntropy", "shift by the minimum", SHIFT, SHIFT.replace("max", "min")),
    ("SoftmaxCrossEntropy", "one shift for the batch", SHIFT, "scores.max()"),
    (
        "SoftmaxCrossEntropy",
        "pred changed",
        "scores = pred.reshape(-1, n_classes)",
        "scores = pred.reshape(-1, n_classes)\n        scores -= scores.max(axis=1, keepdims=True)",
    ),
    ("SoftmaxCrossEntropy", "gradient not over N", OVER_N, OVER_N.replace(" / len(dpred)", "")),
    (
        "SoftmaxCrossEntropy",
        "gradient over N twice",
        OVER_N,
        OVER_N.replace("len(dpred)", "len(dpred) ** 2"),
    ),
    (
        "SoftmaxCrossEntropy",
        "gradient over the first axis",
        OVER_N,
        OVER_N.replace("len(dpred)", "self.shape[0]"),
    ),
    (
        "SoftmaxCrossEntropy",
        "gradient over all scores",
        OVER_N,
        OVER_N.replace("len(dpred)", "dpred.size"),
    ),
    ("SoftmaxCrossEntropy", "gradient as rows", OVER_N, "return dpred / len(dpred)"),
    ("SoftmaxCrossEntropy", "gradient negative", OVER_N, OVER_N.replace("(dpred", "(-dpred")),
    (
        "SoftmaxCrossEntropy",
        "gradient in float64",
        OVER_N,
        OVER_N.replace("dpred /", "dpred.astype(float) /"),
    ),
    ("SoftmaxCrossEntropy", "plus one", HIT, HIT.replace("-=", "+=")),
    ("SoftmaxCrossEntropy", "whole columns", HIT, "dpred[:, self.picked[1]] -= 1"),
    ("SoftmaxCrossEntropy", "target forgotten", HIT, "pass"),
    (
        "SoftmaxCrossEntropy",
        "kept values overwritten",
        EXP,
        "dpred = self.log_probs\n        np.exp(dpred, out=dpred)",
    ),
    (
        "SoftmaxCrossEntropy",
        "first batch kept",
        LABELS,
        "self.picked = getattr(self, 'picked', (np.arange(target.size), target.reshape(-1)))",
    ),
    ("SoftmaxCrossEntropy", "last class for -1", NEGATIVE, ""),
    (
        "SoftmaxCrossEntropy",
        "labels clipped",
        "if target.min() < 0 or target.max() >= n_classes:",
        "target = np.clip(target, 0, n_classes - 1)\n        if False:",
    ),
    (
        "SoftmaxCrossEntropy",
        "size for shape",
        "if target.shape != pred.shape[:-1]:",
        "if target.size != pred.size // n_classes:",
    ),
    ("SoftmaxCrossEntropy", "shape unchecked", "if target.shape != pred.shape[:-1]:", "if False:"),
    (
        "SoftmaxCrossEntropy",
        "two axes only",
        "scores = pred.reshape(-1, n_classes)",
        "scores = pred",
    ),
    ("MeanSquaredError", "sum", MEAN, MEAN.replace("mean", "sum")),
    (
        "MeanSquaredError",
        "mean over the rows",
        MEAN,
        "return float(np.sum(self.difference**2)) / len(pred)",
    ),
    ("MeanSquaredError", "half", MEAN, MEAN.replace("float(", "float(0.5 * ")),
    ("MeanSquaredError", "absolute", MEAN, "return float(np.mean(abs(self.difference)))"),
    ("MeanSquaredError", "root", MEAN, "return float(np.sqrt(np.mean(self.difference**2)))"),
    ("MeanSquaredError", "no Python float", MEAN, "return np.mean(self.difference**2)"),
    ("MeanSquaredError", "gradient without 2", MSE_GRAD, MSE_GRAD.replace("2 * ", "")),
    ("MeanSquaredError", "gradient sign", MSE_GRAD, MSE_GRAD.replace("2 * ", "-2 * ")),
    (
        "MeanSquaredError",
        "gradient over the rows",
        MSE_GRAD,
        "return 2 * self.difference / len(self.difference)",
    ),
    ("MeanSquaredError", "gradient not over N", MSE_GRAD, "return 2 * self.difference"),
    (
        "MeanSquaredError",
        "kept values doubled",
        MSE_GRAD,
        "self.difference *= 2\n        return self.difference / self.difference.size",
    ),
    ("MeanSquaredError", "target's dtype wins", DIFFERENCE, "self.difference = pred - target"),
    (
        "MeanSquaredError",
        "pred changed",
        DIFFERENCE,
        "pred -= target.astype(pred.dtype)\n        self.difference = pred.astype(dtype)",
    ),
    (
        "MeanSquaredError",
        "target truncated",
        DIFFERENCE,
        "self.difference = (pred - target.astype(pred.dtype)).astype(dtype)",
    ),
    ("MeanSquaredError", "shapes broadcast", "if pred.shape != target.shape:", "if False:"),
    (
        "MeanSquaredError",
        "lengths compared",
        "if pred.shape != target.shape:",
        "if len(pred) != len(target):",
    ),
    (
        "Sequential",
        "every layer gets x",
        NEXT,
        "y = layer.forward(x, training=training)\n        x = y if layer is self.layers[-1] else x",
    ),
    ("Sequential", "training not passed on", NEXT, "x = layer.forward(x)"),
    ("Sequential", "always training", NEXT, "x = layer.forward(x, training=True)"),
    (
        "Sequential",
        "last layer forgotten",
        "for layer in self.layers:",
        "for layer in self.layers[:-1]:",
    ),
    ("Sequential", "backward forwards", "reversed(self.layers)", "self.layers"),
    ("Sequential", "first layer without backward", "reversed(self.layers)", "self.layers[:0:-1]"),
    ("Sequential", "every layer gets dout", BACK, "dx = layer.backward(dout)\n        return dx"),
    ("Sequential", "dx not returned", "        return dout\n", "        return None\n"),
    (
        "Sequential",
        "predict trains",
        "self.forward(x, training=False)",
        "self.forward(x, training=True)",
    ),
    (
        "Sequential",
        "predict gives ids",
        "self.forward(x, training=False)",
        "self.forward(x, training=False).argmax(axis=1)",
    ),
    ("Sequential", "input doubled in place", NEXT, "x *= 2\n            " + NEXT),
]
MISTAKES += [
    (
        "train",
        "last batch dropped",
        "range(0, len(x), batch_size)",
        "range(0, len(x) - batch_size + 1, batch_size)",
    ),
    ("train", "not shuffled", ORDER, "order = np.arange(len(x))"),
    ("train", "drawn with repetition", ORDER, "order = rng.integers(len(x), size=len(x))"),
    (
        "train",
        "one order for all epochs",
        ORDER,
        "order = order if losses else rng.permutation(len(x))",
    ),
    ("train", "global generator", ORDER, "order = np.random.permutation(len(x))"),
    ("train", "a seed of its own", ORDER, "order = np.random.default_rng(0).permutation(len(x))"),
    ("train", "global seed", ORDER, "np.random.seed(0)\n        order = rng.permutation(len(x))"),
    (
        "train",
        "shuffled in place",
        ORDER,
        "order = np.arange(len(x))\n        state = rng.bit_generator.state\n"
        "        rng.shuffle(x)\n        rng.bit_generator.state = state\n        rng.shuffle(y)",
    ),
    ("train", "pairs broken", NOTE, NOTE.replace("y[batch]", "y[start : start + len(batch)]")),
    ("train", "pairs shifted", NOTE, NOTE.replace("y[batch]", "y[batch - 1]")),
    ("train", "always the first batch", BATCH, "batch = order[:batch_size]"),
    ("train", "overlapping batches", BATCH, "batch = order[start : start + batch_size + 1]"),
    ("train", "not training", NOTE, NOTE.replace(", training=True", "")),
    (
        "train",
        "loss after the update",
        NOTE,
        "loss.forward(net.forward(x[batch], training=True), y[batch])\n"
        "            net.backward(loss.backward())\n"
        "            for name, value in net.params.items():\n"
        "                value -= lr * net.grads[name]\n            " + NOTE,
    ),
    (
        "train",
        "NumPy losses",
        NOTE,
        NOTE.replace("losses.append(", "losses.append(np.float32(1) * "),
    ),
    (
        "train",
        "loss per example",
        NOTE,
        NOTE.replace("losses.append(", "losses.append(len(batch) * "),
    ),
    ("train", "no backward", "net.backward(loss.backward())", "loss.backward()"),
    ("train", "two forwards", NOTE, "net.forward(x[batch], training=True)\n            " + NOTE),
    ("train", "no update", STEP, "pass"),
    ("train", "uphill", STEP, "value += lr * grads[name]"),
    ("train", "name bound anew", STEP, "value = value - lr * grads[name]"),
    ("train", "two steps", STEP, "value -= 2 * lr * grads[name]"),
    ("train", "step over the batch size", STEP, "value -= lr * grads[name] / len(batch)"),
    ("train", "learning rate forgotten", STEP, "value -= grads[name]"),
    ("train", "rate decays", STEP, "value -= lr * grads[name]\n            lr *= 0.9"),
    ("train", "one epoch too many", "range(epochs)", "range(epochs + 1)"),
    ("train", "one epoch only", "range(epochs)", "range(min(epochs, 1))"),
    ("train", "losses of the last epoch", ORDER, "losses.clear()\n        " + ORDER),
]
# In `Sequential` the text of params and grads is the same: (name, property, text, instead)
KEYS = [
    ("one key per name", 'f"{number}.{name}": value', "name: value"),
    ("underscore", 'f"{number}.{name}": value', 'f"{number}_{name}": value'),
    ("counted from 1", NUMBER, "number, layer in enumerate(self.layers, 1)"),
    (
        "only layers that learn count",
        NUMBER,
        "number, layer in enumerate([one for one in self.layers if one.params])",
    ),
    ("copies", 'f"{number}.{name}": value', 'f"{number}.{name}": value.copy()'),
    ("last layer forgotten", NUMBER, "number, layer in enumerate(self.layers[:-1])"),
]


# Does nothing, in the right shape of classes; FORWARD, BACKWARD and LOSSES are filled in.
DO_NOTHING = """
import numpy as np

class Part:
    def __init__(self, *args, **kwargs):
        self.params, self.grads = {}, {}
    def forward(self, x, target=None, training=False):
        self.x = x
        return FORWARD
    predict = forward
    def backward(self, dout=None):
        dout = self.x if dout is None else dout
        return BACKWARD

class Dense(Part):
    def __init__(self, n_in, n_out, rng, dtype=np.float64):
        self.params = {"W": np.zeros((n_in, n_out), dtype), "b": np.zeros(n_out, dtype)}
        self.grads = {"W": np.zeros((n_in, n_out), dtype), "b": np.zeros(n_out, dtype)}

ReLU = Sigmoid = Tanh = Flatten = SoftmaxCrossEntropy = MeanSquaredError = Part

class Sequential(Part):
    def __init__(self, layers):
        self.layers, self.params, self.grads = layers, {}, {}

def train(net, loss, x, y, lr, epochs, batch_size, rng):
    return [0.0] * (epochs * -(-len(x) // batch_size))
"""


def block(name: str) -> str:
    """The text of one class or function of the reference."""
    found = re.search(rf"^(class|def) {name}\b.*?(?=^(?:class|def) |\Z)", REFERENCE, re.M | re.S)
    assert found, name
    return found.group()


def changed(exercise: str, old: str, new: str) -> str:
    """The reference with one place of one exercise changed."""
    text = block(exercise)
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {exercise}"
    return REFERENCE.replace(text, text.replace(old, new))


def run(source: str, exercises: tuple[str, ...] | None = None) -> list[CheckOutcome]:
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    return run_suite(Task(CHAPTER, program, LocalSession, exercises=exercises))


def killed_by(source: str, exercise: str) -> list[str]:
    """The checks of the exercise that reject a program."""
    compile(source, CHAPTER.file, "exec")
    outcomes = run(source, (exercise,))
    assert {outcome.exercise for outcome in outcomes} == {exercise}
    return [outcome.id for outcome in outcomes if outcome.status in ("failed", "crashed")]


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_every_check(path: Path) -> None:
    outcomes = run(path.read_text(encoding="utf-8"))

    assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []
    assert {one.exercise for one in outcomes} == {one.name for one in CHAPTER.exercises}


@pytest.mark.parametrize(
    ("forward", "backward"),
    [("x", "dout"), ("1.0 * x", "1.0 * dout"), ("0.0 * x", "0.0 * dout"), ("0.0", "None")],
)
def test_doing_nothing_earns_nothing(forward: str, backward: str) -> None:
    outcomes = run(DO_NOTHING.replace("FORWARD", forward).replace("BACKWARD", backward))

    assert [one.id for one in outcomes if one.status == "passed"] == []


@pytest.mark.parametrize(
    ("exercise", "old", "new"),
    [pytest.param(ex, old, new, id=f"{ex}: {name}") for ex, name, old, new in MISTAKES],
)
def test_mistake_is_killed_by_its_own_exercise(exercise: str, old: str, new: str) -> None:
    assert killed_by(changed(exercise, old, new), exercise)


@pytest.mark.parametrize("which", ["params", "grads"])
@pytest.mark.parametrize(("old", "new"), [pytest.param(*rest, id=name) for name, *rest in KEYS])
def test_mistake_in_flat_keys_is_killed(which: str, old: str, new: str) -> None:
    if which == "grads" and "copy" in new:
        old, new = "in layer.grads.items()", "in layer.params.items()"  # copies of grads are fine
    text = re.search(rf"    def {which}\(.*?END SOLUTION", REFERENCE, re.S)
    assert text
    assert text.group().count(old) == 1

    source = REFERENCE.replace(text.group(), text.group().replace(old, new))

    assert killed_by(source, "Sequential")
