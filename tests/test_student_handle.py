"""One meaning in two forms: every test here runs in process and against a sandboxed worker."""

from __future__ import annotations

import copy
import marshal
import sys

import numpy as np
import pytest

from autograder.sandbox import (
    Handle,
    LoadError,
    LocalSession,
    Program,
    Sandbox,
    StudentError,
    StudentProtocol,
    attribute,
    inout,
    put,
    same,
)

SOURCE = '''
import math
import random
import numpy as np
from dataclasses import dataclass

LAST = []

def echo(x): return x
def relu(x): return np.maximum(x, 0)
def describe(x):
    flags = x.flags
    return [type(x).__name__, str(x.dtype), flags.c_contiguous, flags.f_contiguous, flags.writeable]
def is_same(a, b): return a is b
def first_of(mapping): return list(mapping)[0]
def clip(x):
    x[x < 0] = 0
    return x
def sgd(params, grads, lr):
    for key in params: params[key] -= lr * grads[key]
def sgd_new(params, grads, lr):
    for key in params: params[key] = params[key] - lr * grads[key]
def grow(items):
    items.append(np.ones(2)); items[0] = "new"
def tie(items): items.append(items)
def quiet(f, x):
    with np.errstate(divide="ignore"):
        return f(x) + np.array([1.0]) / np.array([0.0])
def resize(x): x.shape = (-1,)
def remember(x):
    LAST.append(x)
    return LAST[0]
def gradient(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])
def show(f):
    value = Value(1)
    f(value)
    return value
def careful(f):
    try:
        f(1)
    except ValueError as error:
        return f"caught {error}"
def call(f, *args, **kwargs): return f(*args, **kwargs)
def inner(x): return 1 / x
def outer(x):
    print("dividing")
    return inner(x)
def todo(): raise NotImplementedError("relu")
def numbers():
    for n in range(3): yield np.full(2, n)
def leave(): raise SystemExit(3)
def say(text): print(text)
def divide(a, b): return np.array(a) / np.array(b)
def noise(): return np.random.rand(), random.random()
def deep(n): return deep(n - 1)
def ask(): return input("name?")

class Odd(Exception):
    """Not a built-in one."""
def odd(): raise Odd("strange")

class MyFloat(float): pass
class MyArray(np.ndarray): pass

def lies(kind):
    a = np.array([1.0, 2.0])
    nest = []
    for _ in range(200): nest = [nest]
    cycle = []
    cycle.append(cycle)
    return {
        "masked": np.ma.masked_all(2), "subclass": a.view(MyArray), "matrix": np.matrix([[1.0]]),
        "objects": np.array([a, "x"], dtype=object), "record": np.zeros(2, dtype=[("a", float)]),
        "text": np.array(["a"]), "big": np.array([1.0], dtype=">f8"), "float": MyFloat(1.0),
        "dict": type("D", (dict,), {})(), "deep": nest, "cycle": cycle, "int": 1 << 20_000,
    }[kind]

@dataclass
class Point:
    x: float = 0.0

class Value:
    def __init__(self, data): self.data = data
    def __add__(self, other): return Value(self.data + getattr(other, "data", other))
    __radd__ = __add__
    def __eq__(self, other): return True
    def __bool__(self): raise RuntimeError("asked")

class Dense:
    def __init__(self, n, m, rng):
        self.params = {"W": rng.normal(size=(n, m)), "b": np.zeros(m)}
        self.name, self.map = "dense", 7
        self.me = self
    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

class Sequential:
    def __init__(self, layers): self.layers = layers
    def forward(self, x):
        for layer in self.layers: x = layer.forward(x)
        return x
'''
PROGRAM = Program("student", {"student.py": SOURCE})


@pytest.fixture(scope="module")
def box():
    with Sandbox() as box:
        yield box


@pytest.fixture(params=["local", "sandbox"])
def session(request):
    if request.param == "local":
        with LocalSession() as session:
            yield session
    else:
        with request.getfixturevalue("box").session() as session:
            yield session


@pytest.fixture
def student(session):
    return session.start(PROGRAM)


