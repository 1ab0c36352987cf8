"""Recurrent networks: cells that remember, back-propagation through time, a model of characters.

Sequences are (N, T, D): N examples, T time steps, D numbers per step; ids of characters are (N, T).
A cell computes one step. Its state is what it hands to the next step: h (N, H) for the RNN and the
GRU, the tuple (h, c) for the LSTM; None stands for zeros. Recurrent runs a cell over a sequence and
is a layer as in chapter 6.

A cell has params "Wx" (D, G H), "Wh" (H, G H), "b" (G H,) and grads with the same keys. The G
gates stand side by side, H columns each. Weights start as Glorot normal numbers, gate by gate:
variance 2 / (D + H) in Wx and 2 / (H + H) in Wh. Arguments are never modified, and with a cell and
an x of one dtype everything that comes out has that dtype.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from layers import Dense, Sequential, SoftmaxCrossEntropy


def build_vocabulary(text: str) -> tuple[dict[str, int], list[str]]:
    """Return (char_to_id, chars): the different characters of a text, sorted, and their numbers.

    chars[i] is the character with the id i, and char_to_id[chars[i]] is i.
    Example: "banana" gives ({"a": 0, "b": 1, "n": 2}, ["a", "b", "n"]).
    """
    ### BEGIN SOLUTION
    chars = sorted(set(text))
    return {char: number for number, char in enumerate(chars)}, chars
    ### END SOLUTION


def one_hot_sequence(ids: np.ndarray, num_classes: int) -> np.ndarray:
    """Return float64 (N, T, num_classes) for ids (N, T): a 1 at each id, 0 elsewhere.

    Example: ids = [[2, 0]], num_classes = 3 gives [[[0, 0, 1], [1, 0, 0]]].
    """
    ### BEGIN SOLUTION
    return np.eye(num_classes)[ids]
    ### END SOLUTION


def batches(
    ids: np.ndarray, batch_size: int, seq_len: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield pairs (x, y) of ids (batch_size, seq_len) from one long text of ids (M,).

    y is one character ahead: y[i, t] follows x[i, t] in the text. The text is cut into batch_size
    equal pieces, one per row: row i of a pair goes on where row i of the pair before ended, so
    that a state can be carried over. No two rows read the same place. What is left at the end of
    the text, or of the pieces, is dropped.
    Example: ids = 0, 1, ..., 12, batch_size = 2, seq_len = 3 gives two pairs:
    x = [[0, 1, 2], [6, 7, 8]] with y = [[1, 2, 3], [7, 8, 9]], then
    x = [[3, 4, 5], [9, 10, 11]] with y = [[4, 5, 6], [10, 11, 12]].
    """
    ### BEGIN SOLUTION
    n_pairs = (len(ids) - 1) // (batch_size * seq_len)
    used = batch_size * n_pairs * seq_len
    rows, ahead = ids[:used].reshape(batch_size, -1), ids[1 : used + 1].reshape(batch_size, -1)
    for start in range(0, n_pairs * seq_len, seq_len):
        yield rows[:, start : start + seq_len], ahead[:, start : start + seq_len]
    ### END SOLUTION


def glorot(n_in: int, n_out: int, rng: np.random.Generator) -> np.ndarray:
    """Return normal numbers (n_in, n_out) of variance 2 / (n_in + n_out). (Given.)"""
    return rng.standard_normal((n_in, n_out)) * math.sqrt(2.0 / (n_in + n_out))


