"""Public checks of ch11_recurrent: worked examples, and gradients of the learner's own forward.

Recurrent and CharModel are checked with the simple cells of support.py, sample with its model.
"""

import numpy as np
import pytest

from autograder.suite import (
    at_most,
    equal,
    exercise,
    gradient,
    number,
    numeric_gradient,
    outputs,
    raises,
    true,
    unchanged,
)

GATES = {"RNNCell": 1, "GRUCell": 3, "LSTMCell": 4}
PARAMS = ("Wx", "Wh", "b")
LANGUAGE_PERPLEXITY = 2.03


def _cells(test):
    """One check per cell, each counting for its own exercise."""
    marked = [pytest.param(name, marks=exercise(name), id=name) for name in GATES]
    return pytest.mark.parametrize("name", marked)(test)


def params_of(rng, gates, n_in, n_hidden):
    """Random parameters of a cell, the bias too."""
    width = gates * n_hidden
    shapes = {"Wx": (n_in, width), "Wh": (n_hidden, width), "b": (width,)}
    return {key: rng.normal(size=shape) for key, shape in shapes.items()}


def cell_with(student, make_rng, name, params):
    """A cell of the student's with the given parameters."""
    n_in, n_hidden = len(params["Wx"]), len(params["Wh"])
    cell = getattr(student, name)(n_in, n_hidden, make_rng(1))
    for key, value in params.items():
        cell.ref.params[key] = value
    return cell


def state_of(name, *arrays):
    """Arrays in the form of a cell's state: (h, c) for the LSTM, h for the others."""
    return tuple(arrays[:2]) if name == "LSTMCell" else arrays[0]


def parts(state):
    """The arrays of a state."""
    return list(state) if isinstance(state, tuple) else [state]


def total(answer, dout, dstate):
    """The sum of dout * out + dstate * state: a loss with these gradients."""
    out, state = answer
    pairs = [(out, dout), *zip(parts(state), parts(dstate), strict=True)]
    for value, wanted in pairs:
        right = type(value) is np.ndarray and value.shape == wanted.shape
        true("forward", right, f"out and each part of the state must be arrays {wanted.shape}")
    return float(sum(np.sum(value * weight) for value, weight in pairs))


def compare_narrow(what, answers_of, made, params, *arrays):
    """In float32 everything must be float32, with the numbers of float64.

    answers_of(made[dtype], *arrays) gives named arrays; the parameters are set before.
    """
    found = {}
    for dtype, one in made.items():
        kinds = {key: value.dtype.name for key, value in one.params.items()}
        true(f"params of {what}", set(kinds.values()) == {dtype}, f"{kinds}, expected {dtype}")
        for key, value in params.items():
            one.ref.params[key][...] = value
        found[dtype] = answers_of(one, *[array.astype(dtype) for array in arrays])
    for key, value in found["float64"].items():
        true(what, type(value) is np.ndarray and value.any(), f"{key} is no array, or all zero")
    pairs = {
        key: (value, found["float64"][key].astype("float32"))
        for key, value in found["float32"].items()
    }
    outputs(pairs, call=f"{what} in float32, compared with float64", rtol=1e-3, atol=1e-4)


# build_vocabulary, one_hot_sequence, batches


@exercise("build_vocabulary", weight=2)
def test_vocabulary_example(student):
    """build_vocabulary of a small text: sorted characters, numbered from 0."""
    char_to_id, chars = student.build_vocabulary("hello, world\nHELLO")

    want = ["\n", " ", ",", "E", "H", "L", "O", "d", "e", "h", "l", "o", "r", "w"]
    true("chars", list(chars) == want, f"got {list(chars)}, expected {want}")
    numbers = {char: number_ for number_, char in enumerate(want)}
    true("char_to_id", dict(char_to_id) == numbers, f"got {dict(char_to_id)}, expected {numbers}")


@exercise("one_hot_sequence", weight=2)
def test_one_hot_example(student):
    """one_hot_sequence of two sequences of three ids; the last class does not occur."""
    ids = np.array([[2, 0, 1], [1, 1, 2]])

    got = unchanged("one_hot_sequence", student.one_hot_sequence, ids, 4)

    want = [
        [[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0]],
        [[0, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]],
    ]
    equal("one_hot_sequence", got, want, ids=ids)


@exercise("batches", weight=2)
def test_batches_in_one_row(student, support):
    """batches of nine ids in one row of three: two pairs, the rest dropped."""
    pairs = support.collect(student.batches, np.array([3, 1, 4, 1, 5, 9, 2, 6, 5]), 1, 3)

    true("batches", len(pairs) == 2, f"{len(pairs)} pairs, expected 2")
    (x1, y1), (x2, y2) = pairs
    equal("first x", x1, np.array([[3, 1, 4]]))
    equal("first y", y1, np.array([[1, 4, 1]]))
    equal("second x", x2, np.array([[1, 5, 9]]))
    equal("second y", y2, np.array([[5, 9, 2]]))


