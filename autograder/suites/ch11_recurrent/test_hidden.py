"""Hidden checks of ch11_recurrent: the reference on random inputs, numbers from PyTorch, trainings.

Recurrent and CharModel are checked with the simple cells of support.py, sample with its model.
"""

import numpy as np
import pytest

from autograder.suite import (
    accuracy,
    at_least,
    at_most,
    equal,
    exercise,
    fresh,
    number,
    outputs,
    raises,
    true,
    unchanged,
)

GATES = {"RNNCell": 1, "GRUCell": 3, "LSTMCell": 4}
PARAMS = ("Wx", "Wh", "b")
LANGUAGE_PERPLEXITY = 2.03
RECALL_LSTM, RECALL_LEAD = 0.97, 0.6


def _cells(test):
    """One check per cell, each counting for its own exercise."""
    marked = [pytest.param(name, marks=exercise(name), id=name) for name in GATES]
    return pytest.mark.parametrize("name", marked)(test)


def sizes(rng, count):
    """That many different sizes between 2 and 7."""
    return [int(n) for n in rng.permutation(np.arange(2, 8))[:count]]


def params_of(rng, gates, n_in, n_hidden, dtype="float64"):
    """Random parameters of a cell, the bias too."""
    width = gates * n_hidden
    shapes = {"Wx": (n_in, width), "Wh": (n_hidden, width), "b": (width,)}
    return {key: rng.normal(size=shape).astype(dtype) for key, shape in shapes.items()}


def state_of(name, *arrays):
    """Arrays in the form of a cell's state: (h, c) for the LSTM, h for the others."""
    return tuple(arrays[:2]) if name == "LSTMCell" else arrays[0]


def parts(state):
    """The arrays of a state."""
    return list(state) if isinstance(state, tuple) else [state]


def cell_pair(student, reference, support, make_rng, name, params):
    """The student's and the reference's cell with the same parameters."""
    n_in, n_hidden = len(params["Wx"]), len(params["Wh"])
    narrow = params["b"].dtype == np.float32
    kind = {"dtype": support.float32} if narrow else {}
    cell = getattr(student, name)(n_in, n_hidden, make_rng(1), **kind)
    dtype = np.float32 if narrow else np.float64
    own = getattr(reference, name)(n_in, n_hidden, np.random.default_rng(1), dtype=dtype)
    for key, value in params.items():
        cell.ref.params[key] = value
        own.params[key] = np.array(value)
    return cell, own


def _tolerance(x):
    """Rounding adds up along the steps: in float32 it is the dtype that counts."""
    return {"rtol": 1e-3, "atol": 1e-4} if x.dtype == np.float32 else {}


def compare_cells(name, cell, own, x, state, dout, dstate, call):
    """Compare everything that one forward and one backward give."""
    out, new = cell.forward(x, state)
    want_out, want_new = own.forward(x, state)
    dx, dprev = cell.backward(dout, dstate)
    want_dx, want_dprev = own.backward(dout, dstate)
    grads = cell.grads
    for what, got, want in (("state", new, want_new), ("dstate_prev", dprev, want_dprev)):
        true(call, len(parts(got)) == len(parts(want)), f"{what} has the wrong form")
    pairs = {"out": (out, want_out), "dx": (dx, want_dx)}
    for place, part in enumerate("hc"[: len(parts(want_new))]):
        pairs[f"new {part}"] = (parts(new)[place], parts(want_new)[place])
        pairs[f"gradient of {part}"] = (parts(dprev)[place], parts(want_dprev)[place])
    pairs |= {f"d{key}": (grads[key], own.grads[key]) for key in PARAMS}
    outputs(pairs, call=call, x=x, dout=dout, **_tolerance(x))


# build_vocabulary, one_hot_sequence, batches


@exercise("build_vocabulary", weight=2)
def test_vocabulary_random(student, rng):
    """build_vocabulary of random characters, Unicode too: there and back."""
    for alphabet in ("zyxcba", "\t .!~", "äßé語Ω"):
        text = "".join(alphabet[i] for i in rng.integers(len(alphabet), size=60))
        char_to_id, chars = student.build_vocabulary(text)
        want = sorted(set(text))
        true("chars", list(chars) == want, f"got {list(chars)}, expected {want}")
        pairs = {char: place for place, char in enumerate(want)}
        true("char_to_id", dict(char_to_id) == pairs, f"got {dict(char_to_id)}, expected {pairs}")


@exercise("one_hot_sequence", weight=2)
def test_one_hot_random(student, support, rng):
    """one_hot_sequence of random ids, in several dtypes and memory orders."""
    n, steps, classes = sizes(rng, 3)
    ids = rng.integers(classes, size=(n, steps))
    want = (ids[..., None] == np.arange(classes)).astype(float)

    equal("one_hot_sequence", student.one_hot_sequence(ids, classes), want, ids=ids)
    for dtype in ("uint8", "int32"):
        got = student.one_hot_sequence(ids.astype(dtype), classes)
        equal(f"one_hot_sequence of {dtype} ids", got, want)
    for made in (support.fortran, support.strided):
        got = student.one_hot_sequence(made.keep(ids), classes)
        equal("one_hot_sequence of ids in another memory order", got, want)


