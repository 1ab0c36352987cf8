"""A correct ch11 in a terse style: one base class, closures, steps computed again going back."""

import numpy as np
from layers import Dense


def build_vocabulary(text):
    chars = "".join(sorted(set(text)))
    return dict(zip(chars, range(len(chars)), strict=True)), chars


def one_hot_sequence(ids, num_classes):
    return (ids[..., None] == np.arange(num_classes)).astype(np.float64)


def batches(ids, batch_size, seq_len):
    length = (len(ids) - 1) // batch_size
    x, y = (np.array(part[: batch_size * length]) for part in (ids, ids[1:]))
    x, y = x.reshape(batch_size, length), y.reshape(batch_size, length)
    ends = range(seq_len, length + 1, seq_len)
    return [(x[:, end - seq_len : end], y[:, end - seq_len : end]) for end in ends]


def _sigmoid(a):
    return 1 / (1 + np.exp(-np.clip(a, -60, 60)))


class _Cell:
    gates = 1

    def __init__(self, n_in, n_hidden, rng, dtype=np.float64):
        def weights(rows):
            scale = (2 / (rows + n_hidden)) ** 0.5
            return (scale * rng.standard_normal((rows, self.gates * n_hidden))).astype(dtype)

        b = np.zeros(self.gates * n_hidden, dtype)
        self.params = {"Wx": weights(n_in), "Wh": weights(n_hidden), "b": b}
        self.grads = {key: 0 * value for key, value in self.params.items()}

    def forward(self, x, state=None):
        out, state, self._pull = self._run(x, self._start(x) if state is None else state)
        return out, state

    def _start(self, x):
        Wh = self.params["Wh"]
        return np.zeros((x.shape[0], Wh.shape[0]), Wh.dtype)

    def backward(self, dout, dstate=None):
        dx, dstate, dWx, dWh, db = self._pull(dout, dstate)
        self.grads = {"Wx": dWx, "Wh": dWh, "b": db}
        return dx, dstate

    def _get(self):
        return self.params["Wx"], self.params["Wh"], self.params["b"]


class RNNCell(_Cell):
    def _run(self, x, h):
        Wx, Wh, b = self._get()
        new = np.tanh(h @ Wh + (x @ Wx + b))

        def pull(dout, dstate):
            da = (dout + (0 if dstate is None else dstate)) * (1 - new**2)
            return da @ Wx.T, da @ Wh.T, x.T @ da, h.T @ da, da.sum(0)

        return new, new.copy(), pull


class GRUCell(_Cell):
    gates = 3

    def _run(self, x, h):
        Wx, Wh, b = self._get()
        (Ur, Uz, Un), (ar, az, an) = np.split(Wh, 3, axis=1), np.split(x @ Wx + b, 3, axis=1)
        r, z = _sigmoid(ar + h @ Ur), _sigmoid(az + h @ Uz)
        n = np.tanh(an + (r * h) @ Un)

        def pull(dout, dstate):
            dh = dout if dstate is None else dstate + dout
            dn, dz = dh * (1 - z) * (1 - n**2), dh * (h - n) * z * (1 - z)
            ds = dn @ Un.T
            dr = ds * h * r * (1 - r)
            da = np.hstack([dr, dz, dn])
            dWh = np.hstack([h.T @ dr, h.T @ dz, (r * h).T @ dn])
            before = dh * z + ds * r + dr @ Ur.T + dz @ Uz.T
            return da @ Wx.T, before, x.T @ da, dWh, da.sum(0)

        new = n + z * (h - n)
        return new, new.copy(), pull