@exercise("batches", weight=2)
def test_batches_go_on_in_each_row(student, support):
    """batches in three rows: row i of a pair goes on where row i of the pair before ended."""
    pairs = support.collect(student.batches, np.arange(100, 163), 3, 4)

    true("batches", len(pairs) == 5, f"{len(pairs)} pairs from 63 ids, expected 5")
    true("batches", all(x.shape == y.shape == (3, 4) for x, y in pairs), "x and y must be (3, 4)")
    x = np.concatenate([x for x, _ in pairs], axis=1)
    y = np.concatenate([y for _, y in pairs], axis=1)
    equal("all x of the first row", x[0], np.arange(100, 120))
    equal(
        "all x, each row counted from its beginning", x - x[:, :1], np.tile(np.arange(20), (3, 1))
    )
    equal("y", y, x + 1)
    true("batches", (np.diff(x[:, 0]) >= 20).all(), "two rows read the same place")


# Cells

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]])
H = np.array([[0.4, -0.2], [-0.6, 0.8]])
C = np.array([[1.0, -0.5], [0.2, 2.0]])
WX = np.round(np.sin(np.arange(24.0)).reshape(3, 8), 1)
WH = np.round(np.cos(np.arange(16.0)).reshape(2, 8), 1)
B = np.round(np.sin(2 + np.arange(8.0)), 1)
# From the formulas of the docstrings, written with PyTorch's primitives, rounded.
EXAMPLE = {
    "RNNCell": [
        [[-0.27290508056313284, -0.9086976584311125], [0.3539917124770461, 0.65270670596199]]
    ],
    "GRUCell": [
        [[0.8016319496903549, 0.3855102192316211], [-0.6921323491880995, -0.04507221332936451]]
    ],
    "LSTMCell": [
        [[0.27615720294163826, -0.01908217626588607], [-0.14501836971114285, 0.28721461602555737]],
        [[0.5434212832315372, -0.07485345142227129], [-0.29393309168296655, 0.454542675422608]],
    ],
}


@_cells
def test_cell_example(student, make_rng, name):
    """One step of the cell on a small example, from a state that is not zero."""
    width = 2 * GATES[name]
    params = {"Wx": WX[:, :width], "Wh": WH[:, :width], "b": B[:width]}
    cell = cell_with(student, make_rng, name, params)

    out, state = cell.forward(X, state_of(name, H, C))

    want_out, *want_c = EXAMPLE[name]
    found, want = parts(state), [want_out, *want_c]
    true(name, len(found) == len(want), f"the state must have {len(want)} parts")
    pairs = {"out": (out, want_out), "new h": (found[0], want_out)}
    if want_c:
        pairs["new c"] = (found[1], want_c[0])
    outputs(pairs, call=f"{name}.forward", x=X, h=H)


@_cells
def test_cell_gradients_agree_with_its_forward(student, make_rng, rng, name):
    """dx, the state's gradient, dWx, dWh and db are the slopes of the cell's own forward."""
    params = params_of(rng, GATES[name], 3, 2)
    cell = cell_with(student, make_rng, name, params)
    x, dout = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    arrays = [rng.normal(size=(4, 2)) for _ in range(4)]
    state, dstate = state_of(name, *arrays[:2]), state_of(name, *arrays[2:])

    def loss_of(pairs):
        return [total(answer, dout, dstate) for answer in cell.forward.map(pairs)]

    slopes = {"dx": numeric_gradient(lambda xs: loss_of([(v, state) for v in xs]), x)}
    for place, part in enumerate("hc"[: len(parts(state))]):
        start = parts(state)[place]

        def with_part(values, place=place):
            states = [
                state_of(name, *[v if k == place else p for k, p in enumerate(parts(state))])
                for v in values
            ]
            return loss_of([(x, one) for one in states])

        slopes[f"d{part}"] = numeric_gradient(with_part, start)
    for key, start in params.items():
        slopes[f"d{key}"] = numeric_gradient(
            lambda values, key=key: [
                _loss_with(cell, key, v, x, state, dout, dstate) for v in values
            ],
            start,
        )
        cell.ref.params[key] = start
    for key, slope in slopes.items():
        true(name, np.abs(slope).max() > 0, f"forward does not depend on {key[1:]}")
    cell.forward(x, state)
    dx, dstate_prev = cell.backward(dout, dstate)

    grads = cell.grads
    true(name, len(parts(dstate_prev)) == len(parts(state)), "dstate_prev has the wrong form")
    gradient(f"{name}.backward: dx", dx, slopes["dx"], x=x, dout=dout)
    for part, got in zip("hc", parts(dstate_prev), strict=False):
        gradient(f"{name}.backward: gradient of the old {part}", got, slopes[f"d{part}"])
    for key in PARAMS:
        gradient(f"{name}.backward: d{key}", grads[key], slopes[f"d{key}"], x=x, dout=dout)