@exercise("batches", weight=3)
def test_batches_random(student, support, rng):
    """batches of random length: y one ahead, rows that go on, no place twice, nothing wasted."""
    for rows, steps, rest in ((3, 5, 2), (4, 2, 3), (1, 6, 0), (5, 1, 4), (3, 4, 0)):
        n_pairs = int(rng.integers(2, 6))
        count = rows * steps * n_pairs + 1 + rest
        pairs = support.collect(student.batches, np.arange(1000, 1000 + count), rows, steps)
        least = (count // rows - 1) // steps  # when rows are cut before y is taken
        what = f"batches of {count} ids, {rows} rows, {steps} steps"
        true(what, least <= len(pairs) <= n_pairs, f"{len(pairs)} pairs, expected {n_pairs}")
        for x, y in pairs:
            equal(f"{what}: shape of x", np.array(x.shape), np.array([rows, steps]))
            equal(f"{what}: y is x one place further", y, x + 1)
        x = np.concatenate([x for x, _ in pairs], axis=1)
        equal(f"{what}: each row goes on", x, x[:, :1] + np.arange(x.shape[1]))
        true(what, x[0, 0] == 1000, "the first row must begin at the beginning")
        true(what, (np.diff(x[:, 0]) >= x.shape[1]).all(), "two rows read the same place")


@exercise("batches")
def test_batches_leave_the_ids_alone(student, support, rng):
    """batches: ids are not changed, only looked up; a short text gives no pair."""
    ids = rng.permutation(31)  # no id twice, so that its place can be found again

    pairs = unchanged("batches", support.collect, student.batches, ids, 1, 5)

    equal("all x", np.concatenate([x for x, _ in pairs], axis=1), ids[None, :30])
    equal("all y", np.concatenate([y for _, y in pairs], axis=1), ids[None, 1:])
    true("batches", len(support.collect(student.batches, ids[:10], 2, 5)) == 0, "10 ids: no pair")


# Cells


@_cells
def test_cell_random(student, reference, support, make_rng, rng, name):
    """The cell on random numbers of random shape, with states and gradients of states."""
    for n in (1, sizes(rng, 1)[0]):
        n_in, n_hidden = sizes(rng, 2)
        params = params_of(rng, GATES[name], n_in, n_hidden)
        cell, own = cell_pair(student, reference, support, make_rng, name, params)
        arrays = [rng.normal(size=(n, n_hidden)) for _ in range(4)]
        x, dout = rng.normal(size=(n, n_in)), rng.normal(size=(n, n_hidden))
        state, dstate = state_of(name, *arrays[:2]), state_of(name, *arrays[2:])
        compare_cells(name, cell, own, x, state, dout, dstate, name)
        compare_cells(name, cell, own, x, None, dout, dstate, f"{name} from a state of None")
        compare_cells(name, cell, own, x, state, dout, None, f"{name} without dstate")


@_cells
def test_cell_keeps_float32(student, reference, support, make_rng, rng, name):
    """The cell in float32: parameters, gradients, outputs and states are float32."""
    n, n_in, n_hidden = sizes(rng, 3)
    new = getattr(student, name)(n_in, n_hidden, make_rng(1), dtype=support.float32)
    params, grads = new.params, new.grads
    for key in PARAMS:
        kinds = {params[key].dtype, grads[key].dtype}
        true(name, kinds == {np.dtype(np.float32)}, f"{key} and its gradient must be float32")
    params = params_of(rng, GATES[name], n_in, n_hidden, "float32")
    cell, own = cell_pair(student, reference, support, make_rng, name, params)
    arrays = [rng.normal(size=(n, n_hidden)).astype("float32") for _ in range(4)]
    x = rng.normal(size=(n, n_in)).astype("float32")
    dout = rng.normal(size=(n, n_hidden)).astype("float32")

    state, dstate = state_of(name, *arrays[:2]), state_of(name, *arrays[2:])

    compare_cells(name, cell, own, x, None, dout, None, f"{name} in float32, no state")
    compare_cells(name, cell, own, x, state, dout, dstate, f"{name} in float32")


@_cells
def test_cell_of_huge_numbers(student, reference, support, make_rng, rng, name):
    """The cell at inputs of -1000 and 1000: no overflow; parameters set in place count."""
    params = params_of(rng, GATES[name], 2, 3)
    cell, own = cell_pair(student, reference, support, make_rng, name, params)
    x = np.array([[1000.0, 0.0], [0.0, -1000.0], [-1000.0, 1000.0], [0.5, -0.3]])
    dout = rng.normal(size=(4, 3))
    state = state_of(name, rng.normal(size=(4, 3)), rng.normal(size=(4, 3)))

    compare_cells(name, cell, own, x, state, dout, None, f"{name} of huge numbers")
    for key in PARAMS:
        value = rng.normal(size=params[key].shape)
        cell.ref.params[key][...] = value
        own.params[key][...] = value
        call = f"{name} after {key} was set in place"
        compare_cells(name, cell, own, x / 1000, state, dout, None, call)


@_cells
def test_cell_takes_arrays_as_they_lie(student, reference, support, make_rng, rng, name):
    """The cell: read-only, strided and column-major arguments."""
    n, n_in, n_hidden = sizes(rng, 3)
    params = params_of(rng, GATES[name], n_in, n_hidden)
    cell, own = cell_pair(student, reference, support, make_rng, name, params)
    x, dout = rng.normal(size=(n, n_in)), rng.normal(size=(n, n_hidden))
    arrays = [rng.normal(size=(n, n_hidden)) for _ in range(2)]
    want, _ = own.forward(x, state_of(name, *arrays))
    want_dx, _ = own.backward(dout)

    for made in (support.fortran, support.strided):
        out, _ = cell.forward(made.keep(x), state_of(name, *[made.keep(one) for one in arrays]))
        dx, _ = cell.backward(made.keep(dout))
        pairs = {"out": (out, want), "dx": (dx, want_dx)}
        pairs |= {f"d{key}": (cell.grads[key], own.grads[key]) for key in PARAMS}
        outputs(pairs, call=f"{name} on arrays in another memory order")


def waves(start, *shape):
    """Numbers that are easy to write down again: sin(start + 1.7 k), two digits."""
    return np.round(np.sin(start + 1.7 * np.arange(np.prod(shape))), 2).reshape(shape)


# Three steps from a state that is not zero, a gradient on every output and on the last state:
# the formulas of the docstrings in PyTorch 2.13 (float64), its autograd, rounded to 12 digits. The
# RNN and the LSTM agree with nn.RNN and nn.LSTM; nn.GRU is another formula.
TORCH = {
    "RNNCell": {
        "y": [
            [
                [0.935371557116, 0.248205883096],
                [0.936235335153, 0.627048171132],
                [0.762406761251, 0.740785868223],
            ],
            [
                [-0.69790272267, 0.013799124043],
                [0.45096762284, 0.814531751911],
                [-0.18301734826, -0.219966325993],
            ],
        ],
        "dx": [
            [
                [0.310493456466, -0.272823973273],
                [-0.292110342811, 0.2447256139],
                [0.526282988632, -0.568450866932],
            ],
            [
                [0.213389544775, 0.008800033684],
                [0.046637013731, 0.012124003093],
                [-0.535009059977, 0.758905140377],
            ],
        ],
        "dWx": [[1.845742889641, 0.171186021231], [0.443593488886, 0.552903388253]],
        "dWh": [[0.552159301059, -0.248301490609], [-1.03781060271, 0.384845540749]],
        "db": [-1.241159566089, 1.068444682147],
        "dh0": [[0.140434214568, -0.059970149872], [-0.447158325863, 0.622764041872]],
    },
    "GRUCell": {
        "y": [
            [
                [0.853948274283, -0.316096804873],
                [0.962852999106, -0.470330953078],
                [0.965637853378, -0.253963430654],
            ],
            [
                [-0.454143422301, 0.298842456821],
                [0.459040253167, 0.568085344244],
                [0.253156065148, 0.196006115711],
            ],
        ],
        "dx": [
            [
                [0.311333029194, -0.036968115413],
                [-0.047443276602, 0.092485335131],
                [0.254992802683, 0.103219591338],
            ],
            [
                [-0.300562819792, 0.425803757659],
                [-0.093636676324, -0.099452947277],
                [-0.428715628561, 0.526105463954],
            ],
        ],
        "dWx": [
            [
                0.006309242288,
                -0.115285034594,
                -0.070633181595,
                -0.085663951458,
                0.993912127128,
                0.121694815131,
            ],
            [
                -0.0265308137,
                -0.048500456758,
                -0.082043215638,
                -0.15301190771,
                0.25386961298,
                0.450144171759,
            ],
        ],
        "dWh": [
            [
                -0.075934712183,
                -0.074445093478,
                -0.161315880317,
                -0.121260108937,
                0.078945782856,
                0.75023934211,
            ],
            [
                0.002145171912,
                0.084236899506,
                0.054191457758,
                0.077091474709,
                -0.360791420938,
                -0.306703852062,
            ],
        ],
        "db": [
            -0.032909296624,
            -0.003520288821,
            0.06203284655,
            -0.046546880454,
            -0.675575969301,
            0.737397634787,
        ],
        "dh0": [[0.146998685713, 0.523600631401], [-0.777897410001, 0.246974773773]],
    },
    "LSTMCell": {
        "y": [
            [
                [0.044921458668, 0.076141508346],
                [0.221481285883, 0.058820827006],
                [0.064549571786, -0.041505230492],
            ],
            [
                [-0.43130996884, -0.258589759447],
                [0.066446759751, 0.159269667024],
                [0.169291815448, 0.0211085671],
            ],
        ],
        "dx": [
            [
                [-0.000435355907, -0.115687757849],
                [0.032713441171, 0.02843609863],
                [0.005168627854, -0.000104397668],
            ],
            [
                [-0.357467258383, -0.35834905907],
                [-0.099925744716, -0.30218322069],
                [-0.510076907394, -0.60777520708],
            ],
        ],
        "dWx": [
            [
                0.01998467556,
                0.104742106474,
                0.143874680033,
                -0.047503421601,
                0.91902421377,
                -0.048308922415,
                0.087944619627,
                -0.070588379794,
            ],
            [
                -0.008422533098,
                -0.016406865425,
                0.019355807511,
                0.046951712362,
                0.082117123217,
                0.217226654595,
                0.08338717605,
                -0.000316437116,
            ],
        ],
        "dWh": [
            [
                -0.020692721308,
                -0.008961501925,
                -0.126348766144,
                0.049563317763,
                0.126525714942,
                0.144273441089,
                -0.09415319682,
                0.053979741873,
            ],
            [
                0.07861867325,
                -0.021117222853,
                0.052185542634,
                -0.014870008456,
                -0.245904205049,
                -0.055906798039,
                0.077725055652,
                0.004477469548,
            ],
        ],
        "db": [
            -0.005672158433,
            -0.100843302392,
            0.016945842187,
            0.081728103166,
            -1.081741124196,
            0.471100301089,
            0.077468617747,
            -0.107426793361,
        ],
        "dh0": [[-0.097352867769, -0.130743001745], [-0.395694470465, -0.103988312108]],
        "c": [[0.905986167518, -0.06146072159], [0.396495301811, 0.03147122212]],
        "dc0": [[-0.009149608457, 0.085388964655], [-0.372879569776, 0.069123141386]],
    },
}


@_cells
def test_cell_through_time(student, support, make_rng, name):
    """Three steps of the cell and back, against numbers made with PyTorch."""
    width, want = 2 * GATES[name], TORCH[name]
    cell = getattr(student, name)(2, 2, make_rng(1))
    for key, value in zip(PARAMS, ((0.5, 2, width), (1.3, 2, width), (0.9, width)), strict=True):
        cell.ref.params[key] = waves(*value)
    state = state_of(name, waves(2.0, 2, 2), waves(0.7, 2, 2))
    dstate = state_of(name, waves(0.2, 2, 2), waves(1.9, 2, 2))

    y, last, dx, dfirst, grads = support.through_time(
        cell, waves(0.3, 2, 3, 2), state, waves(1.1, 2, 3, 2), dstate
    )

    pairs = {"outputs": (y, want["y"]), "dx": (dx, want["dx"])}
    pairs |= {f"d{key}": (grads[key], want[f"d{key}"]) for key in PARAMS}
    pairs["gradient of the first h"] = (parts(dfirst)[0], want["dh0"])
    if name == "LSTMCell":
        pairs["last c"] = (parts(last)[1], want["c"])
        pairs["gradient of the first c"] = (parts(dfirst)[1], want["dc0"])
    outputs(pairs, call=f"three steps of {name}")


@_cells
def test_cell_starting_weights(student, support, make_rng, rng, name):
    """Wide and narrow cells: Glorot's size in each gate, drawn from rng alone."""
    support.use_global_random(1)
    state = support.global_random()

    for n_in, n_hidden in ((20, 120), (300, 30)):
        params = getattr(student, name)(n_in, n_hidden, make_rng(int(rng.integers(1000)))).params
        for key, rows in (("Wx", n_in), ("Wh", n_hidden)):
            blocks = np.split(params[key], GATES[name], axis=1)
            for gate, block in enumerate(blocks):
                what = f"standard deviation of gate {gate} in {key} of {name}({n_in}, {n_hidden})"
                equal(what, np.std(block), np.sqrt(2 / (rows + n_hidden)), rtol=0.12)
                far = np.mean(np.abs(block) > 2 * np.std(block))
                at_least("share beyond two standard deviations (normal: 0.046)", far, 0.01)
            alike = any(np.array_equal(blocks[0], other) for other in blocks[1:])
            true(key, not alike, "two gates begin with the same weights")

    equal(f"NumPy's global generator after {name}(...)", support.global_random(), state)


# Recurrent


class SineCell:
    """The SineCell of support.py, in the grader."""

    def __init__(self, n_in, n_hidden, rng, dtype=np.float64):
        shapes = {"Wx": (n_in, n_hidden), "Wh": (n_hidden, n_hidden), "b": (n_hidden,)}
        self.params = {key: np.zeros(shape, dtype) for key, shape in shapes.items()}
        self.grads = {key: np.zeros(shape, dtype) for key, shape in shapes.items()}

    def forward(self, x, state=None):
        Wx, Wh, b = (self.params[key] for key in PARAMS)
        h = np.zeros((len(x), len(Wh)), Wh.dtype) if state is None else state
        self.cache = x, h, x @ Wx + h @ Wh + b
        out = np.sin(self.cache[-1])
        return out, out

    def backward(self, dout, dstate=None):
        x, h, a = self.cache
        da = (dout if dstate is None else dout + dstate) * np.cos(a)
        self.grads = {"Wx": x.T @ da, "Wh": h.T @ da, "b": da.sum(axis=0)}
        return da @ self.params["Wx"].T, da @ self.params["Wh"].T


def recurrent_pair(student, reference, support, make_rng, params):
    """The student's and the reference's Recurrent around a SineCell with these parameters."""
    n_in, n_hidden = len(params["Wx"]), len(params["Wh"])
    own = SineCell(n_in, n_hidden, None, params["b"].dtype)
    own.params = {key: np.array(value) for key, value in params.items()}
    narrow = params["b"].dtype == np.float32
    kind = {"dtype": support.float32} if narrow else {}
    made = support.SineCell(n_in, n_hidden, make_rng(1), **kind)
    cell = support.cell_with(made, params)
    return student.Recurrent(cell), reference.Recurrent(own), cell


def compare_recurrent(layer, own, x, state, dout, dstate, call):
    """Compare everything that one forward and one backward through time give."""
    y, want_y = layer.forward(x, state=state), own.forward(x, state=state)
    last, want_last = layer.state, own.state
    dx, want_dx = layer.backward(dout, dstate=dstate), own.backward(dout, dstate=dstate)
    grads = layer.grads
    pairs = {
        "y": (y, want_y),
        "state": (last, want_last),
        "dx": (dx, want_dx),
        "dstate": (layer.dstate, own.dstate),
    }
    pairs |= {f"d{key}": (grads[key], own.grads[key]) for key in PARAMS}
    outputs(pairs, call=call, x=x, dout=dout, **_tolerance(x))


@exercise("Recurrent", weight=2)
def test_recurrent_random(student, reference, support, make_rng, rng):
    """Recurrent on random sequences of random length, also of a single step."""
    n, n_in, n_hidden = sizes(rng, 3)
    params = params_of(rng, 1, n_in, n_hidden)
    layer, own, _ = recurrent_pair(student, reference, support, make_rng, params)

    for steps in (int(rng.integers(4, 8)), 1, 3):
        x, dout = rng.normal(size=(n, steps, n_in)), rng.normal(size=(n, steps, n_hidden))
        state, dstate = rng.normal(size=(2, n, n_hidden))
        call = f"Recurrent over {steps} steps"
        compare_recurrent(layer, own, x, state, dout, dstate, call)
        compare_recurrent(layer, own, x, None, dout, None, f"{call}, from zeros")


@exercise("Recurrent")
def test_recurrent_keeps_float32(student, reference, support, make_rng, rng):
    """Recurrent in float32, on arrays in any memory order."""
    n, n_in, n_hidden = sizes(rng, 3)
    params = params_of(rng, 1, n_in, n_hidden, "float32")
    layer, own, _ = recurrent_pair(student, reference, support, make_rng, params)
    x = rng.normal(size=(n, 4, n_in)).astype("float32")
    dout = rng.normal(size=(n, 4, n_hidden)).astype("float32")

    compare_recurrent(layer, own, x, None, dout, None, "Recurrent in float32")
    want, want_dx = own.forward(x), own.backward(dout)
    for made in (support.fortran, support.strided):
        y = layer.forward(made.keep(x))
        dx = layer.backward(made.keep(dout))
        pairs = {"y": (y, want), "dx": (dx, want_dx)}
        outputs(pairs, call="Recurrent in another memory order", **_tolerance(x))


@exercise("Recurrent")
def test_recurrent_owns_nothing(student, reference, support, make_rng, rng):
    """Recurrent.params are the cell's own: what is set there counts at the next forward."""
    params = params_of(rng, 1, 3, 4)
    layer, own, cell = recurrent_pair(student, reference, support, make_rng, params)
    x, dout = rng.normal(size=(2, 5, 3)), rng.normal(size=(2, 5, 4))

    for key in PARAMS:
        value = rng.normal(size=params[key].shape)
        layer.ref.params[key][...] = value
        own.params[key][...] = value
        equal(f"the cell's {key} after Recurrent.params was set in place", cell.params[key], value)
        cell.ref.params[key] = -value
        own.cell.params[key] = -value
        equal(f"params[{key!r}] after the cell got a new array", layer.params[key], -value)
        compare_recurrent(layer, own, x, None, dout, None, f"Recurrent after a new {key}")


@exercise("Recurrent")
def test_recurrent_in_a_row(student, reference, support, make_rng, rng):
    """Two Recurrent layers, one behind the other, learn from each other's gradients."""
    first, own_first, _ = recurrent_pair(
        student, reference, support, make_rng, params_of(rng, 1, 2, 3)
    )
    second, own_second, _ = recurrent_pair(
        student, reference, support, make_rng, params_of(rng, 1, 3, 4)
    )
    chain = support.Chain([first, second])
    x, dout = rng.normal(size=(2, 5, 2)), rng.normal(size=(2, 5, 4))

    y, dx = chain.forward(x), chain.backward(dout)
    want = own_second.forward(own_first.forward(x))
    want_dx = own_first.backward(own_second.backward(dout))

    pairs = {"y": (y, want), "dx": (dx, want_dx)}
    for place, layer, own in ((0, first, own_first), (1, second, own_second)):
        grads = layer.grads
        pairs |= {f"d{key} of layer {place}": (grads[key], own.grads[key]) for key in PARAMS}
    outputs(pairs, call="two Recurrent layers", x=x, dout=dout)


@exercise("Recurrent")
def test_recurrent_answers_are_new_arrays(student, reference, support, make_rng, rng):
    """Recurrent: the answers share no memory with the arguments; whole numbers are computed."""
    params = params_of(rng, 1, 3, 3)
    layer, own, _ = recurrent_pair(student, reference, support, make_rng, params)
    x, dout = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3))

    y = fresh("Recurrent.forward", layer.forward, x)
    layer.forward(x)
    dx = fresh("Recurrent.backward", layer.backward, dout)

    outputs({"y": (y, own.forward(x)), "dx": (dx, own.backward(dout))}, call="Recurrent")
    whole = rng.integers(-2, 3, size=(2, 3, 3))
    equal("Recurrent.forward of whole numbers", layer.forward(whole), own.forward(whole))


