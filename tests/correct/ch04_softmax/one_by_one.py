"""A correct ch04 in plain loops: one example after the other, one row after the other."""

import math

import numpy as np


def one_hot(y, num_classes):
    out = np.zeros((*np.shape(y), num_classes))
    for place, label in np.ndenumerate(y):
        if not 0 <= label < num_classes:
            raise IndexError(f"class {label} of {num_classes}")
        out[place][label] = 1.0
    return out


def _float_rows(x, axis):
    """x as floats with the axis in question at the end, and the places of its rows."""
    x = np.moveaxis(np.array(x, dtype=x.dtype if x.dtype.kind == "f" else float), axis, -1)
    return x, list(np.ndindex(x.shape[:-1]))


def _lse(row):
    top = max(row)
    total = row.dtype.type(0)
    for value in row:
        total += np.exp(value - top)
    return top, np.log(total)


def logsumexp(x, axis=-1):
    rows, places = _float_rows(x, axis)
    out = np.empty(rows.shape[:-1], rows.dtype)
    for place in places:
        top, rest = _lse(rows[place])
        out[place] = top + rest
    return out


def log_softmax(x, axis=-1):
    rows, places = _float_rows(x, axis)
    for place in places:
        top, rest = _lse(rows[place])
        rows[place] -= top
        rows[place] -= rest
    return np.moveaxis(rows, -1, axis)


def softmax(x, axis=-1):
    rows, places = _float_rows(x, axis)
    for place in places:
        row = rows[place]
        row -= row.max()
        np.exp(row, out=row)
        row /= row.sum()
    return np.moveaxis(rows, -1, axis)


def mean_squared_error(pred, target):
    if np.shape(pred) != np.shape(target):
        raise ValueError("shapes differ")
    pairs = zip(pred.ravel().tolist(), target.ravel().tolist(), strict=True)
    return math.fsum((a - b) ** 2 for a, b in pairs) / pred.size


def mean_squared_error_grad(pred, target):
    dtype = pred.dtype if pred.dtype.kind == "f" else np.float64
    out = np.empty(pred.shape, dtype)
    for place in np.ndindex(pred.shape):
        out[place] = 2.0 * (float(pred[place]) - float(target[place])) / pred.size
    return out


def _check(y, shape):
    if y.shape != shape[:-1]:
        raise ValueError("one label per example")
    for label in y.ravel():
        if label < 0 or label >= shape[-1]:
            raise ValueError("no such class")


def cross_entropy(probs, y):
    _check(y, probs.shape)
    least = float(np.finfo(probs.dtype).tiny)
    costs = [-math.log(max(float(probs[i][label]), least)) for i, label in np.ndenumerate(y)]
    return math.fsum(costs) / len(costs)


def softmax_cross_entropy(logits, y):
    _check(y, logits.shape)
    logp = log_softmax(logits)
    grad = np.exp(logp)
    costs = []
    for place, label in np.ndenumerate(y):
        costs.append(-float(logp[place][label]))
        grad[place][label] -= 1
    grad /= len(costs)
    return math.fsum(costs) / len(costs), grad


def accuracy(scores, y):
    right = 0
    for row, label in zip(scores, y, strict=True):
        best = 0
        for k in range(1, len(row)):
            if row[k] > row[best]:
                best = k
        right += best == label
    return float(right) / len(y)


def _squash(z):
    return z.dtype.type(0.5) * (1 + np.tanh(z / 2))


def predict(params, x, batch_size=100):
    out = np.empty((len(x), 10), np.result_type(x, params["W1"]))
    done = 0
    while done < len(x):
        part = slice(done, min(done + batch_size, len(x)))
        z = x[part]
        for layer in "123":
            z = (_squash(z) if layer != "1" else z) @ params["W" + layer]
            z = z + params["b" + layer]
        out[part] = softmax(z)
        done = part.stop
    return out