def _loss_with(cell, key, value, x, state, dout, dstate):
    cell.ref.params[key] = value
    return total(cell.forward(x, state), dout, dstate)


@_cells
def test_cell_without_a_state(student, make_rng, rng, name):
    """A state of None stands for zeros, a dstate of None too."""
    cell = cell_with(student, make_rng, name, params_of(rng, GATES[name], 3, 4))
    x, dout = rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    zeros = state_of(name, np.zeros((5, 4)), np.zeros((5, 4)))

    out_zeros, _ = cell.forward(x, zeros)
    dx_zeros, dstate_zeros = cell.backward(dout, zeros)
    grads_zeros = cell.grads
    out, _ = cell.forward(x)
    dx, dstate = cell.backward(dout)

    other, _ = cell.forward(x, state_of(name, np.ones((5, 4)), np.ones((5, 4))))
    true(name, np.abs(other - out_zeros).max() > 1e-3, "the output does not depend on the state")
    pairs = {"out": (out, out_zeros), "dx": (dx, dx_zeros)}
    for part, got, want in zip("hc", parts(dstate), parts(dstate_zeros), strict=False):
        pairs[f"gradient of {part}"] = (got, want)
    grads = cell.grads
    pairs |= {f"d{key}": (grads[key], grads_zeros[key]) for key in PARAMS}
    outputs(pairs, call=f"{name} without state and dstate, compared with zeros", x=x, dout=dout)


@_cells
def test_cell_starts_with_glorot_weights(student, make_rng, name):
    """A new cell: Glorot weights in each gate, the right biases, zero gradients, from rng alone."""
    n_in, n_hidden, gates = 150, 60, GATES[name]
    make = getattr(student, name)
    cell, again, other = (make(n_in, n_hidden, make_rng(seed)) for seed in (3, 3, 4))
    params, grads = cell.params, cell.grads

    bias = np.zeros(gates * n_hidden)
    if name == "LSTMCell":
        bias[n_hidden : 2 * n_hidden] = 1
    equal(f"b of a new {name}", params["b"], bias)
    for key, rows in (("Wx", n_in), ("Wh", n_hidden)):
        shape = (rows, gates * n_hidden)
        true(key, params[key].shape == shape, f"shape {params[key].shape}, not {shape}")
        equal(f"grads[{key!r}] of a new {name}", grads[key], np.zeros(shape))
        for gate in range(gates):
            block = params[key][:, gate * n_hidden : (gate + 1) * n_hidden]
            what = f"{key} of gate {gate}"
            size = np.sqrt(2 / (rows + n_hidden))
            equal(f"standard deviation of {what}", np.std(block), size, rtol=0.08)
            equal(f"mean of {what}", np.mean(block), 0.0, atol=6 * size / np.sqrt(block.size))
        gate_starts = set(params[key][0, ::n_hidden].tolist())
        true(key, len(gate_starts) == gates, "two gates start with the same weights")
        equal(f"{key} of two cells with equally seeded rng", again.params[key], params[key])
        same = np.array_equal(other.params[key], params[key])
        true(key, not same, "does not depend on rng")


@_cells
def test_cell_overwrites_its_gradients(student, support, make_rng, rng, name):
    """The cell: each backward starts anew, belongs to the latest forward, changes no argument."""
    params = params_of(rng, GATES[name], 2, 3)
    cell, fresh_one = (cell_with(student, make_rng, name, params) for _ in range(2))
    x1, x2, dout = rng.normal(size=(2, 2)), rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
    arrays = [rng.normal(size=(4, 3)) for _ in range(4)]
    state, dstate = state_of(name, *arrays[:2]), state_of(name, *arrays[2:])

    dx, _ = support.two_steps(cell, x1, x2, state, dout, dstate)
    unchanged(f"{name}.forward", fresh_one.forward, x2, *parts(state)[: name != "LSTMCell"])
    fresh_one.forward(x2, state)
    want_dx, _ = unchanged(f"{name}.backward", fresh_one.backward, dout, dstate)

    grads, want = cell.grads, fresh_one.grads
    true(name, all(np.abs(want[key]).max() > 0 for key in PARAMS), "a gradient is all zero")
    pairs = {"dx": (dx, want_dx)} | {f"d{key}": (grads[key], want[key]) for key in PARAMS}
    outputs(pairs, call=f"{name}.backward, called twice after two forwards")
    for key, value in params.items():
        equal(f"{key} after backward", fresh_one.params[key], value)