def load(session, source, **other):
    return session.start(Program("student", {"student.py": source, **other}))


VALUES = [
    None,
    True,
    0,
    -(1 << 70),
    1.5,
    -0.0,
    float("inf"),
    "text \N{GREEK SMALL LETTER ALPHA} \ud800 \x00",
    b"\x00\xff",
    bytearray(b"ab"),
    2 - 3j,
    (1, (2.0, "x")),
    [1, [2, None]],
    {"a": 1, 2: [3], (1, 2): ()},
    {1, 2},
    frozenset({"a"}),
    slice(1, None, 2),
    ...,
    np.float64(0.1),
    np.float32(0.1),
    np.int8(-3),
    np.bool_(True),
    np.complex64(1 + 2j),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_plain_value_comes_back_as_it_went(student, value):
    got = student.echo(value)

    assert got == value
    assert isinstance(got, type(value))
    assert str(got) == str(value)


ARRAYS = [
    np.arange(6, dtype=code).reshape(2, 3)
    for code in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16")
]
ARRAYS += [np.array([True, False]), np.float64([np.nan, np.inf]), np.zeros((0, 3)), np.array(2.5)]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda a: f"{a.dtype}{a.shape}")
def test_an_array_comes_back_as_it_went(student, array):
    got = student.echo(array)

    assert type(got) is np.ndarray
    assert (got.dtype, got.shape) == (array.dtype, array.shape)
    assert got.tobytes() == array.tobytes()


def test_a_result_is_a_snapshot_that_refuses_to_be_changed(student):
    got = student.echo({"a": [np.zeros(2)]})

    with pytest.raises(ValueError, match="read-only"):
        got["a"][0][0] = 1
    with pytest.raises(TypeError, match="snapshot"):
        got["b"] = 1
    with pytest.raises(TypeError, match="snapshot"):
        got["a"].append(1)


def test_a_deep_copy_of_a_snapshot_may_be_changed(student):
    got = copy.deepcopy(student.echo({"a": [np.zeros(2)]}))

    got["a"][0][0] = 1
    got["a"].append(2)

    assert type(got) is dict
    assert got["a"][0].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("array", "c_order", "f_order", "writeable"),
    [
        (np.zeros((2, 3)), True, False, True),
        (np.asfortranarray(np.zeros((2, 3))), False, True, True),
        (np.zeros((4, 6))[:, ::2], False, False, True),
        (np.frombuffer(b"\x00" * 16), True, True, False),
    ],
    ids=["C", "Fortran", "strided", "read-only"],
)
def test_memory_order_and_protection_of_arguments_arrive(
    student, array, c_order, f_order, writeable
):
    assert student.describe(array) == ["ndarray", "float64", c_order, f_order, writeable]


def test_strided_and_fortran_values_arrive_in_place(student):
    a = np.arange(24.0).reshape(4, 6)

    for array in (a[::-1], a[:, ::2], a.T, a[1:, 1:]):
        assert np.array_equal(student.relu(array), array)


def test_a_snapshot_goes_back_as_a_writeable_copy(student):
    snapshot = student.echo({"x": np.array([-1.0])})

    assert student.clip(snapshot["x"]).tolist() == [0]
    assert snapshot["x"].tolist() == [-1]


def test_an_argument_is_copied(student):
    x = np.array([-1.0, 2.0])

    assert student.clip(x).tolist() == [0, 2]
    assert x.tolist() == [-1, 2]


def test_inout_updates_the_callers_array(student):
    x = np.array([-1.0, 2.0])

    got = student.clip(inout(x))

    assert x.tolist() == [0, 2]
    assert got is x


@pytest.mark.parametrize(("step", "in_place"), [("sgd", True), ("sgd_new", False)])
def test_inout_updates_a_dict_as_a_local_call_would(student, step, in_place):
    params = {"W": np.ones((2, 2)), "b": np.zeros(2)}
    weights = params["W"]

    getattr(student, step)(inout(params), {"W": np.ones((2, 2)), "b": np.ones(2)}, lr=0.5)

    assert params["W"].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert params["b"].tolist() == [-0.5, -0.5]
    assert (params["W"] is weights) == in_place
    params["W"][0, 0] = 3  # an object of the caller's, not a snapshot


