"""A correct ch11 written out step by step: gate by gate, copies, buffers filled in place."""

import copy

import numpy as np
from activations import sigmoid, tanh
from layers import Dense, SoftmaxCrossEntropy


def build_vocabulary(text):
    char_to_id = {}
    chars = []
    for char in sorted(text):
        if char not in char_to_id:
            char_to_id[char] = len(chars)
            chars.append(char)
    return char_to_id, tuple(chars)


def one_hot_sequence(ids, num_classes):
    n_sequences, n_steps = ids.shape
    result = np.zeros((n_sequences, n_steps, num_classes), dtype=np.float64)
    for n in range(n_sequences):
        for t in range(n_steps):
            result[n, t, ids[n, t]] = 1.0
    return result


def batches(ids, batch_size, seq_len):
    piece = len(ids) // batch_size
    rows = []
    for row in range(batch_size):
        rows.append(ids[row * piece : (row + 1) * piece])
    table = np.array(rows)
    start = 0
    while start + seq_len + 1 <= piece:
        x = table[:, start : start + seq_len].copy()
        y = table[:, start + 1 : start + seq_len + 1].copy()
        yield x, y
        start += seq_len


def _new_params(n_in, n_hidden, n_gates, rng, dtype):
    Wx = np.zeros((n_in, n_gates * n_hidden), dtype=dtype)
    Wh = np.zeros((n_hidden, n_gates * n_hidden), dtype=dtype)
    for gate in range(n_gates):
        columns = slice(gate * n_hidden, (gate + 1) * n_hidden)
        Wx[:, columns] = rng.normal(0.0, np.sqrt(2 / (n_in + n_hidden)), size=(n_in, n_hidden))
        Wh[:, columns] = rng.normal(0.0, np.sqrt(1 / n_hidden), size=(n_hidden, n_hidden))
    return dict(Wx=Wx, Wh=Wh, b=np.zeros(n_gates * n_hidden, dtype=dtype))


def _zeros_like_all(params):
    grads = {}
    for key in params:
        grads[key] = np.zeros_like(params[key])
    return grads


class _GatedCell:
    """What the cells share: columns of a gate, and the gradients of a gate's parameters."""

    def _zeros(self, x):
        return np.zeros((x.shape[0], self.n_hidden), dtype=self.params["b"].dtype)

    def _columns(self, gate):
        return slice(gate * self.n_hidden, (gate + 1) * self.n_hidden)

    def _before(self, gate, x, h):
        columns = self._columns(gate)
        from_x = np.matmul(x, self.params["Wx"][:, columns])
        from_h = np.matmul(h, self.params["Wh"][:, columns])
        return from_x + from_h + self.params["b"][columns]

    def _after(self, gate, da, x, h):
        """Set the gradients of one gate; return what reaches x and h through it."""
        columns = self._columns(gate)
        self.grads["Wx"][:, columns] = np.matmul(x.T, da)
        self.grads["Wh"][:, columns] = np.matmul(h.T, da)
        self.grads["b"][columns] = np.sum(da, axis=0)
        return da @ self.params["Wx"][:, columns].T, da @ self.params["Wh"][:, columns].T


class RNNCell(_GatedCell):
    def __init__(self, n_in, n_hidden, rng, dtype=np.float64):
        self.n_hidden = n_hidden
        self.params = _new_params(n_in, n_hidden, 1, rng, dtype)
        self.grads = _zeros_like_all(self.params)

    def forward(self, x, state=None):
        h = state
        if h is None:
            h = self._zeros(x)
        self.x = x.copy()
        self.h = h.copy()
        self.new_h = tanh(self._before(0, x, h))
        return self.new_h.copy(), self.new_h.copy()

    def backward(self, dout, dstate=None):
        dh = dout.copy()
        if dstate is not None:
            dh += dstate
        da = dh * (1 - self.new_h * self.new_h)
        return self._after(0, da, self.x, self.h)


class GRUCell(_GatedCell):
    def __init__(self, n_in, n_hidden, rng, dtype=np.float64):
        self.n_hidden = n_hidden
        self.params = _new_params(n_in, n_hidden, 3, rng, dtype)
        self.grads = _zeros_like_all(self.params)

    def forward(self, x, state=None):
        h = state
        if h is None:
            h = self._zeros(x)
        r = sigmoid(self._before(0, x, h))
        z = sigmoid(self._before(1, x, h))
        n = tanh(self._before(2, x, r * h))
        self.cache = x.copy(), h.copy(), r, z, n
        new_h = (1 - z) * n + z * h
        return new_h, new_h.copy()

    def backward(self, dout, dstate=None):
        x, h, r, z, n = self.cache
        dnew = dout.copy()
        if dstate is not None:
            dnew += dstate
        dn = dnew * (1 - z)
        dz = dnew * (h - n)
        dh = dnew * z
        dx_n, drh = self._after(2, dn * (1 - n * n), x, r * h)
        dr = drh * h
        dh = dh + drh * r
        dx_z, dh_z = self._after(1, dz * z * (1 - z), x, h)
        dx_r, dh_r = self._after(0, dr * r * (1 - r), x, h)
        return dx_n + dx_z + dx_r, dh + dh_z + dh_r