# CharModel


def char_pair(student, reference, support, make_rng, rng, layers, vocab, hidden, narrow=False):
    """The student's and the reference's CharModel with SineCells and the same parameters."""
    kind = {"dtype": support.float32} if narrow else {}
    dtype = np.float32 if narrow else np.float64
    model = student.CharModel(
        vocab, hidden, make_rng(1), cell=support.SineCell, layers=layers, **kind
    )
    own = reference.CharModel(
        vocab, hidden, np.random.default_rng(1), cell=SineCell, layers=layers, dtype=dtype
    )
    for value in own.params.values():
        value[...] = 0.7 * rng.normal(size=value.shape)
    found = {key: value.shape for key, value in model.params.items()}
    want = {key: value.shape for key, value in own.params.items()}
    true("CharModel.params", found == want, f"keys and shapes {found}, expected {want}")
    for key, value in own.params.items():
        model.ref.params[key][...] = value
    return model, own


@exercise("CharModel", weight=2)
@pytest.mark.parametrize("layers", [1, 3])
def test_char_model_random(student, reference, support, make_rng, rng, layers):
    """CharModel on random ids: scores, states, gradients, also from a given state."""
    n, steps, vocab, hidden = sizes(rng, 4)
    model, own = char_pair(student, reference, support, make_rng, rng, layers, vocab, hidden)

    for state in (None, [rng.normal(size=(n, hidden)) for _ in range(layers)], None):
        ids, dlogits = rng.integers(vocab, size=(n, steps)), rng.normal(size=(n, steps, vocab))
        scores, want = model.forward(ids, state=state), own.forward(ids, state=state)
        states = model.state
        true("CharModel.state", len(states) == layers, f"{len(states)} entries, not {layers}")
        model.backward(dlogits)
        own.backward(dlogits)
        grads = model.grads
        pairs = {"scores": (scores, want)}
        pairs |= {f"state[{k}]": (states[k], own.state[k]) for k in range(layers)}
        pairs |= {f"grads[{key!r}]": (grads[key], value) for key, value in own.grads.items()}
        outputs(pairs, call=f"CharModel of {layers} layers", ids=ids)


