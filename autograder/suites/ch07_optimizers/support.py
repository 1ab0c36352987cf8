"""Simple parts that the checks of ch07 put together with the learner's own, so that a mistake in
one exercise does not show in another: a network, losses, an optimizer, and helpers that run beside
the submission. NumPy only. The parts keep to the conventions of the course.
"""

from __future__ import annotations

import numpy as np

float32 = np.float32


# For optimizers


def walk(optimizer, start, gradients, rates=()):
    """One step for each member of gradients, at the rates given; the values after each step."""
    params = {key: np.array(value) for key, value in start.items()}
    path = []
    for number, grads in enumerate(gradients):
        if rates:
            optimizer.lr = rates[number]
        optimizer.step(params, grads)
        path.append({key: np.array(value) for key, value in params.items()})
    return path


def descend(optimizer, start, curvature, steps):
    """Minimise the sum of curvature / 2 * p^2; return the values after all steps.

    As in a network, the arrays stay the owner's, and the dict is a new one at every step.
    """
    own = {key: np.array(value) for key, value in start.items()}
    for _ in range(steps):
        optimizer.step(dict(own), {key: curvature[key] * value for key, value in own.items()})
    return own


def walk_in_place(optimizer, start, gradients):
    """Steps on arrays that belong to somebody else, as a network's do: every dict is new.

    Returns (the owner's values after all steps, complaints).
    """
    own = {key: np.array(value) for key, value in start.items()}
    complaints = []
    for grads in gradients:
        params, given = dict(own), {key: np.array(value) for key, value in grads.items()}
        answer = optimizer.step(params, given)
        if answer is not None:
            complaints.append("step must return None")
        for key, value in own.items():
            if params.get(key) is not value:
                complaints.append(f"params[{key!r}] became another array; change the array itself")
            if not np.array_equal(given[key], grads[key]):
                complaints.append(f"grads[{key!r}] was changed by step")
    return own, complaints


def walk_with_changing_dicts(optimizer, rounds):
    """Steps with whatever params and grads each round names; values carry on under their key.

    rounds: [(order of the keys, {key: gradient}, {key: start value of a new key})]. The arrays in
    params are replaced by equal ones before each step. Returns the values after each step.
    """
    now, path = {}, []
    for keys, grads, new in rounds:
        now.update({key: np.array(value) for key, value in new.items()})
        params = {key: np.array(now[key]) for key in keys}
        optimizer.step(params, {key: grads[key] for key in reversed(keys)})
        now.update(params)
        path.append({key: np.array(value) for key, value in now.items()})
    return path


def walk_with_one_buffer(optimizer, start, gradients):
    """Steps whose gradients always lie in the same arrays, overwritten after each step."""
    params = {key: np.array(value) for key, value in start.items()}
    buffers = {key: np.zeros_like(value) for key, value in params.items()}
    for grads in gradients:
        for key, value in grads.items():
            buffers[key][...] = value
        optimizer.step(params, buffers)
        for value in buffers.values():
            value.fill(7.0)
    return params


def walk_in_turn(optimizers, starts, gradients):
    """Several optimizers take their steps in turn, each with its own parameters, under one key."""
    params = [{"W": np.array(start)} for start in starts]
    for grads in gradients:
        for optimizer, mine, grad in zip(optimizers, params, grads, strict=True):
            optimizer.step(mine, {"W": grad})
    return [mine["W"] for mine in params]


def walk_on_views(optimizer, start, gradients):
    """Steps on parameters that are views, with read-only gradients in another memory order.

    Returns the values read through the memory that the views look into.
    """
    rows, columns = start.shape
    room = np.full((2 * rows, 3 * columns), 5.0)
    wide, turned = room[::2, ::-3], np.zeros((columns, rows))
    wide[...] = start
    turned.T[...] = start
    for grad in gradients:
        optimizer.step({"a": wide, "b": turned.T}, {"a": _fortran(grad), "b": _strided(grad)})
    outside = np.delete(room, np.s_[::2], axis=0)
    return {"a": room[::2, ::-3].copy(), "b": turned.T.copy(), "outside": outside}


def _fortran(x):
    return _read_only(np.array(x, order="F"))


def _strided(x):
    room = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    view = room[..., ::-2]
    view[...] = x
    return _read_only(view)


def _read_only(x):
    x.flags.writeable = False
    return x


# For clip_grad_norm


def clip_and_watch(clip, grads, max_norm):
    """Clip gradients of several memory orders, then overwrite them.

    Returns (clipped, norm, complaints): the answer must be a new dict and keep its values.
    """
    given = {
        key: (np.array(value) if number % 2 else _strided(value))
        for number, (key, value) in enumerate(grads.items())
    }
    before = dict(given)
    clipped, norm = clip(given, max_norm)
    complaints = []
    if clipped is given:
        complaints.append("the answer must be a new dict")
    if list(given) != list(before) or any(given[key] is not before[key] for key in before):
        complaints.append("the dict of gradients was changed")
    for key, value in grads.items():
        if not np.array_equal(before[key], value):
            complaints.append(f"grads[{key!r}] was changed")
    values = {key: np.array(value) for key, value in clipped.items()}
    for value in before.values():
        if value.flags.writeable:
            value.fill(77.0)
    for key, value in values.items():
        multiplied = not np.array_equal(value, grads.get(key))  # otherwise it may be the same array
        if multiplied and not np.array_equal(value, clipped[key]):
            complaints.append(f"the answer for {key!r} shares memory with the argument")
    return values, norm, complaints