class LSTMCell(_GatedCell):
    def __init__(self, n_in, n_hidden, rng, dtype=np.float64):
        self.n_hidden = n_hidden
        self.params = _new_params(n_in, n_hidden, 4, rng, dtype)
        self.params["b"][self._columns(1)] = 1.0
        self.grads = _zeros_like_all(self.params)

    def forward(self, x, state=None):
        if state is None:
            h, c = self._zeros(x), self._zeros(x)
        else:
            h, c = state
        i = sigmoid(self._before(0, x, h))
        f = sigmoid(self._before(1, x, h))
        g = tanh(self._before(2, x, h))
        o = sigmoid(self._before(3, x, h))
        new_c = f * c + i * g
        new_h = o * tanh(new_c)
        self.cache = x.copy(), h.copy(), c.copy(), i, f, g, o, new_c.copy()
        return new_h, (new_h.copy(), new_c)

    def backward(self, dout, dstate=None):
        x, h, c, i, f, g, o, new_c = self.cache
        dnew_h = dout.copy()
        dnew_c = np.zeros_like(dnew_h)
        if dstate is not None:
            dnew_h += dstate[0]
            dnew_c += dstate[1]
        squashed = tanh(new_c)
        do = dnew_h * squashed
        dnew_c += dnew_h * o * (1 - squashed**2)
        dx, dh = np.zeros_like(x, dtype=dnew_h.dtype), np.zeros_like(dnew_h)
        gradients = (
            dnew_c * g * i * (1 - i),
            dnew_c * c * f * (1 - f),
            dnew_c * i * (1 - g**2),
            do * o * (1 - o),
        )
        for gate, da in enumerate(gradients):
            dx_gate, dh_gate = self._after(gate, da, x, h)
            dx += dx_gate
            dh += dh_gate
        return dx, (dh, dnew_c * f)


class Recurrent:
    def __init__(self, cell):
        self.cell = cell
        self.params = cell.params
        self.grads = _zeros_like_all(cell.params)
        self.state = None
        self.dstate = None

    def forward(self, x, training=False, state=None):
        n_steps = x.shape[1]
        self.cells = []
        outputs = []
        for t in range(n_steps):
            cell = copy.copy(self.cell)
            cell.grads = _zeros_like_all(cell.params)
            output, state = cell.forward(x[:, t, :], state)
            self.cells.append(cell)
            outputs.append(output)
        self.state = state
        result = np.zeros((x.shape[0], n_steps, outputs[0].shape[1]), dtype=outputs[0].dtype)
        for t in range(n_steps):
            result[:, t, :] = outputs[t]
        return result

    def backward(self, dout, dstate=None):
        for key in self.grads:
            self.grads[key][...] = 0.0
        slopes = [None] * len(self.cells)
        for t in range(len(self.cells) - 1, -1, -1):
            slopes[t], dstate = self.cells[t].backward(dout[:, t, :], dstate)
            for key in self.grads:
                self.grads[key] += self.cells[t].grads[key]
        self.dstate = dstate
        return np.stack(slopes, axis=1)


class CharModel:
    def __init__(self, vocab_size, n_hidden, rng, cell=LSTMCell, layers=1, dtype=np.float64):
        self.vocab_size = vocab_size
        self.dtype = dtype
        self.parts = []
        width = vocab_size
        for _ in range(layers):
            self.parts.append(Recurrent(cell(width, n_hidden, rng, dtype=dtype)))
            width = n_hidden
        self.parts.append(Dense(width, vocab_size, rng, dtype=dtype))
        self.state = [None for _ in range(layers)]

    def forward(self, ids, training=False, state=None):
        values = np.asarray(one_hot_sequence(ids, self.vocab_size), dtype=self.dtype)
        after = []
        for number, part in enumerate(self.parts[:-1]):
            before = None
            if state is not None:
                before = state[number]
            values = part.forward(values, training=training, state=before)
            after.append(part.state)
        self.state = after
        return self.parts[-1].forward(values, training=training)

    def backward(self, dlogits):
        gradient = dlogits
        for part in reversed(self.parts):
            gradient = part.backward(gradient)

    @property
    def params(self):
        found = {}
        for number, part in enumerate(self.parts):
            for key in part.params:
                found[str(number) + "." + key] = part.params[key]
        return found

    @property
    def grads(self):
        found = {}
        for number, part in enumerate(self.parts):
            for key in part.grads:
                found[str(number) + "." + key] = part.grads[key]
        return found

    def predict(self, ids):
        return self.forward(ids, training=False, state=None)


def sample(model, start, length, temperature, rng):
    written = []
    state = None
    for one in start:  # prime the state, one id at a time
        scores = model.forward(np.array([[one]]), state=state)
        state = model.state
    while len(written) < length:
        last = np.array(scores[0, -1], dtype=np.float64)
        if temperature == 0:
            choice = int(np.argmax(last))
        else:
            last = (last - np.max(last)) / temperature
            weights = np.exp(last)
            edges = np.cumsum(weights / np.sum(weights))
            choice = int(min(np.searchsorted(edges, rng.random(), side="right"), len(edges) - 1))
        written.append(choice)
        scores = model.forward(np.array([[choice]]), state=state)
        state = model.state
    return np.array(written, dtype=np.int64)


def perplexity(logits, y):
    loss = SoftmaxCrossEntropy()
    return float(np.exp(loss.forward(logits, y)))