@_cells
def test_cell_in_float32(student, support, make_rng, rng, name):
    """The cell in float32: parameters, outputs, states and gradients are float32."""
    make = getattr(student, name)
    made = {"float64": make(3, 4, make_rng(1))}
    made["float32"] = make(3, 4, make_rng(1), dtype=support.float32)

    def answers_of(cell, x, dout):
        out, state = cell.forward(x)
        cell.backward(dout)
        cell.forward(x, state)
        dx, dstate = cell.backward(dout)
        grads = cell.grads
        named = {"out": out, "dx": dx} | {f"d{key}": grads[key] for key in PARAMS}
        for part, new, old in zip("hc", parts(state), parts(dstate), strict=False):
            named |= {f"new {part}": new, f"gradient of {part}": old}
        return named

    x, dout = rng.normal(size=(5, 3)), rng.normal(size=(5, 4))
    compare_narrow(name, answers_of, made, params_of(rng, GATES[name], 3, 4), x, dout)


# Gates: what each of them does


@exercise("GRUCell", weight=2)
def test_gru_gates(student, make_rng):
    """GRU: z = 1 keeps the state, z = 0 takes the proposal, r = 0 forgets h in the proposal."""
    h, x = np.array([[0.5, -3.0]]), np.array([[1.0]])
    params = {"Wx": np.zeros((1, 6)), "Wh": np.zeros((2, 6)), "b": np.zeros(6)}
    params["Wx"][0, 4:] = [0.3, -0.2]
    params["Wh"][:, 4:] = [[1.0, 2.0], [0.5, -1.0]]

    for what, bias, want in (
        ("z = 1", [0, 0, 1000, 1000, 0, 0], h),
        ("z = 0, r = 0", [-1000, -1000, -1000, -1000, 0, 0], np.tanh([[0.3, -0.2]])),
        ("z = 0, r = 1", [1000, 1000, -1000, -1000, 0, 0], np.tanh([[-0.7, 3.8]])),
        ("z = 0, r = (1, 0)", [1000, -1000, -1000, -1000, 0, 0], np.tanh([[0.8, 0.8]])),
    ):
        cell = cell_with(student, make_rng, "GRUCell", {**params, "b": np.array(bias, float)})
        out, _ = cell.forward(x, h)
        equal(f"GRUCell with {what}: new h", out, want, h=h)


@exercise("LSTMCell", weight=2)
def test_lstm_gates(student, make_rng):
    """LSTM: the order is i, f, g, o; f keeps the old c, i lets g in, o shows tanh(c)."""
    c = np.array([[3.0]])
    weights = {"Wx": np.zeros((1, 4)), "Wh": np.zeros((1, 4))}

    for i, f, g, o, want_c, want_h in (
        (0, 1, 1, 1, 3.0, np.tanh(3.0)),
        (1, 0, 1, 1, 1.0, np.tanh(1.0)),
        (1, 1, -1, 1, 2.0, np.tanh(2.0)),
        (1, 1, 1, 0, 4.0, 0.0),
        (0, 0, 1, 1, 0.0, 0.0),
    ):
        bias = np.array([2000 * i - 1000, 2000 * f - 1000, 1000 * g, 2000 * o - 1000], float)
        cell = cell_with(student, make_rng, "LSTMCell", {**weights, "b": bias})
        out, (_, c_new) = cell.forward(np.ones((1, 1)), (np.zeros((1, 1)), c))
        what = f"LSTMCell with i={i}, f={f}, g={g}, o={o} and c=3"
        outputs({"c": (c_new, [[want_c]]), "h": (out, [[want_h]])}, call=what)


# Recurrent

LINEAR = {"Wx": np.array([[1.0, 2.0]]), "Wh": np.array([[0.5, 1.0], [0.0, -1.0]])}
LINEAR["b"] = np.array([0.0, 1.0])
STEPS_X = np.array([[[1.0], [0.0], [2.0]]])
STEPS_DOUT = np.array([[[1.0, 0.0], [0.0, 1.0], [2.0, -1.0]]])


def recurrent(student, support, make_rng, params, cell="LinearCell"):
    """A Recurrent of the student's around a cell of support.py with the given parameters."""
    made = getattr(support, cell)(len(params["Wx"]), len(params["Wh"]), make_rng(1))
    return student.Recurrent(support.cell_with(made, params))


