"""ch11_recurrent: its suites accept correct solutions, and kill every wrong one by its exercise."""

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
CHAPTER = load_chapter(Project(ROOT), "ch11_recurrent")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
CORRECT = [CHAPTER.source_file, *sorted((ROOT / "tests" / "correct" / CHAPTER.name).glob("*.py"))]

EYE = "return np.eye(num_classes)[ids]"
PAIRS = "n_pairs = (len(ids) - 1) // (batch_size * seq_len)"
AHEAD = "ids[1 : used + 1].reshape(batch_size, -1)"
ROWS = "rows, ahead = ids[:used].reshape(batch_size, -1), " + AHEAD
STARTS = "range(0, n_pairs * seq_len, seq_len)"
RNN_OUT = "out = np.tanh(x @ Wx + h @ Wh + b)"
RNN_DA = "da = dh * (1 - out * out)  # (N, H)"
RNN_DH = "dh = dout if dstate is None else dout + dstate"
ZEROS = "np.zeros((len(x), len(Wh)), Wh.dtype)"
RNN_BACK = 'return da @ self.params["Wx"].T, da @ self.params["Wh"].T'
DWX, DWH = 'self.grads["Wx"] = x.T @ da', 'self.grads["Wh"] = h.T @ da'
DB = 'self.grads["b"] = da.sum(axis=0)'
GATES = "gates = sigmoid(a[:, : 2 * H] + h @ Wh[:, : 2 * H])"
PROPOSAL = "n = np.tanh(a[:, 2 * H :] + (r * h) @ Wh[:, 2 * H :])"
GRU_OUT = "out = (1 - z) * n + z * h"
GRU_DWH = 'self.grads["Wh"] = np.concatenate([h.T @ da_rz, (r * h).T @ da_n], axis=1)'
GRU_BACK = "return da @ Wx.T, dh * z + drh * r + da_rz @ Wh[:, : 2 * H].T"
DA_N, DA_Z = "da_n = dh * (1 - z) * (1 - n * n)", "da_z = dh * (h - n) * z * (1 - z)"
DA_R, DRH = "da_r = drh * h * r * (1 - r)", "drh = da_n @ Wh[:, 2 * H :].T"
RZ = "r, z = gates[:, :H], gates[:, H:]"
LSTM_A = "a = x @ Wx + h @ Wh + b  # (N, 4H)"
I_F, C_NEW = "i, f = gates[:, :H], gates[:, H:]", "c_new = f * c + i * g"
G_O = "g, o = np.tanh(a[:, 2 * H : 3 * H]), sigmoid(a[:, 3 * H :])"
LSTM_OUT = "out = o * tanh_c"
LSTM_DH = "dh = dout if dstate is None else dout + dstate[0]"
DC, DC_NEXT = "dc = dh * o * (1 - tanh_c * tanh_c)", "dc = dc + dstate[1]"
DA_I, DA_F = "da_i = dc * g * i * (1 - i)", "da_f = dc * c * f * (1 - f)"
DA_G, DA_O = "da_g = dc * i * (1 - g * g)", "da_o = dh * tanh_c * o * (1 - o)"
LSTM_BACK = 'return da @ self.params["Wx"].T, (da @ self.params["Wh"].T, dc * f)'
FORGET = "b[n_hidden : 2 * n_hidden] = 1"
STEP = "out, state = step.forward(x[:, t], state)"
COPY = "step = copy.copy(self.cell)"
KEPT_STATE = "self.state = state"
NEW_GRADS = (
    "self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}\n        dx"
)
BACK = "dx_t, dstate = self.steps[t].backward(dout[:, t], dstate)"
ADD = "self.grads[name] += value"
ORDER = "for t in reversed(range(len(self.steps))):"
ONE_HOT = "x = one_hot_sequence(ids, self.vocab_size).astype(self.dtype)"
LAYER = "x = layer.forward(x, training=training, state=state[number] if state else None)"
STATES = "self.state = [layer.state for layer in self.layers]"
KEPT = "(self.state if np.shape(self.state[0])[:1] == ids.shape[:1] else None)"
HEAD = "return self.net.layers[-1].forward(x, training=training)"
READ = "scores = model.forward(read[None, :], state=state)[0, -1].astype(np.float64)"
WEIGHTS = "weights = np.exp((scores - scores.max()) / temperature)"
CHOICE = "ids[place] = rng.choice(len(weights), p=weights / weights.sum())"
NEXT = "read = ids[place : place + 1]"
PERPLEXITY = "return math.exp(SoftmaxCrossEntropy().forward(logits, y))"