@exercise("CharModel")
def test_char_model_keeps_float32(student, reference, support, make_rng, rng):
    """CharModel in float32: parameters, scores, states and gradients."""
    n, steps, vocab, hidden = sizes(rng, 4)
    model, own = char_pair(student, reference, support, make_rng, rng, 2, vocab, hidden, True)
    ids = rng.integers(vocab, size=(n, steps))
    dlogits = rng.normal(size=(n, steps, vocab)).astype("float32")

    scores, want = model.forward(ids, training=True), own.forward(ids)
    model.backward(dlogits)
    own.backward(dlogits)

    grads, params = model.grads, model.params
    pairs = {"scores": (scores, want), "state": (model.state[1], own.state[1])}
    pairs |= {key: (params[key], value) for key, value in own.params.items()}
    pairs |= {f"grads[{key!r}]": (grads[key], value) for key, value in own.grads.items()}
    outputs(pairs, call="CharModel in float32", ids=ids, **_tolerance(dlogits))


@exercise("CharModel")
def test_char_model_predict(student, reference, support, make_rng, rng):
    """CharModel.predict: scores from zeros, whatever was read before; ids may lie as they like."""
    n, steps, vocab, hidden = sizes(rng, 4)
    model, own = char_pair(student, reference, support, make_rng, rng, 2, vocab, hidden)
    ids = rng.integers(vocab, size=(n, steps))
    want = own.predict(ids)

    model.forward(ids[:, ::-1].copy(), training=True)
    for made in (support.fortran, support.strided):
        equal("CharModel.predict", model.predict(made.keep(ids)), want, ids=ids)