@exercise("Recurrent", weight=2)
def test_recurrent_forward_example(student, support, make_rng):
    """Recurrent.forward: each step hands its state to the next; the first starts from zeros."""
    cell = support.cell_with(support.LinearCell(1, 2, make_rng(1)), LINEAR)
    layer = student.Recurrent(cell)

    y = unchanged("Recurrent.forward", layer.forward, STEPS_X)

    want = [[[1.0, 3.0], [0.5, -1.0], [2.25, 6.5]]]
    equal("Recurrent.forward", y, want, x=STEPS_X)
    equal("Recurrent.state, the last state", layer.state, [[2.25, 6.5]])
    cell.ref.params["b"][...] = np.zeros(2)
    y = layer.forward(STEPS_X)
    equal("forward after b of the cell was set to 0", y, [[[1.0, 2.0], [0.5, -1.0], [2.25, 5.5]]])


@exercise("Recurrent", weight=2)
def test_recurrent_backward_example(student, support, make_rng):
    """Recurrent.backward: from the last step to the first, the weights' gradients added up."""
    layer = recurrent(student, support, make_rng, LINEAR)

    layer.forward(STEPS_X)
    dx = unchanged("Recurrent.backward", layer.backward, STEPS_DOUT)

    grads = layer.grads
    pairs = {
        "dx": (dx, [[[-1.0], [4.0], [0.0]]]),
        "dWx": (grads["Wx"], [[7.0, -4.0]]),
        "dWh": (grads["Wh"], [[1.0, 1.5], [-2.0, 7.0]]),
        "db": (grads["b"], [5.0, -1.0]),
        "dstate": (layer.dstate, [[-0.5, 2.0]]),
    }
    outputs(pairs, call="Recurrent.backward", x=STEPS_X, dout=STEPS_DOUT)


@exercise("Recurrent", weight=2)
@pytest.mark.parametrize("cell", ["SineCell", "PairCell"])
def test_recurrent_gradients_agree_with_its_forward(student, support, make_rng, rng, cell):
    """Through time: a gradient on every output, on the last state, and a first state not zero."""
    params = params_of(rng, 1, 3, 2)
    layer = recurrent(student, support, make_rng, params, cell)
    x, dout = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 2))
    arrays = [rng.normal(size=(2, 2)) for _ in range(4)]
    form = "LSTMCell" if cell == "PairCell" else "RNNCell"
    state, dstate = state_of(form, *arrays[:2]), state_of(form, *arrays[2:])

    def loss(x, state):
        return total((layer.forward(x, state=state), layer.state), dout, dstate)

    slopes = {"dx": numeric_gradient(lambda xs: [loss(v, state) for v in xs], x)}
    for place, part in enumerate("hc"[: len(parts(state))]):
        slopes[f"d{part}"] = numeric_gradient(
            lambda values, place=place: [
                loss(
                    x, state_of(form, *[v if k == place else p for k, p in enumerate(parts(state))])
                )
                for v in values
            ],
            parts(state)[place],
        )
    for key, start in params.items():
        slopes[f"d{key}"] = numeric_gradient(
            lambda values, key=key: [_set(layer, key, v) or loss(x, state) for v in values], start
        )
        _set(layer, key, start)
    for key, slope in slopes.items():
        true("Recurrent", np.abs(slope).max() > 0, f"the outputs do not depend on {key[1:]}")
    layer.forward(x, state=state)
    dx = layer.backward(dout, dstate=dstate)

    grads = layer.grads
    gradient("Recurrent.backward: dx", dx, slopes["dx"], x=x, dout=dout)
    for part, got in zip("hc", parts(layer.dstate), strict=False):
        gradient(f"Recurrent.dstate: gradient of the first {part}", got, slopes[f"d{part}"])
    for key in PARAMS:
        gradient(f"Recurrent.backward: d{key}", grads[key], slopes[f"d{key}"], x=x, dout=dout)


def _set(layer, key, value):
    layer.ref.params[key][...] = value


@exercise("Recurrent")
def test_recurrent_carries_a_state_only_when_told(student, support, make_rng, rng):
    """Recurrent: zeros at every forward, unless the state of an earlier one is handed in."""
    layer = recurrent(student, support, make_rng, params_of(rng, 1, 2, 3), "SineCell")
    x = rng.normal(size=(3, 7, 2))

    whole = layer.forward(x)
    first = layer.forward(x[:, :4])
    state = layer.state
    second = layer.forward(x[:, 4:], state=state)
    anew = layer.forward(x[:, 4:])

    equal("forward on the first four steps", first, whole[:, :4])
    equal("forward on the rest, from the state after four steps", second, whole[:, 4:])
    differs = anew.shape == second.shape and np.abs(anew - second).max() > 1e-3
    true("Recurrent.forward", differs, "went on from an earlier state that was not handed in")
    equal("the state that was handed in", state, whole[:, 3])


