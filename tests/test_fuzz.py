"""The frame decoder, the only trusted code that parses what a hostile process sent, under fuzz.

Bounded and the same every time in `make check`; `DLFS_LONG=10` (minutes; see `make attack`) goes
on with new examples.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import time

import numpy as np
import pytest
from attack_arena import memory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire_bytes import Reader, check, frame, one

from autograder.sandbox.unwire import Unpacker
from autograder.sandbox.wire import DTYPES, Memory, Packer, WireError

MINUTES = float(os.environ.get("DLFS_LONG", 0))
SEED = int(os.environ.get("DLFS_SEED") or random.SystemRandom().getrandbits(40))
bounded = settings(
    max_examples=400,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

ODD = [
    0,
    -1,
    1,
    2,
    255,
    1 << 31,
    (1 << 63) - 1,
    1 << 64,
    1.5,
    float("nan"),
    True,
    None,
    "",
    "x",
    [],
]
numbers = st.one_of(st.sampled_from(ODD), st.integers(-3, 3), st.integers())
names = st.one_of(
    st.sampled_from([*DTYPES, "|O8", "<M8[s]", "C", "F", "S", "object", "class", "mini.py:1"]),
    st.text(max_size=4),
)
leaves = st.one_of(numbers, names)


def tagged(inner):
    shapes = st.lists(st.sampled_from([0, 1, 2, 3, 8, -1, 1 << 40]), max_size=9)
    index = st.sampled_from([0, 1, 2, -1, 7])
    pairs = st.lists(st.tuples(inner, inner).map(list), max_size=4)
    return st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(names, shapes, index, names, st.booleans()).map(lambda p: {"A": list(p)}),
        pairs.map(lambda p: {"D": p}),
        st.lists(inner, max_size=3).map(lambda p: {"T": p}),
        st.tuples(st.booleans(), st.lists(inner, max_size=3)).map(lambda p: {"S": list(p)}),
        st.tuples(names, numbers).map(lambda p: {"N": list(p)}),
        st.tuples(st.booleans(), index).map(lambda p: {"B": list(p)}),
        st.tuples(numbers, numbers).map(lambda p: {"C": list(p)}),
        st.tuples(inner, inner, inner).map(lambda p: {"Z": list(p)}),
        st.tuples(numbers, names, names, numbers, st.none() | pairs, names).map(
            lambda p: {"H": list(p)}
        ),
        st.sampled_from("RIMFEQ").flatmap(lambda tag: inner.map(lambda p: {tag: p})),
        st.dictionaries(st.text(max_size=2), inner, max_size=2),
    )


trees = st.recursive(leaves, tagged, max_leaves=25)
errors = st.fixed_dictionaries(
    {"kind": leaves, "mro": st.lists(leaves, max_size=3) | leaves, "text": leaves,
     "frames": st.lists(st.tuples(names, numbers, names).map(list), max_size=3) | leaves,
     "load": leaves, "missing": leaves, "callback": st.none() | numbers}
)  # fmt: skip
answers = st.one_of(
    st.builds(
        lambda v, m: {"op": "ret", "v": v, "m": m},
        trees,
        st.lists(st.tuples(st.sampled_from([0, 1, 2, 3, -1, "0"]), trees).map(list), max_size=3),
    ),
    errors.map(lambda e: {"op": "err", "e": e}),
    st.builds(
        lambda f, a, k: {"op": "cb", "f": f, "v": [a, k]},
        st.sampled_from([0, 1, -1, "0"]),
        trees,
        trees,
    ),
    trees,
)
buffers = st.lists(st.binary(max_size=32) | st.just(bytes(64)), max_size=3)


def mutated(data: bytes, seed: int) -> bytes:
    """Change, drop, double and swap a few bytes of a frame."""
    chance, out = random.Random(seed), bytearray(data)
    for _ in range(chance.randint(1, 6)):
        if not out:
            break
        at, size = chance.randrange(len(out)), chance.choice((1, 1, 2, 4, 8))
        new = chance.choice(
            (b"", bytes(size), b"\xff" * size, chance.randbytes(size), out[at : at + 9])
        )
        out[at : at + chance.choice((0, size))] = new
    return bytes(out)


@given(answers, buffers)
@bounded
def test_any_answer_is_a_plain_value_or_refused(tree, bufs):
    one(frame(tree, bufs))


@given(answers, buffers, st.integers(0, 1 << 30))
@bounded
def test_any_bytes_are_a_plain_value_or_refused(tree, bufs, seed):
    one(mutated(frame(tree, bufs), seed))


def valid_frames() -> list[bytes]:
    """Frames as an honest worker sends them, of every kind that there is."""
    arrays = [
        np.arange(6.0).reshape(2, 3),
        np.ones(3, "f4").T,
        np.array(True),
        np.zeros((0, 2), "i1"),
    ]
    values = [
        None,
        1,
        -2.5,
        "text",
        [1, [2]],
        (1, "a"),
        {"k": arrays[0]},
        {1, 2},
        b"x",
        1j,
        slice(1, None),
    ]
    made = []
    for value in [*values, *arrays, np.float32(2), ..., [*values[:6], *arrays]]:
        pack = Packer(lambda value: {"H": [1, "object", "n", 1, [["m", "mini.py:1"]], None]})
        made.append(frame({"op": "ret", "v": pack(value), "m": []}, pack.bufs))
    about = {"kind": "ValueError", "mro": ["ValueError", "Exception"], "text": "no", "load": False,
             "frames": [["mini.py", 1, "f"]], "missing": None, "callback": None}  # fmt: skip
    made.append(frame({"op": "err", "e": about}, []))
    made.append(frame({"op": "err", "e": {**about, "callback": 0}}, []))
    made.append(frame({"op": "cb", "f": 0, "v": [[1.0], {"D": [["x", 2]]}]}, []))
    made.append(frame({"op": "ret", "v": {"R": 0}, "m": [[1, [3]], [2, {"D": [["b", 2]]}]]}, []))
    return made


def test_valid_frames_are_read():
    assert all(one(data) for data in valid_frames())


def test_mutants_of_valid_frames_are_plain_values_or_refused():
    frames, chance = valid_frames(), random.Random(20)

    taken = [one(mutated(chance.choice(frames), chance.getrandbits(40))) for _ in range(4_000)]

    assert 50 < sum(taken) < len(taken) - 50  # neither all frames nor none


@given(trees, buffers)
@bounded
def test_what_is_read_can_be_written_and_read_again(tree, bufs):
    def refuse(*_):
        raise WireError("not plain")

    try:
        value = Unpacker(list(map(Memory, bufs)), refuse)(tree)
        pack = Packer(refuse)
        again = json.loads(json.dumps(pack([value])))
    except (WireError, TypeError):
        return

    got = Unpacker(list(map(Memory, pack.bufs)), refuse)(again)

    assert repr(got) == repr([value])


def bombs() -> dict[str, bytes]:
    """Small frames that want to become large or slow."""
    many = b",".join([b"[]"] * 1_000_000)
    return {
        "lists": b'{"op":"ret","m":[],"v":[' + many + b"]}",
        "depth": b'{"op":"ret","m":[],"v":' + b"[" * 500_000,
        "text": b'{"op":"ret","m":[],"v":"' + b"x" * 8_000_000 + b'"}',
        "digits": b'{"op":"ret","m":[],"v":' + b"9" * 4_000_000 + b"}",
        "keys": b'{"op":"ret","m":[],"v":{"D":['
        + b",".join(b"[%d,0]" % (n * ((1 << 61) - 1)) for n in range(100_000))
        + b"]}}",
        "methods": b'{"op":"ret","m":[],"v":{"H":[1,"object","x",1,['
        + b",".join([b'["m",null]'] * 400_000)
        + b"],null]}}",
        "escapes": b'{"op":"ret","m":[],"v":"' + b"\\u0041" * 1_300_000 + b'"}',
        "objects": b'{"op":"ret","m":[],"v":[' + b",".join([b'{"a":{}}'] * 800_000) + b"]}",
    }


@pytest.mark.parametrize("name", bombs())
def test_a_message_costs_bounded_time_and_memory(name):
    began, before = time.process_time(), memory(forget=True)

    Reader._malformed(Reader(), ValueError())  # imports aside
    with contextlib.suppress(WireError):
        check(_read(bombs()[name]))

    assert time.process_time() - began < 6
    assert memory() - before < 500


def _read(text: bytes):
    """As in Reader, without the socket, whose buffer is smaller than these."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError(str(error)) from None
    return Reader()._taken(tree, [])


def test_long():
    """For as many minutes as DLFS_LONG says: mutants of mutants of frames.

    A new seed each time, unless DLFS_SEED names one, to repeat a run.
    """
    seed = SEED if MINUTES else 1
    chance, pool = random.Random(seed), valid_frames()
    end, count, taken = time.monotonic() + 60 * MINUTES, 0, 0
    while count < 500 or time.monotonic() < end:
        data = mutated(chance.choice(pool), chance.getrandbits(40))
        try:
            good = one(data)
        except BaseException:
            print(f"seed {seed}, after {count}: {data!r}")
            raise
        count, taken = count + 1, taken + good
        if good and len(pool) < 5_000:
            pool.append(data)
    print(f"{count} frames read, {taken} of them valid, seed {seed}")

    assert taken