@exercise("CharModel")
def test_char_model_is_an_lstm_by_default(student, reference, make_rng):
    """CharModel without further arguments: one LSTM layer and a Dense layer."""
    model = student.CharModel(7, 5, make_rng(2))
    own = reference.CharModel(7, 5, np.random.default_rng(2))

    params, grads = model.params, model.grads
    found = {key: value.shape for key, value in params.items()}
    want = {key: value.shape for key, value in own.params.items()}
    true("CharModel.params", found == want, f"keys and shapes {found}, expected {want}")
    for key, value in own.params.items():
        equal(f"grads[{key!r}] of a new CharModel", grads[key], np.zeros(value.shape))
    equal("the bias of the LSTM", params["0.b"], own.params["0.b"])
    equal("the bias of the Dense layer", params["1.b"], np.zeros(5 + 2))


# sample, perplexity


@exercise("sample", weight=2)
def test_sample_reads_everything_once(student, support, rng, make_rng):
    """sample at temperature 0 on a random model, with starts of several lengths."""
    table = rng.normal(size=(11, 5))

    for count in (1, 4, 9):
        start = rng.integers(5, size=count)
        got = unchanged(
            "sample", student.sample, support.SumModel(table), start, 25, 0, make_rng(1)
        )
        want, total = [], int(start.sum()) + count
        for _ in range(25):
            want.append(int(table[total % 11].argmax()))
            total += want[-1] + 1
        true("sample", got.dtype.kind == "i", "must give integer ids")
        equal(f"what is written after {count} ids", got, np.array(want), dtype=got.dtype)


