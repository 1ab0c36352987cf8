"""The codec: what goes in comes out, and no bytes whatever bring the reader down."""

from __future__ import annotations

import json
import socket
import struct
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.sandbox.channel import Channel
from autograder.sandbox.unwire import Unpacker, measure
from autograder.sandbox.wire import DTYPES, FrozenDict, FrozenList, Memory, Packer, WireError

bounded = settings(max_examples=150, derandomize=True, deadline=None, database=None)

keys = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5))
leaves = st.one_of(
    keys,
    st.floats(allow_nan=False),
    st.binary(max_size=20),
    st.complex_numbers(allow_nan=False),
    st.sampled_from([..., slice(1, None, -1), np.float32(0.5), np.int16(-7)]),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.frozensets(keys, max_size=4),
    ),
    max_leaves=15,
)
arrays = st.builds(
    lambda code, shape, order, seed: np.asarray(
        np.random.default_rng(seed).integers(0, 2, shape), dtype=code, order=order
    ),
    st.sampled_from(sorted(DTYPES)),
    st.lists(st.integers(0, 3), max_size=4),
    st.sampled_from("CF"),
    st.integers(0, 9),
)


def no_objects(*args):
    raise TypeError("not plain data")


def there_and_back(value, **options):
    pack = Packer(no_objects, naming=True)
    tree = json.loads(json.dumps(pack([value])))
    return Unpacker([Memory(buf) for buf in pack.bufs], no_objects, **options)(tree)[0]


@given(values)
@bounded
def test_every_plain_value_survives(value):
    got = there_and_back(value)

    assert got == value
    assert type(got) is type(value)


@given(arrays)
@bounded
def test_every_array_survives(array):
    got = there_and_back(array)

    assert type(got) is np.ndarray
    assert (got.shape, got.dtype) == (array.shape, array.dtype)
    assert np.array_equal(got, array)
    assert got.flags.f_contiguous == array.flags.f_contiguous


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.integers(), st.floats(), st.text(max_size=3)
)
tags = st.one_of(st.sampled_from("ABCDEFHIMNRSTZQ"), st.text(max_size=2))
trees = st.recursive(
    st.one_of(scalars, st.sampled_from([*DTYPES, "C", "F", "S", "|O8"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(tags, inner, min_size=1, max_size=2),
        st.builds(lambda *p: {"A": list(p)}, st.sampled_from(sorted(DTYPES)), inner, inner, inner,
                  inner),
        st.lists(st.tuples(inner, inner).map(list), max_size=3).map(lambda p: {"D": p}),
        inner.map(lambda p: {"S": [False, [p]]}),
        inner.map(lambda p: {"N": ["<i8", p]}),
    ),
    max_leaves=20,
)  # fmt: skip

ALLOWED = (
    type(None), bool, int, float, str, bytes, bytearray, complex, tuple, set, frozenset, slice,
    type(...), np.ndarray, FrozenList, FrozenDict, np.generic,
)  # fmt: skip


def members(value):
    yield value
    if isinstance(value, dict):
        for pair in value.items():
            yield from members(pair)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            yield from members(part)


@given(trees, st.lists(st.binary(max_size=16), max_size=3))
@bounded
def test_any_tree_is_a_plain_value_or_refused(tree, bufs):
    unpack = Unpacker(list(map(Memory, bufs)), lambda tag, p: 0, [], (), freeze=True)

    try:
        value = unpack(tree)
    except WireError:
        return

    for part in members(value):
        assert isinstance(part, ALLOWED)
        if isinstance(part, np.ndarray):
            assert type(part) is np.ndarray
            assert not part.flags.writeable


def receive(data):
    """What a channel makes of the bytes; TimeoutError stands for "waits for more"."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return Channel(ours, max_bytes=1 << 20).receive()


@given(st.binary(max_size=64))
@bounded
def test_any_bytes_are_a_frame_or_refused(data):
    with pytest.raises((WireError, EOFError)):
        receive(data + b"\xff")


@given(st.lists(st.binary(max_size=40), max_size=4), values)
@bounded
def test_any_frame_survives_the_channel(bufs, value):
    tree = Packer(no_objects)(json.loads(json.dumps(repr(value))))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for _ in range(2):
            Channel(theirs).send(tree, bufs)
        got = Channel(ours)
        assert [got.receive(), got.receive()] == [(tree, bufs)] * 2


def test_a_large_frame_survives_in_pieces():
    import threading

    ours, theirs = socket.socketpair()
    bufs = [bytes(range(256)) * 4096, b"", b"x" * 70_000]
    with ours, theirs:
        sender = threading.Thread(target=Channel(theirs).send, args=([1], bufs))
        sender.start()
        got = Channel(ours).receive()
        sender.join()

    assert got == ([1], bufs)


def test_sizes_are_checked_before_anything_is_allocated():
    with pytest.raises(WireError, match="too large"):
        receive(struct.pack("<IIQ", 4, 1, 1 << 50) + b"null")


def test_colliding_keys_cost_little():
    """Integers that differ by this modulus have one hash; 20,000 of them cost seconds."""
    tree = {"D": [[n * ((1 << 61) - 1), 0] for n in range(20_000)]}
    start = time.perf_counter()

    with pytest.raises(WireError, match="keys"):
        Unpacker([], no_objects)(tree)

    assert time.perf_counter() - start < 0.5


def test_limits_hold_for_a_message_as_a_whole():
    many = [{"D": [[n, 0] for n in range(900)]} for _ in range(12)]

    with pytest.raises(WireError, match="keys"):
        Unpacker([], no_objects)(many)


@pytest.mark.parametrize("value", [1 << 10_001, [[]] * 1_001, np.zeros(40 << 20)])
def test_the_writer_refuses_what_the_reader_would(value, monkeypatch):
    monkeypatch.setattr("autograder.sandbox.wire.MAX_NODES", 1_000)

    with pytest.raises(WireError):
        Packer(no_objects)(value)


def test_a_value_that_contains_itself_is_refused():
    value: list = []
    value.append((value,))

    with pytest.raises(WireError, match="contains itself"):
        Packer(no_objects)(value)
    with pytest.raises(WireError, match="contains itself"):
        measure(value)


def test_parts_that_are_shared_count_every_time():
    value: list = [0]
    for _ in range(40):
        value = [value, value]

    with pytest.raises(WireError, match="parts"):
        measure(value)