def test_inout_updates_a_list(student):
    items = [np.zeros(1), 2]

    student.grow(inout(items))

    assert items[:2] == ["new", 2]
    assert items[2].tolist() == [1, 1]


def test_inout_leaves_alone_what_did_not_change(student):
    x = np.array([1.0])
    x.flags.writeable = False

    assert student.relu(inout(x)).tolist() == [1]


def test_inout_cannot_change_the_shape(student):
    x = np.zeros((2, 2))

    with pytest.raises(StudentError, match="changed in place from"):
        student.resize(inout(x))

    assert x.shape == (2, 2)


def test_inout_of_a_snapshot_is_refused(student):
    snapshot = student.echo({"W": np.zeros(1)})

    for value in (snapshot, snapshot["W"], {"W": snapshot["W"]}):
        with pytest.raises(TypeError, match="deepcopy"):
            student.echo(inout(value))
    student.sgd(inout(copy.deepcopy(snapshot)), {"W": np.zeros(1)}, 1.0)


def test_an_argument_that_comes_to_contain_itself_is_a_protocol_failure(student):
    with pytest.raises(StudentProtocol, match="contains itself"):
        student.tie(inout([]))


def test_one_object_given_twice_arrives_as_one(student):
    x = np.zeros(2)

    assert student.is_same(x, x) is True
    assert student.is_same(x, x.copy()) is False


def test_map_makes_many_calls(student):
    assert [y.tolist() for y in student.relu.map([np.array([-1.0]), np.array([2.0])])] == [[0], [2]]
    assert student.is_same.map([(1, 1), (1, 2)]) == [True, False]


def test_keep_leaves_the_result_there(student, session):
    kept = student.echo.keep(np.array([-1.0, 2.0]))

    assert isinstance(kept, Handle)
    student.clip(kept)
    assert kept.value().tolist() == [0, 2]
    assert len(kept) == 2


def test_put_is_shared_by_several_calls(student):
    params = put(student, {"W": np.ones(2)})

    for _ in range(2):
        student.sgd(params, {"W": np.ones(2)}, 0.25)

    assert params["W"].tolist() == [0.5, 0.5]
    assert params.value()["W"].tolist() == [0.5, 0.5]


def test_kept_snapshots_can_be_updated(student, session):
    layer = student.Dense(2, 2, session.rng(0))
    params = put(student, layer.params)

    student.sgd(params, {"W": np.zeros((2, 2)), "b": np.ones(2)}, 1.0)

    assert params["b"].tolist() == [-1, -1]


def test_the_generator_is_numpys(student, session):
    layer = student.Dense(3, 2, session.rng(7))

    assert np.array_equal(layer.params["W"], np.random.default_rng(7).normal(size=(3, 2)))


def test_attributes_are_snapshots_of_now(student, session):
    layer = student.Dense(2, 2, session.rng(0))
    layer.forward(np.ones((1, 2)))

    assert layer.x.tolist() == [[1, 1]]
    assert layer.name == "dense"
    with pytest.raises(TypeError, match="snapshot"):
        layer.params["W"] = 0


def test_an_attribute_hidden_by_the_handles_own_methods_can_be_read(student, session):
    assert attribute(student.Dense(2, 2, session.rng(0)), "map") == 7


def test_ref_writes_through(student, session):
    layer = student.Dense(2, 2, session.rng(0))

    layer.ref.params["W"] = np.eye(2)
    layer.ref.params["b"][...] = [1, 2]
    layer.ref.params["b"] += 1
    layer.name = "changed"

    assert layer.forward(np.ones((1, 2))).tolist() == [[3, 4]]
    assert layer.name == "changed"
    assert layer.ref.params["b"][0].value() == 2


def test_an_in_place_operator_keeps_the_object(student, session):
    layer = student.Dense(2, 2, session.rng(0))
    before = layer.ref.params["b"]

    layer.ref.params["b"] += 1

    assert same(layer.ref.params["b"], before)