def sigmoid(a: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-a)), written with tanh: no overflow; faster than chapter 3. (Given.)

    Far out on the left it rounds to 0 earlier, which is no matter for a gate.
    """
    return 0.5 * np.tanh(0.5 * a) + 0.5


class RNNCell:
    """The plain recurrent cell: h' = tanh(x Wx + h Wh + b).

    params (and grads): "Wx" (D, H), "Wh" (H, H), "b" (H,). The state is h; the output is the new h.
    """

    def __init__(
        self, n_in: int, n_hidden: int, rng: np.random.Generator, dtype: Any = np.float64
    ) -> None:
        """Set params, all of the given dtype: Glorot weights, b zeros. grads start as zeros."""
        ### BEGIN SOLUTION
        self.params = {
            "Wx": glorot(n_in, n_hidden, rng).astype(dtype),
            "Wh": glorot(n_hidden, n_hidden, rng).astype(dtype),
            "b": np.zeros(n_hidden, dtype),
        }
        ### END SOLUTION
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(
        self, x: np.ndarray, state: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (out, state) after one step: out and the new state are both h' (N, H).

        x is (N, D), state the old h (N, H) or None for zeros.
        Example: Wx = [[1], [0]], Wh = [[2]], b = [-1], x = [[3, 5]], h = [[-1]]: h' = tanh(0) = 0.
        """
        ### BEGIN SOLUTION
        Wx, Wh, b = self.params["Wx"], self.params["Wh"], self.params["b"]
        h = np.zeros((len(x), len(Wh)), Wh.dtype) if state is None else state
        out = np.tanh(x @ Wx + h @ Wh + b)
        self.cache = x, h, out
        return out, out
        ### END SOLUTION

    def backward(
        self, dout: np.ndarray, dstate: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (dx, dstate_prev) of the latest forward; set grads of this one step.

        dout (N, H) is the gradient that reaches the output from above, dstate (N, H) the one that
        reaches the new state from the next step (None: zero). Both belong to h', so they add up.
        Example, continued: dout = [[1]], dstate = [[2]] gives dx = [[3, 0]], dstate_prev = [[6]],
        dWx = [[9], [15]], dWh = [[-3]], db = [3].
        """
        ### BEGIN SOLUTION
        x, h, out = self.cache
        dh = dout if dstate is None else dout + dstate
        da = dh * (1 - out * out)  # (N, H)
        self.grads["Wx"] = x.T @ da
        self.grads["Wh"] = h.T @ da
        self.grads["b"] = da.sum(axis=0)
        return da @ self.params["Wx"].T, da @ self.params["Wh"].T
        ### END SOLUTION


class GRUCell:
    """The gated recurrent unit: two gates say how much of the old state is used and how much stays.

        r = sigmoid(x Wxr + h Whr + br)            reset
        z = sigmoid(x Wxz + h Whz + bz)            update
        n = tanh(x Wxn + (r * h) Whn + bn)         the proposal
        h' = (1 - z) * n + z * h

    params (and grads): "Wx" (D, 3H), "Wh" (H, 3H), "b" (3H,), columns in the order r, z, n. With
    z = 1 the state stays. (Elsewhere z and 1 - z may be exchanged, and PyTorch's nn.GRU multiplies
    by r after the product with Whn; here it is as written.) The state is h; the output is h'.
    """

    def __init__(
        self, n_in: int, n_hidden: int, rng: np.random.Generator, dtype: Any = np.float64
    ) -> None:
        """Set params, all of the given dtype: Glorot weights per gate, b zeros. grads are zeros."""
        ### BEGIN SOLUTION
        Wx = [glorot(n_in, n_hidden, rng) for _ in range(3)]
        Wh = [glorot(n_hidden, n_hidden, rng) for _ in range(3)]
        self.params = {
            "Wx": np.concatenate(Wx, axis=1).astype(dtype),
            "Wh": np.concatenate(Wh, axis=1).astype(dtype),
            "b": np.zeros(3 * n_hidden, dtype),
        }
        ### END SOLUTION
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(
        self, x: np.ndarray, state: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (out, state) after one step: both are h' (N, H). x is (N, D), state h or None.

        Example: all weights 0, b = [0, 0, 1000] (H = 1), h = [[3]]: r = z = 1/2, n = 1, h' = 2.
        """
        ### BEGIN SOLUTION
        Wx, Wh, b = self.params["Wx"], self.params["Wh"], self.params["b"]
        H = len(Wh)
        h = np.zeros((len(x), H), Wh.dtype) if state is None else state
        a = x @ Wx + b  # (N, 3H)
        gates = sigmoid(a[:, : 2 * H] + h @ Wh[:, : 2 * H])
        r, z = gates[:, :H], gates[:, H:]
        n = np.tanh(a[:, 2 * H :] + (r * h) @ Wh[:, 2 * H :])
        self.cache = x, h, r, z, n
        out = (1 - z) * n + z * h
        return out, out
        ### END SOLUTION

    def backward(
        self, dout: np.ndarray, dstate: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (dx, dstate_prev) of the latest forward; set grads of this one step.

        dout and dstate (None: zero) both belong to h' and add up. h reaches h' along four ways:
        directly, through r, through z and through n.
        """
        ### BEGIN SOLUTION
        x, h, r, z, n = self.cache
        Wx, Wh = self.params["Wx"], self.params["Wh"]
        H = len(Wh)
        dh = dout if dstate is None else dout + dstate
        da_n = dh * (1 - z) * (1 - n * n)
        da_z = dh * (h - n) * z * (1 - z)
        drh = da_n @ Wh[:, 2 * H :].T  # gradient of r * h
        da_r = drh * h * r * (1 - r)
        da_rz = np.concatenate([da_r, da_z], axis=1)
        da = np.concatenate([da_rz, da_n], axis=1)  # (N, 3H)
        self.grads["Wx"] = x.T @ da
        self.grads["Wh"] = np.concatenate([h.T @ da_rz, (r * h).T @ da_n], axis=1)
        self.grads["b"] = da.sum(axis=0)
        return da @ Wx.T, dh * z + drh * r + da_rz @ Wh[:, : 2 * H].T
        ### END SOLUTION


class LSTMCell:
    """The long short-term memory: a second state c that is only scaled and added to.

        i, f, o = sigmoid(x Wx + h Wh + b), each with its own columns     input, forget, output
        g = tanh(x Wx + h Wh + b), with its own columns                   the proposal
        c' = f * c + i * g
        h' = o * tanh(c')

    params (and grads): "Wx" (D, 4H), "Wh" (H, 4H), "b" (4H,), columns in the order i, f, g, o.
    (Other sources have other orders.) The state is the tuple (h, c); the output is h'.
    """

    def __init__(
        self, n_in: int, n_hidden: int, rng: np.random.Generator, dtype: Any = np.float64
    ) -> None:
        """Set params, all of the given dtype: Glorot weights per gate, b zeros but 1 for f.

        A forget gate that is open at the start lets the gradient through. grads start as zeros.
        """
        ### BEGIN SOLUTION
        Wx = [glorot(n_in, n_hidden, rng) for _ in range(4)]
        Wh = [glorot(n_hidden, n_hidden, rng) for _ in range(4)]
        b = np.zeros(4 * n_hidden, dtype)
        b[n_hidden : 2 * n_hidden] = 1
        self.params = {
            "Wx": np.concatenate(Wx, axis=1).astype(dtype),
            "Wh": np.concatenate(Wh, axis=1).astype(dtype),
            "b": b,
        }
        ### END SOLUTION
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}

    def forward(
        self, x: np.ndarray, state: tuple[np.ndarray, np.ndarray] | None = None
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Return (out, state) after one step: out is h' (N, H), the new state (h', c').

        x is (N, D), state the old (h, c) or None for zeros.
        Example: all weights 0, b = [0, 0, 1000, 1000] (H = 1), c = [[3]]: i = f = 1/2, g = o = 1,
        c' = 3/2 + 1/2 = 2 and h' = tanh(2) = 0.9640276.
        """
        ### BEGIN SOLUTION
        Wx, Wh, b = self.params["Wx"], self.params["Wh"], self.params["b"]
        H = len(Wh)
        zeros = np.zeros((len(x), H), Wh.dtype)
        h, c = (zeros, zeros) if state is None else state
        a = x @ Wx + h @ Wh + b  # (N, 4H)
        gates = sigmoid(a[:, : 2 * H])
        i, f = gates[:, :H], gates[:, H:]
        g, o = np.tanh(a[:, 2 * H : 3 * H]), sigmoid(a[:, 3 * H :])
        c_new = f * c + i * g
        tanh_c = np.tanh(c_new)
        self.cache = x, h, c, i, f, g, o, tanh_c
        out = o * tanh_c
        return out, (out, c_new)
        ### END SOLUTION

    def backward(
        self, dout: np.ndarray, dstate: tuple[np.ndarray, np.ndarray] | None = None
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Return (dx, dstate_prev) of the latest forward; set grads of this one step.

        dstate is (dh, dc), the gradients that reach h' and c' from the next step (None: zeros);
        dout and dh both belong to h' and add up. dstate_prev is the tuple (dh, dc) of the old
        state.
        """
        ### BEGIN SOLUTION
        x, h, c, i, f, g, o, tanh_c = self.cache
        dh = dout if dstate is None else dout + dstate[0]
        dc = dh * o * (1 - tanh_c * tanh_c)  # on the way through h' ...
        if dstate is not None:
            dc = dc + dstate[1]  # ... and straight from the next step
        da_i = dc * g * i * (1 - i)
        da_f = dc * c * f * (1 - f)
        da_g = dc * i * (1 - g * g)
        da_o = dh * tanh_c * o * (1 - o)
        da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)  # (N, 4H)
        self.grads["Wx"] = x.T @ da
        self.grads["Wh"] = h.T @ da
        self.grads["b"] = da.sum(axis=0)
        return da @ self.params["Wx"].T, (da @ self.params["Wh"].T, dc * f)
        ### END SOLUTION


class Recurrent:
    """A cell run over a sequence: a layer from (N, T, D) to (N, T, H), one step after the other.

    params are the cell's own. grads are the sums over all time steps: every step uses the same
    weights. `state` is the state after the last step of the latest forward, `dstate` the gradient
    of the state before the first, set by backward.

    It asks of a cell only forward and backward, so it works with every cell. What that gives up: a
    loop that knows its cell could multiply the inputs of all steps by Wx at once and fuse the
    rest. Measured on the LSTM (N 32, T 50, D 64, H 128, float32), that saves about one seventh.
    """

    def __init__(self, cell: Any) -> None:
        self.cell = cell
        self.grads = {name: np.zeros_like(value) for name, value in cell.params.items()}
        self.state: Any = None
        self.dstate: Any = None

    @property
    def params(self) -> dict[str, np.ndarray]:
        """The cell's parameters."""
        return self.cell.params

    def forward(self, x: np.ndarray, training: bool = False, state: Any = None) -> np.ndarray:
        """Return the outputs of all steps (N, T, H) for x (N, T, D); set self.state.

        The first step starts from `state`, which is not changed, or from zeros if it is None:
        a forward does not go on where the one before ended unless it is given that state.
        """
        ### BEGIN SOLUTION
        self.steps, outs = [], []
        for t in range(x.shape[1]):
            step = copy.copy(self.cell)  # the same parameters, but it remembers its own forward
            out, state = step.forward(x[:, t], state)
            self.steps.append(step)
            outs.append(out)
        self.state = state
        return np.stack(outs, axis=1)
        ### END SOLUTION

    def backward(self, dout: np.ndarray, dstate: Any = None) -> np.ndarray:
        """Return dx (N, T, D) for dout (N, T, H); set grads and self.dstate.

        Back-propagation through time: from the last step to the first. Each step gets its own part
        of dout and, from the step after it, the gradient of the state that it handed on. dstate is
        what reaches the last state from outside (None: nothing), in the form of a state.
        """
        ### BEGIN SOLUTION
        self.grads = {name: np.zeros_like(value) for name, value in self.params.items()}
        dx = []
        for t in reversed(range(len(self.steps))):
            dx_t, dstate = self.steps[t].backward(dout[:, t], dstate)
            dx.append(dx_t)
            for name, value in self.steps[t].grads.items():
                self.grads[name] += value
        self.dstate = dstate
        return np.stack(dx[::-1], axis=1)
        ### END SOLUTION


class CharModel:
    """Ids of characters in, scores for the next character out, after every step.

    One-hot vectors, `layers` recurrent layers of n_hidden units, a Dense layer. params and grads
    have flat keys as in Sequential: "0.Wx", "0.Wh", "0.b" for the first recurrent layer, ..., and
    last, with the number `layers`, the Dense layer's "W" and "b" ("1.W", "1.b" for one layer).
    `state` is the state after the latest forward: a list with one entry per recurrent layer.
    """

    def __init__(
        self,
        vocab_size: int,
        n_hidden: int,
        rng: np.random.Generator,
        cell: Any = LSTMCell,
        layers: int = 1,
        dtype: Any = np.float64,
    ) -> None:
        """Make the layers. cell is a class: cell(n_in, n_hidden, rng, dtype=dtype) is one cell."""
        self.vocab_size, self.dtype = vocab_size, dtype
        self.state: list[Any] = [None] * layers
        ### BEGIN SOLUTION
        widths = [vocab_size] + [n_hidden] * layers
        self.layers = [
            Recurrent(cell(n_in, n_hidden, rng, dtype=dtype)) for n_in in widths[:layers]
        ]
        self.net = Sequential([*self.layers, Dense(n_hidden, vocab_size, rng, dtype=dtype)])
        ### END SOLUTION

    def forward(
        self, ids: np.ndarray, training: bool = False, state: list[Any] | None = None
    ) -> np.ndarray:
        """Return scores (N, T, vocab_size), of the model's dtype, for ids (N, T); set self.state.

        state, such as the one after an earlier forward, says where the layers start; None: zeros.
        It is not changed.
        """
        ### BEGIN SOLUTION
        x = one_hot_sequence(ids, self.vocab_size).astype(self.dtype)
        for number, layer in enumerate(self.layers):
            x = layer.forward(x, training=training, state=state[number] if state else None)
        self.state = [layer.state for layer in self.layers]
        return self.net.layers[-1].forward(x, training=training)
        ### END SOLUTION

    def backward(self, dlogits: np.ndarray) -> None:
        """Set grads for dlogits (N, T, vocab_size). Ids have no gradient, so nothing is returned.

        Nothing comes from beyond the last step: the text is cut there (truncated BPTT).
        """
        ### BEGIN SOLUTION
        self.net.backward(dlogits)
        ### END SOLUTION

    @property
    def params(self) -> dict[str, np.ndarray]:
        """All parameters: the layers' own arrays."""
        ### BEGIN SOLUTION
        return self.net.params
        ### END SOLUTION

    @property
    def grads(self) -> dict[str, np.ndarray]:
        """All gradients, under the keys of params."""
        ### BEGIN SOLUTION
        return self.net.grads
        ### END SOLUTION

    def predict(self, ids: np.ndarray) -> np.ndarray:
        """Return the scores (N, T, vocab_size): forward from zero states, without training."""
        ### BEGIN SOLUTION
        return self.forward(ids, training=False)
        ### END SOLUTION


def sample(
    model: Any, start: np.ndarray, length: int, temperature: float, rng: np.random.Generator
) -> np.ndarray:
    """Return `length` new ids (length,), int64, that the model writes after the ids in start (M,).

    The model first reads start (at least one id, not repeated in the answer) from a zero state.
    Each new id is drawn from softmax(scores / temperature) of the latest step and then read by the
    model, which goes on from the state it is in. temperature 0 takes the first largest score
    instead of drawing. A small temperature is no reason for an overflow.
    """
    ### BEGIN SOLUTION
    ids = np.zeros(length, dtype=np.int64)
    read, state = np.asarray(start), None
    for place in range(length):
        scores = model.forward(read[None, :], state=state)[0, -1].astype(np.float64)
        state = model.state
        if temperature == 0:
            ids[place] = scores.argmax()
        else:
            weights = np.exp((scores - scores.max()) / temperature)
            ids[place] = rng.choice(len(weights), p=weights / weights.sum())
        read = ids[place : place + 1]
    return ids
    ### END SOLUTION


def perplexity(logits: np.ndarray, y: np.ndarray) -> float:
    """Return e to the mean cross entropy of scores (N, T, V) for the ids y (N, T): a Python float.

    Guessing among k equally likely characters has perplexity k; certainty and being right, 1.
    Raises ValueError when the shapes do not go together.
    Example: all scores 0 with V = 4 gives 4.0.
    """
    ### BEGIN SOLUTION
    return math.exp(SoftmaxCrossEntropy().forward(logits, y))
    ### END SOLUTION