@exercise("sample")
def test_sample_temperatures(student, support, rng, make_rng):
    """sample: random frequencies, huge scores, a tiny temperature, float32 scores."""
    table = np.log(rng.dirichlet(np.ones(4), size=3))
    for temperature in (0.7, 1.5):
        drawn = support.sample_many(
            student.sample, table, np.array([1]), 3000, temperature, make_rng(8)
        )
        found = np.bincount(np.asarray(drawn, dtype=int), minlength=4) / 3000
        weights = np.exp(table[2] / temperature)
        what = f"frequencies at temperature {temperature}"
        equal(what, found, weights / weights.sum(), rtol=0, atol=0.05)

    huge = np.array([[1000.0, -1000.0, 999.0]])
    start = np.array([0])
    cold = student.sample(support.SumModel(huge), start, 30, 0.01, make_rng(1))
    narrow = support.SumModel(huge.astype("float32"))
    warm = student.sample(narrow, start, 200, 1.0, make_rng(1))

    equal("ids at temperature 0.01", cold, np.zeros(30, cold.dtype))
    share = float(np.mean(warm == 2))
    true("sample", set(warm.tolist()) == {0, 2}, "scores 1000, -1000, 999: ids 0 and 2")
    equal("share of the id whose score is 1 lower", share, 1 / (1 + np.e), rtol=0, atol=0.15)


