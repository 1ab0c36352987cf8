"""The reader of `wire`'s values: the only trusted code that parses what a hostile process sent."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.wire import WireError

_MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


class Unpacker:
    """Turns a tree and its buffers into a value; anything that is not a valid tree: WireError.

    special: resolves the tags H, M and F. objs: the objects that the exchange has named so far;
    `refs` are the numbers in it that an R may name (None: all). With `freeze`, lists, dicts and
    arrays refuse to be changed.
    """

    def __init__(
        self,
        bufs: list,
        special: Callable[[str, Any], Any],
        objs: list | None = None,
        refs: Collection[int] | None = None,
        freeze: bool = False,
    ) -> None:
        self.objs: list[Any] = [] if objs is None else objs
        self.before: dict[int, Any] = {}  # number in objs -> state as received, of inout arguments
        self._bufs, self._special, self._refs, self._freeze = bufs, special, refs, freeze
        self._names = objs is None
        self._list: type[list] = wire.FrozenList if freeze else list
        self._dict: type[dict] = wire.FrozenDict if freeze else dict
        self._nodes = self._handles = self._hashed = self._depth = 0
        self._changing = False

    def __call__(self, tree: Any) -> Any:
        try:
            return self._value(tree)
        except WireError:
            raise
        except _MALFORMED as error:
            raise WireError(f"not a valid value ({type(error).__name__})") from None

    def changed(self) -> Iterator[int]:
        """The numbers of inout objects that are no longer what was received."""
        for number, old in self.before.items():
            now = self.objs[number]
            if isinstance(now, np.ndarray):
                differs = _state(now) != old
            else:
                new = wire.members(now)
                differs = len(new) != len(old) or any(map(operator.is_not, new, old))
            if differs:
                yield number

    def _value(self, tree: Any) -> Any:
        self._nodes += 1
        if self._nodes > wire.MAX_NODES:
            raise WireError(f"more than {wire.MAX_NODES} parts")
        kind = type(tree)
        if tree is None or kind is bool or kind is int or kind is float or kind is str:
            return tree
        if self._depth == wire.MAX_DEPTH:
            raise WireError(f"nested deeper than {wire.MAX_DEPTH} levels")
        self._depth += 1
        try:
            if kind is list:
                return self._items(tree)
            ((tag, payload),) = tree.items()
            read = _READ.get(tag)
            return read(self, payload) if read else self._other(tag, payload)
        finally:
            self._depth -= 1

    def _other(self, tag: Any, payload: Any) -> Any:
        self._handles += 1
        if self._handles > wire.MAX_HANDLES:
            raise WireError(f"more than {wire.MAX_HANDLES} objects")
        return self._special(tag, payload)

    def _register(self, value: Any) -> int:
        if self._names:
            self.objs.append(value)
        return len(self.objs) - 1

    def _items(self, tree: list) -> Any:
        out = self._list()
        number = self._register(out)
        list.extend(out, [self._value(x) for x in tree])
        if self._changing:
            self.before[number] = wire.members(out)
        return out

    def _pairs(self, payload: list) -> Any:
        out = self._dict()
        number = self._register(out)
        self._count_hashed([key for key, _ in payload])
        for key, value in payload:
            dict.__setitem__(out, self._value(key), self._value(value))
        if self._changing:
            self.before[number] = wire.members(out)
        return out

    def _count_hashed(self, keys: list) -> None:
        """Keys that collide cost the square of their number; only text is hashed with a secret."""
        chosen = sum(type(key) is not str for key in keys)
        self._hashed += chosen
        if chosen > wire.MAX_HASHED_EACH or self._hashed > wire.MAX_HASHED:
            raise WireError("too many keys that are not text")

    def _array(self, payload: list) -> np.ndarray:
        name, shape, index, order, writeable = payload
        dtype, buf = wire.DTYPES[name], self._buffer(index)
        if len(shape) > wire.MAX_NDIM or not all(type(n) is int and n >= 0 for n in shape):
            raise WireError("bad shape")
        if math.prod(shape) * dtype.itemsize != len(buf):
            raise WireError("an array's shape does not fit its size")
        if dtype.kind == "b" and len(buf) and np.frombuffer(buf, np.uint8).max() > 1:
            raise WireError("a truth value that is neither true nor false")
        array = np.ndarray(tuple(shape), dtype, buf, order="F" if order == "F" else "C")
        if order == "S" and not self._freeze:
            array = _strided(array)
        if self._freeze or not writeable:
            array.flags.writeable = False
        number = self._register(array)
        if self._changing:
            self.before[number] = _state(array)
        return array

    def _buffer(self, index: Any) -> Any:
        """Each buffer serves one value only, so that no short message grows into a large value."""
        buf = self._bufs[checked(index, self._bufs)]
        if buf is None:
            raise WireError("names a buffer twice")
        self._bufs[index] = None
        return buf

    def _scalar(self, payload: list) -> Any:
        name, value = payload
        dtype = wire.DTYPES[name]
        if dtype.kind == "c":
            value = complex(*map(_number, value))
        elif type(value) is not {"b": bool, "f": float}.get(dtype.kind, int):
            raise WireError("a scalar of another type than it says")
        with np.errstate(all="ignore"):
            return dtype.type(value)

    def _named(self, payload: Any) -> Any:
        number = checked(payload, self.objs)
        if self._refs is not None and number not in self._refs:
            raise WireError("names an object that it must not")
        return self.objs[number]

    def _inout(self, payload: Any) -> Any:
        outer, self._changing = self._changing, True
        try:
            return self._value(payload)
        finally:
            self._changing = outer

    def _tuple(self, payload: list) -> tuple:
        return tuple([self._value(x) for x in payload])

    def _set(self, payload: list) -> Any:
        frozen, members = payload
        self._count_hashed(members)
        return (frozenset if frozen else set)([self._value(x) for x in members])

    def _bytes(self, payload: list) -> Any:
        mutable, index = payload
        return (bytearray if mutable else bytes)(self._buffer(index))

    def _complex(self, payload: list) -> complex:
        real, imag = payload
        return complex(_number(real), _number(imag))

    def _slice(self, payload: list) -> slice:
        start, stop, step = map(self._value, payload)
        return slice(start, stop, step)

    def _ellipsis(self, payload: Any) -> Any:
        return ...


_READ: dict[str, Callable[[Unpacker, Any], Any]] = {
    "A": Unpacker._array,
    "B": Unpacker._bytes,
    "C": Unpacker._complex,
    "D": Unpacker._pairs,
    "E": Unpacker._ellipsis,
    "I": Unpacker._inout,
    "N": Unpacker._scalar,
    "R": Unpacker._named,
    "S": Unpacker._set,
    "T": Unpacker._tuple,
    "Z": Unpacker._slice,
}


def checked(index: Any, sequence: list) -> int:
    if type(index) is not int or not 0 <= index < len(sequence):
        raise WireError("bad index")
    return index


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise WireError("not a number")
    return value


def _state(array: np.ndarray) -> tuple:
    return array.shape, array.dtype.str, wire.content_of(array)


def _strided(array: np.ndarray) -> np.ndarray:
    """The same elements with gaps between them: contiguous in neither order, as they were sent."""
    wide = np.empty((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    view = wide[..., ::2]
    view[...] = array
    return view


def measure(value: Any, depth: int = 0) -> int:
    """The number of parts of a value that was put together from several messages.

    Raises WireError when it contains itself or grows beyond the limits by sharing.
    """
    if depth > wire.MAX_DEPTH:
        raise WireError("a value contains itself")
    if not isinstance(value, (list, dict, tuple)):
        return 1
    parts = value if not isinstance(value, dict) else wire.members(value)
    total = 1
    for part in parts:
        total += measure(part, depth + 1)
        if total > wire.MAX_NODES:
            raise WireError(f"more than {wire.MAX_NODES} parts")
    return total