def every_cell(name: str, old: str, new: str) -> list[tuple[str, str, str, str]]:
    """The same change in two or three cells, where the text is the same."""
    return [(cell, name, old, new) for cell in ("RNNCell", "GRUCell", "LSTMCell")]


# (exercise, name of the mistake, text of the reference, what stands there instead)
MISTAKES = [
    ("build_vocabulary", "not sorted", "sorted(set(text))", "list(dict.fromkeys(text))"),
    ("build_vocabulary", "repeated", "sorted(set(text))", "sorted(text)"),
    ("build_vocabulary", "backwards", "sorted(set(text))", "sorted(set(text), reverse=True)"),
    ("build_vocabulary", "from 1", "enumerate(chars)", "enumerate(chars, 1)"),
    ("build_vocabulary", "lower case", "sorted(set(text))", "sorted(set(text.lower()))"),
    ("build_vocabulary", "letters only", "set(text)", "{c for c in text if c.isalpha()}"),
    ("one_hot_sequence", "width of the largest", EYE, "return np.eye(ids.max() + 1)[ids]"),
    ("one_hot_sequence", "whole numbers", EYE, "return np.eye(num_classes, dtype=int)[ids]"),
    ("one_hot_sequence", "float32", EYE, "return np.eye(num_classes, dtype=np.float32)[ids]"),
    ("one_hot_sequence", "shifted", EYE, "return np.eye(num_classes)[ids - 1]"),
    ("one_hot_sequence", "classes first", EYE, "return np.eye(num_classes)[ids].swapaxes(1, 2)"),
    ("one_hot_sequence", "time first", EYE, "return np.eye(num_classes)[ids.T]"),
    ("one_hot_sequence", "one long row", EYE, "return np.eye(num_classes)[ids.ravel()]"),
    ("batches", "y is x", AHEAD, "ids[:used].reshape(batch_size, -1)"),
    ("batches", "y two ahead", AHEAD, "np.roll(ids, -2)[:used].reshape(batch_size, -1)"),
    ("batches", "y one back", AHEAD, "np.roll(ids, 1)[:used].reshape(batch_size, -1)"),
    (
        "batches",
        "y wraps around in the row",
        AHEAD,
        "np.roll(ids[:used].reshape(batch_size, -1), -1, axis=1)",
    ),
    (
        "batches",
        "rows are neighbours",
        ROWS,
        "rows = ids[:used].reshape(-1, batch_size).T\n"
        "    ahead = ids[1 : used + 1].reshape(-1, batch_size).T",
    ),
    ("batches", "overlap", STARTS, "range(0, (n_pairs - 1) * seq_len + 1)"),
    ("batches", "first pair only", STARTS, "range(0, min(n_pairs, 1) * seq_len, seq_len)"),
    ("batches", "last pair dropped", STARTS, "range(0, (n_pairs - 1) * seq_len, seq_len)"),
    ("batches", "backwards", STARTS, "reversed(range(0, n_pairs * seq_len, seq_len))"),
    ("batches", "shuffled in place", PAIRS, "ids.sort()\n    " + PAIRS),
    (
        "batches",
        "one window for all rows",
        "yield rows[:, start : start + seq_len], ahead[:, start : start + seq_len]",
        "yield rows[:, : start + seq_len], ahead[:, : start + seq_len]",
    ),
    *every_cell("dWx adds up", DWX, 'self.grads["Wx"] = self.grads["Wx"] + x.T @ da'),
    *every_cell("dWx averaged", DWX, DWX + " / len(x)"),
    *every_cell("db averaged", DB, DB.replace("sum", "mean")),
    *every_cell("db one number", DB, 'self.grads["b"] = da.sum()'),
    *every_cell("db as a row", DB, DB.replace("axis=0", "axis=0, keepdims=True")),
    *every_cell("db adds up", DB, DB.replace("= da", "= self.grads['b'] + da")),
    *every_cell("dWx in float64", DWX, DWX + ".astype(float)"),
    *every_cell(
        "first step kept",
        "self.cache = ",
        "self.cache = self.cache if hasattr(self, 'cache') else ",
    ),
    *every_cell("no gradients at first", "np.zeros_like(value)", "np.ones_like(value)"),
    *every_cell(
        "a seed of its own",
        "        ### BEGIN SOLUTION\n" + "        ",
        "        ### BEGIN SOLUTION\n        rng = np.random.default_rng(0)\n        ",
    ),
    ("RNNCell", "Wh transposed", RNN_OUT, RNN_OUT.replace("h @ Wh", "h @ Wh.T")),
    ("RNNCell", "bias missing", RNN_OUT, RNN_OUT.replace(" + b", "")),
    ("RNNCell", "bias twice", RNN_OUT, RNN_OUT.replace(" + b", " + 2 * b")),
    ("RNNCell", "ReLU", RNN_OUT, "out = np.maximum(x @ Wx + h @ Wh + b, 0)"),
    ("RNNCell", "no activation", RNN_OUT, "out = x @ Wx + h @ Wh + b"),
    ("RNNCell", "sigmoid", RNN_OUT, "out = sigmoid(x @ Wx + h @ Wh + b)"),
    ("RNNCell", "old state ignored", RNN_OUT, RNN_OUT.replace("h @ Wh", "0 * h @ Wh")),
    ("RNNCell", "old state added", RNN_OUT, RNN_OUT + " + h"),
    (
        "RNNCell",
        "state kept inside",
        "h = " + ZEROS + " if state is None else state",
        "h = getattr(self, 'last', "
        + ZEROS
        + ") if state is None else state\n"
        + "        h = h if len(h) == len(x) else "
        + ZEROS
        + "\n        self.last = np.ones_like(h)",
    ),
    ("RNNCell", "zeros in float64", ZEROS, "np.zeros((len(x), len(Wh)))"),
    ("RNNCell", "tanh missing in backward", RNN_DA, "da = dh"),
    ("RNNCell", "1 - out", RNN_DA, "da = dh * (1 - out)"),
    ("RNNCell", "dstate ignored", RNN_DH, "dh = dout"),
    ("RNNCell", "dout ignored", RNN_DH, "dh = dout if dstate is None else dstate"),
    ("RNNCell", "dout changed", RNN_DH, "dh = dout\n        dh += 0 if dstate is None else dstate"),
    ("RNNCell", "state without transpose", RNN_BACK, RNN_BACK.replace('["Wh"].T', '["Wh"]')),
    ("RNNCell", "dWh transposed", DWH, 'self.grads["Wh"] = da.T @ h'),
    ("RNNCell", "dWh of the new state", DWH, 'self.grads["Wh"] = out.T @ da'),
    ("RNNCell", "dWh missing", DWH, 'self.grads["Wh"] = 0 * h.T @ da'),
    ("RNNCell", "He", "glorot(n_in, n_hidden, rng)", "glorot(n_in, n_hidden, rng) * 2**0.5"),
    (
        "RNNCell",
        "Wh of Wx's size",
        "glorot(n_hidden, n_hidden, rng)",
        "glorot(n_hidden, n_hidden, rng) * (2 * n_hidden / (n_in + n_hidden)) ** 0.5",
    ),
    ("RNNCell", "Wh the identity", "glorot(n_hidden, n_hidden, rng)", "np.eye(n_hidden)"),
    ("RNNCell", "bias ones", "np.zeros(n_hidden, dtype)", "np.ones(n_hidden, dtype)"),
    (
        "RNNCell",
        "float64 weights",
        "glorot(n_in, n_hidden, rng).astype(dtype)",
        "glorot(n_in, n_hidden, rng)",
    ),
    ("RNNCell", "out only", "return out, out", "return out"),
    ("GRUCell", "r and z exchanged", RZ, "z, r = gates[:, :H], gates[:, H:]"),
    ("GRUCell", "update swapped", GRU_OUT, "out = z * n + (1 - z) * h"),
    (
        "GRUCell",
        "reset after the product",
        PROPOSAL,
        PROPOSAL.replace("(r * h) @ Wh[:, 2 * H :]", "r * (h @ Wh[:, 2 * H :])"),
    ),
    ("GRUCell", "reset missing", PROPOSAL, PROPOSAL.replace("(r * h)", "h")),
    ("GRUCell", "reset of x", PROPOSAL, "n = np.tanh(r * a[:, 2 * H :] + h @ Wh[:, 2 * H :])"),
    ("GRUCell", "bias missing", "a = x @ Wx + b  # (N, 3H)", "a = x @ Wx"),
    ("GRUCell", "gates do not see h", GATES, "gates = sigmoid(a[:, : 2 * H])"),
    ("GRUCell", "tanh gates", GATES, GATES.replace("sigmoid", "np.tanh")),
    ("GRUCell", "sigmoid proposal", PROPOSAL, PROPOSAL.replace("np.tanh", "sigmoid")),
    ("GRUCell", "no gradient through n", DRH, DRH.replace("da_n", "0 * da_n")),
    ("GRUCell", "Whn without transpose", DRH, DRH.replace(".T", "")),
    ("GRUCell", "reset without gradient", DA_R, "da_r = 0 * drh"),
    ("GRUCell", "reset without h", DA_R, DA_R.replace(" * h", "")),
    ("GRUCell", "r without sigmoid slope", DA_R, "da_r = drh * h"),
    ("GRUCell", "z without sigmoid slope", DA_Z, "da_z = dh * (h - n)"),
    ("GRUCell", "z sign", DA_Z, DA_Z.replace("h - n", "n - h")),
    ("GRUCell", "z forgets n", DA_Z, DA_Z.replace("(h - n)", "h")),
    ("GRUCell", "n without 1 - z", DA_N, DA_N.replace(" * (1 - z)", "")),
    ("GRUCell", "n with z", DA_N, DA_N.replace("(1 - z)", "z")),
    ("GRUCell", "n without tanh slope", DA_N, DA_N.replace(" * (1 - n * n)", "")),
    ("GRUCell", "dWh of n from h", GRU_DWH, GRU_DWH.replace("(r * h)", "h")),
    ("GRUCell", "direct way missing", GRU_BACK, GRU_BACK.replace("dh * z + ", "")),
    ("GRUCell", "way through n missing", GRU_BACK, GRU_BACK.replace("drh * r + ", "")),
    ("GRUCell", "way through n without r", GRU_BACK, GRU_BACK.replace("drh * r", "drh")),
    ("GRUCell", "ways through r, z missing", GRU_BACK, GRU_BACK.split(" + da_rz")[0]),
    ("GRUCell", "dstate ignored", RNN_DH, "dh = dout"),
    (
        "GRUCell",
        "one gate's width",
        "glorot(n_hidden, n_hidden, rng)",
        "glorot(n_hidden, 3 * n_hidden, rng)[:, :n_hidden]",
    ),
    (
        "GRUCell",
        "gates alike",
        "Wh = [glorot(n_hidden, n_hidden, rng) for _ in range(3)]",
        "Wh = [glorot(n_hidden, n_hidden, rng)] * 3",
    ),
    (
        "LSTMCell",
        "order i, f, o, g",
        G_O,
        "o, g = sigmoid(a[:, 2 * H : 3 * H]), np.tanh(a[:, 3 * H :])",
    ),
    ("LSTMCell", "i and f exchanged", I_F, "f, i = gates[:, :H], gates[:, H:]"),
    ("LSTMCell", "bias missing", LSTM_A, "a = x @ Wx + h @ Wh"),
    ("LSTMCell", "one bias for all", LSTM_A, "a = x @ Wx + h @ Wh + np.tile(b[:H], 4)"),
    ("LSTMCell", "cell overwritten", C_NEW, "c_new = i * g"),
    ("LSTMCell", "cell not forgotten", C_NEW, "c_new = c + i * g"),
    ("LSTMCell", "f is 1 - i", C_NEW, "c_new = (1 - i) * c + i * g"),
    ("LSTMCell", "input gate unused", C_NEW, "c_new = f * c + g"),
    ("LSTMCell", "c changed in place", C_NEW, "c *= f\n        c += i * g\n        c_new = c"),
    ("LSTMCell", "h without tanh", LSTM_OUT, "out = o * c_new"),
    ("LSTMCell", "h of the old cell", LSTM_OUT, "out = o * np.tanh(c)"),
    ("LSTMCell", "h without o", LSTM_OUT, "out = tanh_c"),
    ("LSTMCell", "old cell handed on", "return out, (out, c_new)", "return out, (out, c)"),
    ("LSTMCell", "state exchanged", "return out, (out, c_new)", "return out, (c_new, out)"),
    ("LSTMCell", "h only", "return out, (out, c_new)", "return out, out"),
    ("LSTMCell", "g sigmoid", G_O, G_O.replace("np.tanh", "sigmoid")),
    ("LSTMCell", "dc from outside ignored", DC_NEXT, "dc = dc + 0"),
    ("LSTMCell", "dc halved", DC_NEXT, "dc = dc + 0.5 * dstate[1]"),
    ("LSTMCell", "dh from outside ignored", LSTM_DH, "dh = dout"),
    ("LSTMCell", "dout ignored", LSTM_DH, "dh = dout if dstate is None else dstate[0]"),
    ("LSTMCell", "dc without o", DC, "dc = dh * (1 - tanh_c * tanh_c)"),
    ("LSTMCell", "dc without tanh", DC, "dc = dh * o"),
    ("LSTMCell", "cell gradient not forgotten", LSTM_BACK, LSTM_BACK.replace("dc * f", "dc")),
    ("LSTMCell", "cell gradient lost", LSTM_BACK, LSTM_BACK.replace("dc * f", "0 * dc")),
    ("LSTMCell", "hidden gradient lost", LSTM_BACK, LSTM_BACK.replace("(da @", "(0 * da @")),
    ("LSTMCell", "df of the new cell", DA_F, DA_F.replace("dc * c *", "dc * (f * c + i * g) *")),
    ("LSTMCell", "f without slope", DA_F, "da_f = dc * c"),
    ("LSTMCell", "i without slope", DA_I, "da_i = dc * g"),
    ("LSTMCell", "o without slope", DA_O, "da_o = dh * tanh_c"),
    ("LSTMCell", "o's gradient from dc", DA_O, DA_O.replace("dh", "dc")),
    ("LSTMCell", "g with sigmoid slope", DA_G, "da_g = dc * i * g * (1 - g)"),
    ("LSTMCell", "g without slope", DA_G, "da_g = dc * i"),
    ("LSTMCell", "di copied from df", DA_I, "da_i = dc * c * f * (1 - f)"),
    ("LSTMCell", "do copied from df", DA_O, "da_o = dc * c * f * (1 - f)"),
    ("LSTMCell", "forget bias 0", FORGET, "pass"),
    ("LSTMCell", "bias 1 for i", FORGET, "b[:n_hidden] = 1"),
    ("LSTMCell", "bias 1 for all", FORGET, "b[:] = 1"),
    (
        "LSTMCell",
        "bias in float64",
        "b = np.zeros(4 * n_hidden, dtype)",
        "b = np.zeros(4 * n_hidden)",
    ),
    ("LSTMCell", "zeros in float64", "np.zeros((len(x), H), Wh.dtype)", "np.zeros((len(x), H))"),
    (
        "Recurrent",
        "backwards in time",
        "for t in range(x.shape[1]):",
        "for t in range(x.shape[1])[::-1]:",
    ),
    ("Recurrent", "state not handed on", STEP, "out, _ = step.forward(x[:, t], state)"),
    ("Recurrent", "every step from zeros", STEP, "out, state = step.forward(x[:, t])"),
    ("Recurrent", "first x for all", STEP, "out, state = step.forward(x[:, 0], state)"),
    ("Recurrent", "one memory for all", COPY, "step = self.cell"),
    ("Recurrent", "parameters copied", "self.cell = cell", "self.cell = copy.deepcopy(cell)"),
    (
        "Recurrent",
        "state kept",
        "self.steps, outs = [], []",
        "self.steps, outs = [], []\n        state = self.state if state is None else state",
    ),
    (
        "Recurrent",
        "state ignored",
        "self.steps, outs = [], []",
        "self.steps, outs, state = [], [], None",
    ),
    ("Recurrent", "state not noted", KEPT_STATE, "pass"),
    ("Recurrent", "last output only", "return np.stack(outs, axis=1)", "return outs[-1]"),
    ("Recurrent", "time first", "return np.stack(outs, axis=1)", "return np.stack(outs)"),
    (
        "Recurrent",
        "outputs of the last step",
        "return np.stack(outs, axis=1)",
        "return np.stack([out] * len(outs), axis=1)",
    ),
    (
        "Recurrent",
        "steps collected",
        "self.steps, outs = [], []",
        "self.steps, outs = getattr(self, 'steps', []), []",
    ),
    ("Recurrent", "no carry", BACK, BACK.replace(", dstate)", ", None)")),
    (
        "Recurrent",
        "no output gradient",
        BACK,
        "dx_t, dstate = self.steps[t].backward(dout[:, t] * (t == len(self.steps) - 1), dstate)",
    ),
    (
        "Recurrent",
        "last output's gradient for all",
        BACK,
        BACK.replace("dout[:, t]", "dout[:, -1]"),
    ),
    (
        "Recurrent",
        "last dstate ignored",
        NEW_GRADS,
        NEW_GRADS.replace("\n", "\n        dstate = None\n", 1),
    ),
    ("Recurrent", "gradients of the first step", ADD, "self.grads[name] = value"),
    ("Recurrent", "gradients averaged", ADD, "self.grads[name] += value / len(self.steps)"),
    ("Recurrent", "gradients add up", NEW_GRADS, "dx"),
    ("Recurrent", "forwards in backward", ORDER, "for t in range(len(self.steps)):"),
    ("Recurrent", "first step forgotten", ORDER, "for t in reversed(range(1, len(self.steps))):"),
    ("Recurrent", "dx reversed", "np.stack(dx[::-1], axis=1)", "np.stack(dx, axis=1)"),
    ("Recurrent", "dstate not noted", "self.dstate = dstate", "pass"),
    (
        "Recurrent",
        "gradients in float64",
        "return np.stack(dx[::-1], axis=1)",
        "for k, v in self.grads.items():\n            self.grads[k] = v.astype(float)\n"
        "        return np.stack(dx[::-1], axis=1)",
    ),
    (
        "Recurrent",
        "float64 outputs",
        "return np.stack(outs, axis=1)",
        "return np.stack(outs, axis=1).astype(float)",
    ),
    ("CharModel", "float64 inputs", ONE_HOT, ONE_HOT.replace(".astype(self.dtype)", "")),
    ("CharModel", "state ignored", LAYER, "x = layer.forward(x, training=training)"),
    ("CharModel", "one state for all layers", LAYER, LAYER.replace("state[number]", "state[0]")),
    (
        "CharModel",
        "state kept",
        ONE_HOT,
        ONE_HOT + "\n        state = state or " + KEPT,
    ),
    ("CharModel", "state not noted", STATES, "pass"),
    ("CharModel", "last state only", STATES, "self.state = [self.layers[-1].state]"),
    ("CharModel", "last step only", HEAD, HEAD.replace("forward(x,", "forward(x[:, -1:],")),
    (
        "CharModel",
        "probabilities",
        HEAD,
        "x = self.net.layers[-1].forward(x)\n"
        "        x = np.exp(x - x.max(axis=-1, keepdims=True))\n"
        "        return x / x.sum(axis=-1, keepdims=True)",
    ),
    ("CharModel", "one layer only", "self.layers = [", "layers = 1\n        self.layers = ["),
    ("CharModel", "always LSTM", "self.layers = [", "cell = LSTMCell\n        self.layers = ["),
    (
        "CharModel",
        "float64 cells",
        "Recurrent(cell(n_in, n_hidden, rng, dtype=dtype))",
        "Recurrent(cell(n_in, n_hidden, rng))",
    ),
    (
        "CharModel",
        "float64 head",
        "Dense(n_hidden, vocab_size, rng, dtype=dtype)",
        "Dense(n_hidden, vocab_size, rng)",
    ),
    (
        "CharModel",
        "keys from 1",
        "Sequential([*self.layers",
        "Sequential([Sequential([]), *self.layers",
    ),
    (
        "CharModel",
        "head only",
        "self.net.backward(dlogits)",
        "self.net.layers[-1].backward(dlogits)",
    ),
    (
        "CharModel",
        "params copied",
        "return self.net.params",
        "return {key: value.copy() for key, value in self.net.params.items()}",
    ),
    (
        "CharModel",
        "predict gives ids",
        "return self.forward(ids, training=False)",
        "return self.forward(ids, training=False).argmax(axis=-1)",
    ),
    (
        "CharModel",
        "predict goes on",
        "return self.forward(ids, training=False)",
        "return self.forward(ids, state=" + KEPT + ")",
    ),
    ("sample", "start repeated", "    return ids\n", "    return np.concatenate([start, ids])\n"),
    (
        "sample",
        "start repeated, cut",
        "    return ids\n",
        "    return np.concatenate([start, ids])[:length]\n",
    ),
    (
        "sample",
        "start's last only",
        "read, state = np.asarray(start), None",
        "read, state = np.asarray(start)[-1:], None",
    ),
    (
        "sample",
        "start's first only",
        "read, state = np.asarray(start), None",
        "read, state = np.asarray(start)[:1], None",
    ),
    ("sample", "state forgotten", "state = model.state", "state = None"),
    ("sample", "reads the start again", NEXT, "pass"),
    ("sample", "reads everything twice", NEXT, "read = ids[: place + 1]"),
    ("sample", "first step's scores", READ, READ.replace("[0, -1]", "[0, 0]")),
    ("sample", "temperature ignored", WEIGHTS, "weights = np.exp(scores - scores.max())"),
    (
        "sample",
        "temperature as a factor",
        WEIGHTS,
        WEIGHTS.replace("/ temperature", "* temperature"),
    ),
    ("sample", "always the best", CHOICE, "ids[place] = weights.argmax()"),
    ("sample", "evenly", CHOICE, "ids[place] = rng.choice(len(weights))"),
    ("sample", "global generator", CHOICE, CHOICE.replace("rng.", "np.random.")),
    (
        "sample",
        "a seed of its own",
        CHOICE,
        CHOICE.replace("rng.", "np.random.default_rng(place)."),
    ),
    ("sample", "overflow", WEIGHTS, "weights = np.exp(scores / temperature)"),
    (
        "sample",
        "one too many",
        "np.zeros(length, dtype=np.int64)",
        "np.zeros(length + 1, dtype=np.int64)",
    ),
    ("sample", "floats", "np.zeros(length, dtype=np.int64)", "np.zeros(length)"),
    ("sample", "last maximum", "scores.argmax()", "len(scores) - 1 - scores[::-1].argmax()"),
    (
        "sample",
        "draws at temperature 0",
        "if temperature == 0:",
        "temperature = temperature or 1.0\n        if False:",
    ),
    (
        "perplexity",
        "the loss itself",
        PERPLEXITY,
        "return SoftmaxCrossEntropy().forward(logits, y)",
    ),
    ("perplexity", "two to the loss", PERPLEXITY, PERPLEXITY.replace("math.exp(", "2.0 ** (")),
    ("perplexity", "no Python float", PERPLEXITY, PERPLEXITY.replace("math.exp", "np.exp")),
    ("perplexity", "sign", PERPLEXITY, PERPLEXITY.replace("math.exp(", "math.exp(-")),
    (
        "perplexity",
        "per sequence",
        PERPLEXITY,
        PERPLEXITY.replace("math.exp(", "math.exp(y.shape[1] * "),
    ),
    (
        "perplexity",
        "mean of perplexities",
        PERPLEXITY,
        "steps = range(y.shape[1])\n"
        "    losses = [SoftmaxCrossEntropy().forward(logits[:, t], y[:, t]) for t in steps]\n"
        "    return float(np.mean(np.exp(losses)))",
    ),
    (
        "perplexity",
        "shapes unchecked",
        PERPLEXITY,
        "y = np.resize(y, logits.shape[:-1])\n    " + PERPLEXITY,
    ),
]