@exercise("sample")
def test_sample_uses_no_other_chance(student, support, make_rng):
    """sample: NumPy's global generator plays no part."""
    texts = []
    for seed in (1, 2):
        support.use_global_random(seed)
        state = support.global_random()
        texts.append(
            student.sample(support.SumModel(np.zeros((2, 9))), np.array([4]), 30, 1.0, make_rng(3))
        )
        equal("NumPy's global generator after sample", support.global_random(), state)

    equal("a second text with the same seed", texts[1], texts[0])
    true("sample", len(set(texts[0].tolist())) > 4, "nine equally likely ids must all be drawn")
    equal("shape of the text", np.array(texts[0].shape), np.array([30]))


@exercise("perplexity", weight=2)
def test_perplexity_random(student, reference, rng):
    """perplexity of random scores, in float64 and float32, any integer dtype of y."""
    n, steps, vocab = sizes(rng, 3)
    for dtype, rtol in (("float64", 1e-6), ("float32", 1e-4)):
        logits = (3 * rng.normal(size=(n, steps, vocab)) + 40).astype(dtype)
        for kind in ("int64", "uint8"):
            y = rng.integers(vocab, size=(n, steps)).astype(kind)
            want = reference.perplexity(logits, y)
            got = unchanged("perplexity", student.perplexity, logits, y)
            number("perplexity", got, want, rtol=rtol, logits=logits, y=y)


@exercise("perplexity")
def test_perplexity_of_certainty(student):
    """perplexity: being right and certain gives 1, also with scores of 1000."""
    logits = np.array([[[1000.0, -1000.0], [0.0, 900.0]]])

    number("perplexity of certainty", student.perplexity(logits, np.array([[0, 1]])), 1.0)
    mean = np.sqrt((1 + np.exp(-2.0)) * (1 + np.exp(0.9)))
    number("perplexity", student.perplexity(logits / 1000, np.array([[0, 0]])), mean)
    raises("scores (1, 2, 2), y (2,)", student.perplexity, logits, np.array([0, 1]))


# All parts together

# The language of the public suite: a perplexity of 2 is the floor, 2.48 is what is left to those
# who forget the first letter of a word.
LETTERS = 10
TEXT = {"hidden": 32, "steps": 20, "lr": 0.03, "updates": 250, "batch_size": 32}
# To be recalled after the last of 50 steps: the first of 8 letters, which has a mark. The weights
# to begin with have Glorot's size. The LSTM's input gates begin almost closed and its forget gates
# almost open, so that the mark is what it has to learn.
RECALL = {"letters": 8, "steps": 50, "hidden": 24, "lr": 0.05, "updates": 100, "batch_size": 32}
MARK = 4.0
INPUT_BIAS, FORGET_BIAS = -4.0, 6.0


def language(rng, count):
    """That many letters of the language, beginning with a word."""
    words = []
    length = 0
    while length < count:
        first = int(rng.integers(4))
        words.append(np.array([first, *(4 + rng.integers(2, size=3 + first)), 6 + first]))
        length += len(words[-1])
    return np.concatenate(words)[:count]


def weights_of(rng, gates, n_in, hidden, n_out):
    """Weights to begin with, in float32: of a recurrent layer and of a Dense layer behind it."""
    width = gates * hidden
    bias = np.zeros(width)
    if gates == 4:
        bias[hidden : 2 * hidden] = 1
    weights = {
        "0.Wx": np.sqrt(2 / (n_in + hidden)) * rng.normal(size=(n_in, width)),
        "0.Wh": np.sqrt(1 / hidden) * rng.normal(size=(hidden, width)),
        "0.b": bias,
        "1.W": np.sqrt(2 / hidden) * rng.normal(size=(hidden, n_out)),
        "1.b": np.zeros(n_out),
    }
    return {key: value.astype(np.float32) for key, value in weights.items()}