# For Trainer


class Log:
    """What happened, in order: (name, details) pairs, shared by the parts of one training."""

    def __init__(self):
        self.events = []

    def note(self, name, **details):
        self.events.append((name, details))

    def names(self):
        return [name for name, _ in self.events]

    def all(self, name, detail):
        """That detail of every event of a name."""
        return [details[detail] for known, details in self.events if known == name]


class Affine:
    """y = x A + c, with everything that a network has; the dicts are made anew at every access."""

    def __init__(self, A, c, log):
        self.own = {"A": np.array(A), "c": np.array(c)}
        self.slopes = {key: np.zeros_like(value) for key, value in self.own.items()}
        self.log = log

    @property
    def params(self):
        return dict(self.own)

    @property
    def grads(self):
        return dict(self.slopes)

    def forward(self, x, training=False):
        self.log.note("train" if training is True else "use", x=np.array(x))
        self.x = x
        return x @ self.own["A"] + self.own["c"]

    def backward(self, dout):
        self.log.note("backward")
        rows, drows = self.x.reshape(-1, self.x.shape[-1]), dout.reshape(-1, dout.shape[-1])
        self.slopes = {"A": rows.T @ drows, "c": drows.sum(axis=0)}
        return dout @ self.own["A"].T

    def predict(self, x):
        self.log.note("predict", x=np.array(x))
        return x @ self.own["A"] + self.own["c"]


class SquaredLoss:
    """The mean over the examples of the squared length of pred - target."""

    def __init__(self, log):
        self.log = log

    def forward(self, pred, target):
        self.difference = pred - target
        loss = float((self.difference**2).sum() / len(pred))
        self.log.note("loss", target=np.array(target), value=loss)
        return loss

    def backward(self):
        return 2 * self.difference / len(self.difference)


class SoftmaxLoss:
    """The cross entropy of the softmax of scores, a mean over all examples."""

    def __init__(self, log):
        self.log = log

    def forward(self, pred, target):
        scores = pred.reshape(-1, pred.shape[-1])
        scores = scores - scores.max(axis=1, keepdims=True)
        log_probs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        hits = np.arange(target.size), target.reshape(-1)
        loss = -float(log_probs[hits].mean())
        dpred = np.exp(log_probs)
        dpred[hits] -= 1
        self.dpred = (dpred / target.size).reshape(pred.shape)
        self.log.note("loss", target=np.array(target), value=loss)
        return loss

    def backward(self):
        return self.dpred


class Plain:
    """p -= lr * g, and a count of all steps so far; notes the rate, the gradients, the values."""

    def __init__(self, lr, log):
        self.lr, self.log, self.count = lr, log, 0

    def step(self, params, grads):
        self.count += 1
        for key, value in params.items():
            value -= self.lr * grads[key]
        self.log.note(
            "step",
            lr=self.lr,
            count=self.count,
            grads={key: np.array(value) for key, value in grads.items()},
            params={key: np.array(value) for key, value in params.items()},
        )


class Rates:
    """A schedule that reads from a list and notes what it is asked."""

    def __init__(self, rates, log):
        self.rates, self.log = rates, log

    def __call__(self, t):
        self.log.note("schedule", t=t)
        return self.rates[t]


def clip(grads, max_norm):
    """What clip_grad_norm does."""
    norm = float(np.sqrt(sum(float((g * g).sum()) for g in grads.values())))
    factor = 1.0 if norm <= max_norm else max_norm / norm
    return {key: g * factor for key, g in grads.items()}, norm


def frozen(x):
    """A read-only copy of x."""
    return _read_only(np.array(x))


def use_global_random(seed):
    """Put NumPy's global generator into a known state."""
    np.random.seed(seed)


def global_random():
    """The state of NumPy's global generator as an array."""
    _, words, position, _, _ = np.random.get_state()
    return np.append(words, position)


# For the digits


class DigitNet:
    """Dense, ReLU, Dense from given weights {"0.W", "0.b", "2.W", "2.b"}; notes nothing."""

    def __init__(self, weights):
        self.own = {key: np.array(value) for key, value in weights.items()}
        self.slopes = {key: np.zeros_like(value) for key, value in self.own.items()}

    @property
    def params(self):
        return dict(self.own)

    @property
    def grads(self):
        return dict(self.slopes)

    def forward(self, x, training=False):
        self.x = x
        self.hidden = np.maximum(x @ self.own["0.W"] + self.own["0.b"], 0)
        return self.hidden @ self.own["2.W"] + self.own["2.b"]

    def backward(self, dout):
        dhidden = (dout @ self.own["2.W"].T) * (self.hidden > 0)
        self.slopes = {
            "0.W": self.x.T @ dhidden,
            "0.b": dhidden.sum(axis=0),
            "2.W": self.hidden.T @ dout,
            "2.b": dout.sum(axis=0),
        }
        return dhidden @ self.own["0.W"].T

    def predict(self, x):
        return (
            np.maximum(x @ self.own["0.W"] + self.own["0.b"], 0) @ self.own["2.W"] + self.own["2.b"]
        )


class QuietLog:
    """A Log that keeps nothing."""

    def note(self, name, **details):
        pass