@exercise("Recurrent")
def test_recurrent_overwrites_its_gradients(student, support, make_rng, rng):
    """Recurrent: gradients start at zero, each backward starts anew; lengths may differ."""
    params = params_of(rng, 1, 2, 3)
    layer, other = (recurrent(student, support, make_rng, params, "SineCell") for _ in range(2))
    zeros = {key: np.zeros_like(value) for key, value in params.items()}
    x1, x2, dout = (rng.normal(size=shape) for shape in ((3, 2, 2), (2, 4, 2), (2, 4, 3)))

    before = layer.grads
    dx = support.two_inputs(layer, x1, x2, dout)
    other.forward(x2)
    want_dx = other.backward(dout)

    grads, want = layer.grads, other.grads
    true("grads", np.abs(want["Wh"]).max() > 0, "the gradient of Wh is 0")
    outputs({key: (before[key], zeros[key]) for key in PARAMS}, call="grads of a new Recurrent")
    pairs = {"dx": (dx, want_dx)} | {f"d{key}": (grads[key], want[key]) for key in PARAMS}
    outputs(pairs, call="Recurrent.backward, called twice after two forwards")


@exercise("Recurrent")
def test_recurrent_in_float32(student, support, make_rng, rng):
    """Recurrent in float32: outputs, state and gradients are float32."""
    made = {"float64": student.Recurrent(support.SineCell(2, 3, make_rng(1)))}
    narrow = support.SineCell(2, 3, make_rng(1), support.float32)
    made["float32"] = student.Recurrent(narrow)

    def answers_of(layer, x, dout):
        y = layer.forward(x)
        dx, grads = layer.backward(dout), layer.grads
        named = {"outputs": y, "state": layer.state, "dx": dx, "dstate": layer.dstate}
        return named | {f"d{key}": grads[key] for key in PARAMS}

    x, dout = rng.normal(size=(2, 4, 2)), rng.normal(size=(2, 4, 3))
    compare_narrow("Recurrent", answers_of, made, params_of(rng, 1, 2, 3), x, dout)


# CharModel


def char_model(student, support, make_rng, rng, layers=2, vocab=5, hidden=3):
    """A CharModel with SineCells and random parameters, and these parameters."""
    model = student.CharModel(vocab, hidden, make_rng(1), cell=support.SineCell, layers=layers)
    params = {key: 0.7 * rng.normal(size=value.shape) for key, value in model.params.items()}
    for key, value in params.items():
        model.ref.params[key][...] = value
    return model, params


def text_scores(params, ids, layers):
    """What a CharModel with SineCells has to give."""
    n_ids = len(params["0.Wx"])
    x = (ids[..., None] == np.arange(n_ids)).astype(float)
    for layer in range(layers):
        Wx, Wh, b = (params[f"{layer}.{key}"] for key in PARAMS)
        h, outs = np.zeros((len(ids), len(Wh))), []
        for t in range(ids.shape[1]):
            h = np.sin(x[:, t] @ Wx + h @ Wh + b)
            outs.append(h)
        x = np.stack(outs, axis=1)
    return x @ params[f"{layers}.W"] + params[f"{layers}.b"]


@exercise("CharModel", weight=2)
def test_char_model_keys_and_scores(student, support, make_rng, rng):
    """CharModel of two layers: flat keys, shapes, and the scores of a small text."""
    model, params = char_model(student, support, make_rng, rng)
    ids = np.array([[4, 0, 2, 2], [1, 3, 3, 0], [2, 1, 0, 4]])

    scores = unchanged("CharModel.forward", model.forward, ids)

    shapes = {"0.Wx": (5, 3), "1.Wx": (3, 3), "2.W": (3, 5), "2.b": (5,)}
    shapes |= {f"{layer}.{key}": s for layer in (0, 1) for key, s in (("Wh", (3, 3)), ("b", (3,)))}
    found = {key: value.shape for key, value in params.items()}
    true("CharModel.params", found == shapes, f"keys and shapes {found}, expected {shapes}")
    want = text_scores(params, ids, 2)
    equal("CharModel.forward", scores, want, ids=ids)
    equal("CharModel.predict", model.predict(ids), want, ids=ids)