# Does nothing, in the right shapes.
DO_NOTHING = """
import numpy as np

def build_vocabulary(text):
    return {}, []

def one_hot_sequence(ids, num_classes):
    return np.zeros((*ids.shape, num_classes))

def batches(ids, batch_size, seq_len):
    return []

class Cell:
    def __init__(self, n_in, n_hidden, rng, dtype=np.float64):
        width = GATES * n_hidden
        shapes = {"Wx": (n_in, width), "Wh": (n_hidden, width), "b": (width,)}
        self.params = {key: np.zeros(shape, dtype) for key, shape in shapes.items()}
        self.grads = {key: np.zeros(shape, dtype) for key, shape in shapes.items()}
        self.n_hidden = n_hidden
    def forward(self, x, state=None):
        self.x = x
        h = np.zeros((len(x), self.n_hidden), x.dtype)
        self.state = h if state is None else state
        return h, self.state
    def backward(self, dout, dstate=None):
        return 0 * self.x, self.state

RNNCell = GRUCell = LSTMCell = Cell

class Recurrent:
    def __init__(self, cell):
        self.cell, self.params, self.grads = cell, cell.params, cell.grads
        self.state = self.dstate = None
    def forward(self, x, training=False, state=None):
        self.x, self.state = x, state
        return np.zeros((*x.shape[:2], len(self.params["Wh"])), x.dtype)
    def backward(self, dout, dstate=None):
        return 0 * self.x

class CharModel:
    def __init__(self, vocab_size, n_hidden, rng, cell=LSTMCell, layers=1, dtype=np.float64):
        self.params, self.grads, self.state, self.size = {}, {}, [None] * layers, vocab_size
    def forward(self, ids, training=False, state=None):
        return np.zeros((*ids.shape, self.size))
    predict = forward
    def backward(self, dlogits):
        pass

def sample(model, start, length, temperature, rng):
    return np.zeros(length, dtype=int)

def perplexity(logits, y):
    return 1.0
"""