def test_handles_are_arguments_also_inside_containers(student, session):
    layers = [student.Dense(2, 3, session.rng(0)), student.Dense(3, 1, session.rng(1))]
    net = student.Sequential(layers)

    x = np.ones((4, 2))
    assert np.array_equal(net.forward(x), layers[1].forward(layers[0].forward(x)))
    assert net.layers == layers
    assert net.layers[0] is layers[0]


def test_one_remote_object_has_one_handle(student, session):
    layer = student.Dense(2, 2, session.rng(0))

    assert layer.me is layer
    assert student.Dense is student.Dense
    assert same(layer.ref, layer)
    assert not same(layer, student.Dense(2, 2, session.rng(0)))


def test_a_forgotten_handle_frees_the_object_and_a_new_one_works(student):
    first = student.Value(1)
    del first

    assert [student.Value(n).data for n in range(5)] == list(range(5))


def test_a_handle_forgotten_in_a_callback_may_come_again(student):
    value = student.show(lambda shown: None)

    assert [value.data, value.data] == [1, 1]


def test_operators_reach_the_object(student):
    value = student.Value(2.0) + 3.0

    assert value.data == 5
    assert (1 + value).data == 6
    assert (np.float64(1) + value).data == 6
    assert (value + student.Value(1)).data == 6


def test_comparisons_and_conversions_never_reach_student_code(student):
    value = student.Value(1)

    assert value != student.Value(1)
    for convert in (bool, float, int, np.asarray):
        with pytest.raises(TypeError, match="Value"):
            convert(value)


def test_an_iteration_asks_for_one_value_after_the_other(student):
    assert [x.tolist() for x in student.numbers()] == [[0, 0], [1, 1], [2, 2]]


def test_a_function_of_the_caller_is_called_back(student):
    seen = []

    def cube(x):
        seen.append(type(x))
        return float(np.sum(x**3))

    got = student.gradient(cube, np.array([1.0, 2.0]))

    assert np.max(np.abs(got - [3, 12])) < 1e-6
    assert seen == [np.ndarray] * 4


def test_a_callback_may_use_the_student_code_again(student):
    assert student.call(lambda x: student.relu(x) + 1, np.array([-1.0])).tolist() == [1]
    assert student.call(student.call, student.relu, np.array([-1.0])).tolist() == [0]


def test_a_method_is_an_argument(student, session):
    layer = student.Dense(2, 2, session.rng(0))

    assert np.array_equal(student.call(layer.forward, np.eye(2)), layer.params["W"])


def test_an_exception_of_a_callback_comes_back_as_itself(student):
    error = KeyError("mine")

    def fail(x):
        raise error

    with pytest.raises(KeyError) as caught:
        student.gradient(fail, np.ones(2))

    assert caught.value is error
    assert student.relu(1.0) == 1


def test_student_code_may_catch_an_exception_of_a_callback(student):
    def fail(x):
        raise ValueError("no")

    assert student.careful(fail) == "caught no"