@exercise("CharModel", weight=2)
def test_char_model_gradients_agree_with_its_forward(student, support, make_rng, rng):
    """backward: the gradient of every parameter is the slope of the model's own forward."""
    model, params = char_model(student, support, make_rng, rng, vocab=4, hidden=2)
    keys = ["0.Wh", "0.Wx", "0.b", "1.Wh", "1.Wx", "1.b", "2.W", "2.b"]
    true("CharModel.params", sorted(params) == keys, f"keys {sorted(params)}, expected {keys}")
    ids, dlogits = np.array([[3, 0, 2], [1, 1, 0]]), rng.normal(size=(2, 3, 4))

    slopes = {}
    for key, start in params.items():

        def scores_with(values, key=key):
            return [_set(model, key, value) or model.forward(ids) for value in values]

        slopes[key] = numeric_gradient(scores_with, start, dlogits)
        _set(model, key, start)
    model.forward(ids, training=True)
    unchanged("CharModel.backward", model.backward, dlogits)

    grads = model.grads
    true("CharModel.grads", sorted(grads) == sorted(params), f"keys {sorted(grads)}")
    for key, slope in slopes.items():
        true("CharModel", np.abs(slope).max() > 0, f"the scores do not depend on {key}")
        gradient(f"CharModel.backward: grads[{key!r}]", grads[key], slope)


@exercise("CharModel")
def test_char_model_state(student, support, make_rng, rng):
    """CharModel.state: one entry per layer; handed in again, the text goes on."""
    model, params = char_model(student, support, make_rng, rng)
    ids = np.array([[4, 0, 2, 2, 1], [1, 3, 3, 0, 4]])
    want = text_scores(params, ids, 2)

    model.forward(ids[:, :3])
    state = model.state
    rest = model.forward(ids[:, 3:], state=state)
    anew = model.predict(ids)

    true("CharModel.state", len(state) == 2, f"{len(state)} entries for two layers")
    equal("forward on the rest, from the state after three", rest, want[:, 3:], ids=ids)
    equal("predict afterwards, from zeros", anew, want, ids=ids)


@exercise("CharModel")
def test_char_model_in_float32(student, support, make_rng, rng):
    """CharModel in float32: parameters, scores, state and gradients are float32."""
    wide, params = char_model(student, support, make_rng, rng)
    narrow = student.CharModel(
        5, 3, make_rng(1), cell=support.SineCell, layers=2, dtype=support.float32
    )
    ids = np.array([[4, 0, 2, 2], [1, 3, 3, 0]])

    def answers_of(model, dlogits):
        scores = model.forward(ids)
        state = model.state
        model.backward(dlogits)
        return {"scores": scores, "state[0]": state[0], "state[1]": state[1], **model.grads}

    made = {"float64": wide, "float32": narrow}
    compare_narrow("CharModel", answers_of, made, params, rng.normal(size=(2, 4, 5)))


# sample

SURE = 50.0 * np.array([[1, 0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 1, 0]])


@exercise("sample", weight=2)
def test_sample_without_chance(student, support, make_rng):
    """sample at temperature 0: reads the whole start, then goes on from its state, id by id."""
    for start, want in (
        ([0], [2, 2, 0, 1, 0, 2]),
        ([2], [1, 0, 2, 2, 0, 1]),
        ([1, 2], [0, 2, 2, 0, 1, 0]),
        ([2, 3, 1, 2], [0, 1, 0, 2, 2, 0]),
    ):
        ids = student.sample(support.SumModel(SURE), np.array(start), 6, 0, make_rng(0))

        true("sample", type(ids) is np.ndarray and ids.dtype.kind == "i", "must give integer ids")
        equal(f"what is written after {start}", ids, np.array(want), dtype=ids.dtype)


@exercise("sample", weight=2)
def test_sample_frequencies(student, support, make_rng):
    """sample: how often each id is drawn, at temperatures 1/2, 1 and 2, from scores around 400."""
    table = np.log([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])

    for temperature in (0.5, 1.0, 2.0):
        drawn = support.sample_many(
            student.sample, 400 + table, np.array([1, 2]), 3000, temperature, make_rng(3)
        )
        found = np.bincount(np.asarray(drawn, dtype=int), minlength=3) / 3000
        weights = np.exp(table[1] / temperature)
        what = f"frequencies at temperature {temperature}"
        equal(what, found, weights / weights.sum(), rtol=0, atol=0.04)


@exercise("sample")
def test_sample_repeats_itself(student, support, make_rng):
    """sample: as many ids as asked for; the same seed gives the same text, another one another."""
    table = np.zeros((3, 6))
    start = np.array([2])

    texts = [
        unchanged("sample", student.sample, support.SumModel(table), start, 40, 1.0, make_rng(seed))
        for seed in (5, 5, 6)
    ]

    equal("shape of the text", np.array(texts[0].shape), np.array([40]))
    equal("a second text with the same seed", texts[1], texts[0])
    true("sample", not np.array_equal(texts[2], texts[0]), "does not depend on rng")
    true("sample", len(set(texts[0].tolist())) > 3, "six equally likely ids must all be drawn")


# perplexity