def learn_language(student, support, rng, make_rng, cell):
    """Train a CharModel on the language; return (weights to begin with, trained, new text)."""
    text = language(rng, 800 * TEXT["steps"] + 1)
    x, y = text[:-1].reshape(800, -1), text[1:].reshape(800, -1)
    weights = weights_of(rng, GATES[cell], LETTERS, TEXT["hidden"], LETTERS)
    model = student.CharModel(
        LETTERS, TEXT["hidden"], make_rng(1), cell=getattr(student, cell), dtype=support.float32
    )
    settings = (TEXT["lr"], TEXT["updates"], TEXT["batch_size"], make_rng(2))
    trained = support.learn_text(model, weights, x, y, *settings)
    return weights, trained, np.stack([language(rng, 101) for _ in range(30)])


def judge_language(reference, cell, params, text):
    """The perplexity of the reference's own forward with the trained parameters."""
    model = reference.CharModel(
        LETTERS, TEXT["hidden"], np.random.default_rng(0), cell=getattr(reference, cell)
    )
    for key, value in params.items():
        model.params[key][...] = value
    return reference.perplexity(model.predict(text[:, :-1]), text[:, 1:])


def recall_task(rng, count):
    """Sequences of random letters, the first marked, and the first letters."""
    letters = rng.integers(RECALL["letters"], size=(count, RECALL["steps"]))
    x = np.zeros((*letters.shape, RECALL["letters"] + 1), np.float32)
    x[..., :-1] = np.eye(RECALL["letters"])[letters]
    x[:, 0, -1] = MARK
    return x, letters[:, 0]


def learn_recall(student, support, rng, make_rng, cell):
    """Train a recurrent layer to recall; return (trained parameters, new x, new y)."""
    n_in, hidden, n_out = RECALL["letters"] + 1, RECALL["hidden"], RECALL["letters"]
    start = weights_of(rng, GATES[cell], n_in, hidden, n_out).values()
    weights = dict(zip((*PARAMS, "W", "c"), start, strict=True))
    if cell == "LSTMCell":
        weights["b"][: 2 * hidden] = np.repeat([INPUT_BIAS, FORGET_BIAS], hidden)
    made = getattr(student, cell)(n_in, hidden, make_rng(1), dtype=support.float32)
    settings = (RECALL["lr"], RECALL["updates"], RECALL["batch_size"], make_rng(2))
    trained = support.learn_recall(
        student.Recurrent(made), weights, *recall_task(rng, 2000), *settings
    )
    return trained, *recall_task(rng, 400)


def judge_recall(reference, cell, params, x):
    """The letters that the reference's own forward recalls with the trained parameters."""
    layer = reference.Recurrent(
        getattr(reference, cell)(x.shape[2], RECALL["hidden"], np.random.default_rng(0))
    )
    for key in PARAMS:
        layer.params[key][...] = params[key]
    return np.argmax(layer.forward(x)[:, -1] @ params["W"] + params["c"], axis=1)


def check_trained(params, shapes):
    """Trained parameters must be finite float32 arrays of the right shapes."""
    true("params", sorted(params) == sorted(shapes), f"keys {sorted(params)} after training")
    for key, shape in shapes.items():
        value = params[key]
        right = type(value) is np.ndarray and value.dtype == np.float32 and value.shape == shape
        true(f"params[{key!r}]", right and np.isfinite(value).all(), f"must stay finite {shape}")


@exercise("language")
@pytest.mark.budget(40)
@pytest.mark.parametrize("cell", ["GRUCell", "LSTMCell"])
def test_language(student, support, reference, rng, make_rng, cell):
    """A model of your parts learns a language whose perplexity cannot be below 2.

    language, GRU: perplexity at most 2.03 (100 seeds: worst 2.017, mean 2.006, std 0.0037).
    language, LSTM: perplexity at most 2.03 (100 seeds: worst 2.018, mean 2.007, std 0.0033).
    """
    weights, trained, text = learn_language(student, support, rng, make_rng, cell)

    check_trained(trained, {key: value.shape for key, value in weights.items()})
    found = judge_language(reference, cell, trained, text)
    at_most(f"perplexity of new text ({cell})", found, LANGUAGE_PERPLEXITY)


@exercise("language", weight=2)
@pytest.mark.budget(40)
def test_recall(student, support, reference, rng, make_rng):
    """A letter to be recalled after fifty others: an LSTM learns it, a plain RNN does not.

    recall, LSTM at least 0.97 (100 seeds: worst 0.990, mean 1.000, std 0.0016).
    recall, lead of the LSTM at least 0.6 (100 seeds: worst 0.695, mean 0.861, std 0.0355).
    """
    found = {}
    for cell in ("LSTMCell", "RNNCell"):
        trained, x, y = learn_recall(student, support, rng, make_rng, cell)
        n_in, hidden, n_out = x.shape[2], RECALL["hidden"], RECALL["letters"]
        width = GATES[cell] * hidden
        shapes = {"Wx": (n_in, width), "Wh": (hidden, width), "b": (width,)}
        check_trained(trained, shapes | {"W": (hidden, n_out), "c": (n_out,)})
        found[cell] = judge_recall(reference, cell, trained, x), y

    accuracy("letters that the LSTM recalls", *found["LSTMCell"], RECALL_LSTM)
    lstm, rnn = (np.mean(letters == y) for letters, y in found.values())
    at_least("share recalled by the LSTM, less that of the plain RNN", lstm - rnn, RECALL_LEAD)