def test_more_than_an_exception_passes_through_a_callback(student):
    def fail(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        student.careful(fail)


def test_an_error_has_type_text_and_the_students_frames(student):
    with pytest.raises(ZeroDivisionError) as caught:
        student.outer(0)

    error = caught.value
    lines = SOURCE.splitlines()
    at = [lines.index("    return inner(x)") + 1, lines.index("def inner(x): return 1 / x") + 1]
    assert isinstance(error, StudentError)
    assert (error.kind, error.text) == ("ZeroDivisionError", "division by zero")
    assert error.frames == (("student.py", at[0], "outer"), ("student.py", at[1], "inner"))
    assert str(error).splitlines() == [
        "ZeroDivisionError: division by zero",
        f"  student.py:{at[0]} in outer",
        "    return inner(x)",
        f"  student.py:{at[1]} in inner",
        "    def inner(x): return 1 / x",
    ]


def test_errors_keep_the_name_of_the_exercise(student):
    with pytest.raises(NotImplementedError) as caught:
        student.todo()

    assert (caught.value.kind, caught.value.text) == ("NotImplementedError", "relu")


def test_an_error_of_an_own_class_is_a_student_error(student):
    with pytest.raises(StudentError) as caught:
        student.odd()

    assert (caught.value.kind, caught.value.text) == ("Odd", "strange")


def test_a_missing_name_is_told(student):
    with pytest.raises(AttributeError) as caught:
        student.sigmoid  # noqa: B018

    assert isinstance(caught.value, StudentError)
    assert (caught.value.kind, caught.value.missing) == ("AttributeError", "sigmoid")
    assert getattr(student.Value(1), "grad", "none") == "none"


def test_leaving_is_an_error_like_others(student):
    with pytest.raises(StudentError) as caught:
        student.leave()

    assert (caught.value.kind, caught.value.text) == ("SystemExit", "3")
    assert student.relu(2) == 2


def test_endless_recursion_is_an_error(student):
    with pytest.raises(RecursionError) as caught:
        student.deep(1)

    assert 0 < len(caught.value.frames) <= 10


def test_floating_point_errors_are_raised(student):
    before = np.geterr()

    with pytest.raises(FloatingPointError):
        student.divide([1.0], [0.0])

    assert np.geterr() == before


def test_a_callback_leaves_the_error_state_of_the_students_code(student):
    assert student.quiet(lambda x: x, 0.0).tolist() == [np.inf]


def test_nobody_answers_a_question(student):
    with pytest.raises(EOFError):
        student.ask()


@pytest.mark.parametrize(
    "kind", "masked subclass objects record float text big matrix dict".split()
)
def test_a_value_that_is_not_quite_plain_is_an_object(student, kind):
    got = student.lies(kind)

    assert type(got) is Handle
    with pytest.raises(TypeError):
        np.asarray(got)
    with pytest.raises(TypeError):
        float(got)


@pytest.mark.parametrize("kind", ["deep", "cycle", "int"])
def test_a_value_beyond_the_limits_is_an_error_of_the_student(student, kind):
    with pytest.raises(StudentError) as caught:
        student.lies(kind)

    assert isinstance(caught.value, ValueError)
    assert student.relu(1) == 1


def test_what_was_printed_can_be_read(student, session):
    student.say("one\x1b[31m")
    student.say("two")

    assert session.printed() == "one\N{REPLACEMENT CHARACTER}[31m\ntwo\n"
    session.start(PROGRAM)
    assert session.printed() == ""


def test_printing_is_bounded(student, session):
    student.say("x" * 3_000_000)

    assert len(session.printed()) < 21_000
    assert session.printed().endswith("(more was printed)")


def test_nothing_is_printed_by_the_caller(student, session, capsys):
    student.call(lambda: print("caller"))

    assert session.printed() == ""
    assert capsys.readouterr().out == "caller\n"


def test_the_place_of_the_last_function_is_known(student, session):
    lines = SOURCE.splitlines()

    student.relu(1)
    at_function = session.location()
    layer = student.Dense(2, 2, session.rng(0))
    at_class = session.location()
    layer.forward(np.eye(2))

    assert at_function == f"student.py:{lines.index('def relu(x): return np.maximum(x, 0)') + 1}"
    assert at_class == f"student.py:{lines.index('    def __init__(self, n, m, rng):') + 1}"
    assert session.location() == f"student.py:{lines.index('    def forward(self, x):') + 1}"


def test_a_load_begins_afresh(session):
    student = session.start(PROGRAM, seed=3)
    student.remember(1)
    first = student.noise()

    again = session.start(PROGRAM, seed=3)

    assert again.remember(2) == 2
    assert again.noise() == first
    with pytest.raises(RuntimeError, match="earlier load"):
        student.relu(1)


def test_a_dataclass_works(student):
    assert student.Point(2.0).x == 2


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("import math\nx = (\n", SyntaxError, 2),
        ("import math\nimport os\n", ImportError, 2),
        ("from torch import nn\n", ImportError, 1),
        ("from . import other\n", ImportError, 1),
        ("x = 1\n1 / 0\n", ZeroDivisionError, 2),
        ("x = open('f')\n", PermissionError, 1),
        ("def f():\n    return undefined\nf()\n", NameError, 2),
        ("exit(1)\n", LoadError, 1),
    ],
)
def test_files_that_cannot_be_imported(session, source, kind, line):
    with pytest.raises(kind) as caught:
        load(session, source)

    assert isinstance(caught.value, LoadError)
    assert caught.value.frames[-1][:2] == ("student.py", line)
    assert f"student.py:{line}" in str(caught.value)
    assert load(session, "x = 1").x == 1