@exercise("perplexity", weight=2)
def test_perplexity_example(student):
    """perplexity: equal scores among k ids give k; a mean of logarithms, not of perplexities."""
    y = np.array([[0, 2, 1], [1, 1, 0]])
    number("perplexity of equal scores", student.perplexity(np.full((2, 3, 7), 0.4), y), 7.0)

    probs = np.array([[[0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]]])
    found = student.perplexity(np.log(probs) + 3.0, np.array([[0, 2, 1]]))

    number("perplexity", found, (0.5 * 0.8 * 0.4) ** (-1 / 3), probabilities=probs)


@exercise("perplexity")
def test_perplexity_refuses_wrong_shapes(student):
    """perplexity: ValueError when ids and scores do not go together."""
    number("perplexity", student.perplexity(np.zeros((2, 3, 4)), np.ones((2, 3), int)), 4.0)
    raises(
        "perplexity, scores (2, 3, 4), y (3, 2)",
        student.perplexity,
        np.zeros((2, 3, 4)),
        np.ones((3, 2), int),
    )
    raises(
        "perplexity, scores (2, 3, 4), y (2, 1)",
        student.perplexity,
        np.zeros((2, 3, 4)),
        np.ones((2, 1), int),
    )


# All parts together

# A language of words. A word begins with one of the letters 0, 1, 2, 3, all equally likely; then
# come 3, 4, 5 or 6 letters 4 or 5, equally likely, and the last one is 6, 7, 8 or 9: number and
# last letter depend on the first. So k + 2 letters are worth 2 + k + 0 bits: one bit per letter, a
# perplexity of exactly 2. Who knows the place in the word but not the first letter pays 2 bits
# for the last (2.48); who knows the letter before only, 3.57.
LETTERS = 10
TEXT = {"hidden": 32, "steps": 20, "lr": 0.03, "updates": 250, "batch_size": 32}


def language(rng, count):
    """That many letters of the language, beginning with a word."""
    words = []
    length = 0
    while length < count:
        first = int(rng.integers(4))
        words.append(np.array([first, *(4 + rng.integers(2, size=3 + first)), 6 + first]))
        length += len(words[-1])
    return np.concatenate(words)[:count]


def text_weights(rng, gates):
    """Weights of a CharModel for the language to begin with, in float32."""
    hidden = TEXT["hidden"]
    bias = np.zeros(gates * hidden)
    if gates == 4:
        bias[hidden : 2 * hidden] = 1
    width = gates * hidden
    weights = {
        "0.Wx": np.sqrt(2 / (LETTERS + hidden)) * rng.normal(size=(LETTERS, width)),
        "0.Wh": np.sqrt(1 / hidden) * rng.normal(size=(hidden, width)),
        "0.b": bias,
        "1.W": np.sqrt(2 / hidden) * rng.normal(size=(hidden, LETTERS)),
        "1.b": np.zeros(LETTERS),
    }
    return {key: value.astype(np.float32) for key, value in weights.items()}


def learn_language(student, support, rng, make_rng, cell):
    """Train a CharModel on the language; return (model, trained parameters, new text (30, 101))."""
    text = language(rng, 800 * TEXT["steps"] + 1)
    x, y = text[:-1].reshape(800, -1), text[1:].reshape(800, -1)
    model = student.CharModel(
        LETTERS, TEXT["hidden"], make_rng(1), cell=getattr(student, cell), dtype=support.float32
    )
    params = support.learn_text(
        model,
        text_weights(rng, GATES[cell]),
        x,
        y,
        TEXT["lr"],
        TEXT["updates"],
        TEXT["batch_size"],
        make_rng(2),
    )
    return model, params, np.stack([language(rng, 101) for _ in range(30)])


def text_perplexity(scores, ids):
    """e to the mean cross entropy of scores (N, T, V) for ids (N, T)."""
    scores = np.asarray(scores, dtype=float)
    log_norm = np.log(np.exp(scores - scores.max(axis=-1, keepdims=True)).sum(axis=-1))
    log_norm += scores.max(axis=-1)
    picked = np.take_along_axis(scores, ids[..., None], axis=-1)[..., 0]
    return float(np.exp(np.mean(log_norm - picked)))


@exercise("language")
@pytest.mark.budget(30)
def test_language_rnn(student, support, rng, make_rng):
    """A plain RNN learns a language whose perplexity cannot be below 2.

    language, RNN: perplexity at most 2.03 (100 seeds: worst 2.015, mean 2.007, std 0.0034).
    """
    model, _, text = learn_language(student, support, rng, make_rng, "RNNCell")

    scores = model.predict(text[:, :-1])

    true("CharModel.predict", scores.shape == (30, 100, LETTERS), f"shape {scores.shape}")
    at_most("perplexity of new text", text_perplexity(scores, text[:, 1:]), LANGUAGE_PERPLEXITY)