class LSTMCell(_Cell):
    gates = 4

    def __init__(self, n_in, n_hidden, rng, dtype=np.float64):
        super().__init__(n_in, n_hidden, rng, dtype)
        self.params["b"].reshape(4, -1)[1] += 1

    def _start(self, x):
        return super()._start(x), super()._start(x)

    def _run(self, x, state):
        (h, c), (Wx, Wh, b) = state, self._get()
        ai, af, ag, ao = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
        i, f, g, o = _sigmoid(ai), _sigmoid(af), np.tanh(ag), _sigmoid(ao)
        new_c = f * c + i * g
        t = np.tanh(new_c)

        def pull(dout, dstate):
            dh, dc = (dout, 0) if dstate is None else (dout + dstate[0], dstate[1])
            dc = dc + dh * o * (1 - t**2)
            gates = (dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2))
            da = np.hstack([*gates, dh * t * o * (1 - o)])
            return da @ Wx.T, (da @ Wh.T, dc * f), x.T @ da, h.T @ da, da.sum(0)

        return o * t, (o * t, new_c), pull


class Recurrent:
    def __init__(self, cell):
        self.cell, self.state, self.dstate = cell, None, None
        self.grads = {key: np.zeros(value.shape, value.dtype) for key, value in cell.params.items()}

    params = property(lambda self: self.cell.params)

    def forward(self, x, training=False, state=None):
        self._x, self._states, outs = x, [state], []
        for step in x.swapaxes(0, 1):
            out, state = self.cell.forward(step, state)
            outs.append(out)
            self._states.append(state)
        self.state = state
        return np.array(outs).swapaxes(0, 1)

    def backward(self, dout, dstate=None):
        dx, total = np.zeros(self._x.shape, dout.dtype), {}
        for t in range(dout.shape[1])[::-1]:
            self.cell.forward(self._x[:, t], self._states[t])
            dx[:, t], dstate = self.cell.backward(dout[:, t], dstate)
            for key, grad in self.cell.grads.items():
                total[key] = total[key] + grad if key in total else np.array(grad)
        self.grads, self.dstate = total, dstate
        return dx


class CharModel:
    def __init__(self, vocab_size, n_hidden, rng, cell=LSTMCell, layers=1, dtype=np.float64):
        self.vocab_size, self.dtype, self.state = vocab_size, dtype, [None] * layers
        self.rows = [
            Recurrent(cell(n_hidden if place else vocab_size, n_hidden, rng, dtype))
            for place in range(layers)
        ]
        self.head = Dense(n_hidden, vocab_size, rng, dtype)

    def forward(self, ids, training=False, state=None):
        x = one_hot_sequence(ids, self.vocab_size).astype(self.dtype)
        for row, start in zip(self.rows, state or [None] * len(self.rows), strict=True):
            x = row.forward(x, state=start)
        self.state = [row.state for row in self.rows]
        return self.head.forward(x)

    def backward(self, dlogits):
        for part in [self.head, *self.rows[::-1]]:
            dlogits = part.backward(dlogits)
        return dlogits

    def _flat(self, kind):
        parts = enumerate([*self.rows, self.head])
        return {f"{k}.{key}": v for k, part in parts for key, v in getattr(part, kind).items()}

    params = property(lambda self: self._flat("params"))
    grads = property(lambda self: self._flat("grads"))

    def predict(self, ids):
        return self.forward(ids)


def sample(model, start, length, temperature, rng):
    """Reads everything from the beginning for every character: slow, and needs no state."""
    text = list(start)
    for _ in range(length):
        scores = np.asarray(model.forward(np.array([text]))[0, -1], dtype=float)
        if temperature > 0:
            scores = (scores - scores.max()) / temperature + rng.gumbel(size=scores.size)
        text.append(int(np.argmax(scores)))
    return np.array(text[len(start) :], dtype=int)


def perplexity(logits, y):
    if logits.shape[:-1] != y.shape:
        raise ValueError("logits and y do not go together")
    top = logits.max(axis=-1, keepdims=True)
    log_probs = logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True))
    picked = np.take_along_axis(log_probs, y[..., None].astype(int), axis=-1)
    return float(np.exp(-picked.mean()))