def block(name: str) -> str:
    """The text of one class or function of the reference."""
    found = re.search(rf"^(class|def) {name}\b.*?(?=^(?:class|def) |\Z)", REFERENCE, re.M | re.S)
    assert found, name
    return found.group()


def changed(exercise: str, old: str, new: str) -> str:
    """The reference with one place of one exercise changed."""
    text = block(exercise)
    count = text.count(old)
    if "BEGIN SOLUTION" in old:  # the first region of a class is that of its constructor
        return REFERENCE.replace(text, text.replace(old, new, 1))
    assert count == 1, f"{old!r} occurs {count} times in {exercise}"
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


@pytest.mark.parametrize("gates", [1, 3, 4])
def test_doing_nothing_earns_nothing(gates: int) -> None:
    outcomes = run(DO_NOTHING.replace("GATES", str(gates)))

    assert [one.id for one in outcomes if one.status == "passed"] == []


def test_stub_is_not_started() -> None:
    stub = (CHAPTER.assignment_dir / CHAPTER.file).read_text(encoding="utf-8")

    outcomes = run(stub)

    assert {one.status for one in outcomes} <= {"not_started", "waiting"}


@pytest.mark.parametrize(
    ("exercise", "old", "new"),
    [pytest.param(ex, old, new, id=f"{ex}: {name}") for ex, name, old, new in MISTAKES],
)
def test_mistake_is_killed_by_its_own_exercise(exercise: str, old: str, new: str) -> None:
    assert killed_by(changed(exercise, old, new), exercise)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(BACK, BACK.replace(", dstate)", ", None)"), id="no gradient through time"),
        pytest.param(ADD, "self.grads[name] = value", id="gradients of the first step"),
    ],
)
def test_trainings_see_a_broken_way_through_time(old: str, new: str) -> None:
    assert len(killed_by(changed("Recurrent", old, new), "language")) >= 3