@pytest.mark.parametrize(
    "source",
    [
        b"x = '\xff'",
        b"# -*- coding: nonsense -*-\n",
        b"x = 1\x00",
        b"\xff\xfex\x00",
        "x" * 5 + "\ud800",
    ],
    ids=["not UTF-8", "no such encoding", "NUL", "UTF-16", "surrogate"],
)
def test_odd_bytes_are_a_load_error(session, source):
    with pytest.raises(LoadError):
        load(session, source)


def test_another_encoding_is_read(session):
    student = load(session, b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")

    assert student.x == "\N{LATIN SMALL LETTER E WITH ACUTE}"


def test_files_import_each_other(session):
    student = load(session, "from helper import f\nimport helper as h", **{"helper.py": "f = abs"})

    assert student.f(-1) == 1
    assert same(student.f, student.h.f)


def test_a_refused_import_may_be_caught(session):
    source = "try:\n    import cupy as xp\nexcept ImportError:\n    import numpy as xp\ny = xp.pi"

    assert load(session, source).y == np.pi


def test_library_and_support_come_first(session):
    code = marshal.dumps(compile("import numpy as np\ndef f(): return 'course'", "<c>", "exec"))
    program = Program(
        "student",
        {
            "student.py": "import numpy\nfrom layers import f\nimport support",
            "layers.py": "def f(): return 'student'",
            "support.py": "",
            "numpy.py": "pi = 3",
            "os.py": "",
            "a-b.py": "",
            "notes.txt": "",
        },
        {"layers": code},
        {"support": "import sys\nimport layers\ndef g(x): return [x, layers.f()]"},
    )

    student = session.start(program)

    assert student.f() == "course"
    assert student.numpy.pi == np.pi
    assert session.module("support").g(1) == [1, "course"]
    assert same(session.module("support"), student.support)
    assert session.notes == [
        "a-b.py cannot be imported: its name is not that of a module",
        "layers.py is ignored: the course's own layers is used",
        "numpy.py is ignored: it has the name of a library module",
        "os.py is ignored: it has the name of a library module",
        "support.py is ignored: the course's own support is used",
    ]


def test_the_callers_modules_stay_as_they_are(session):
    before = dict(sys.modules)

    load(session, "import helper", **{"helper.py": ""})

    assert {name for name in sys.modules if name in ("student", "helper")} == set()
    assert all(sys.modules.get(name) is module for name, module in before.items())


def test_something_that_cannot_be_passed_is_told(student):
    with pytest.raises(TypeError, match="cannot be passed"):
        student.echo(object())


def test_a_wide_use_of_numpy_agrees_with_the_caller(session):
    source = """
import numpy as np
def use():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(4, 4))
    return [np.linalg.inv(a), np.linalg.svd(a)[1], np.einsum("ij,jk->ik", a, a), np.fft.fft(a[0]),
            np.polynomial.polynomial.polyval(2.0, [1.0, 2.0]), str(a), repr(a), np.pad(a, 1),
            np.lib.stride_tricks.sliding_window_view(a, (2, 2)), np.unique(a), np.median(a),
            rng.permutation(5), rng.choice(5, 3), np.argsort(a), np.histogram(a)[0],
            f"{a[0, 0]:.3f}", np.tensordot(a, a), np.quantile(a, 0.5),
            np.ma.masked_array(a, a > 0).sum()]
"""
    got = load(session, source).use()

    namespace = {}
    exec(source, namespace)
    want = namespace["use"]()
    assert len(got) == len(want)
    for a, b in zip(got, want, strict=True):
        assert type(a) is type(b)
        # The worker has one BLAS thread, which may sum in another order.
        assert np.array_equal(a, b) or np.max(np.abs(a - b)) < 1e-12
