"""Values on the wire: a JSON tree plus raw array buffers. Nothing here can execute anything.

value  = null | bool | int | float | str | [...] (a list) | {tag: payload}
tags   A array      N NumPy scalar   B bytes      T tuple   D dict   S set   C complex
       Z slice      E ellipsis       I argument that the callee may change in place
       R an array, list or dict that this exchange has already named
       H, M, F  objects that stay where they are: see `server` and `session`

The reader on the trusted side parses what a hostile process sent: every index, size and count is
checked before it is used, and only exact built-in types and base-class arrays come out.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

_CODES = "? i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 c8 c16".split()
DTYPES = {np.dtype(code).str: np.dtype(code) for code in _CODES}
SCALARS = frozenset(dtype.type for dtype in DTYPES.values()) | {np.longlong, np.ulonglong}
MAX_NDIM = 8
MAX_DEPTH = 50
MAX_NODES = 1_000_000
MAX_HANDLES = 10_000
MAX_HASHED = 10_000  # keys per message whose hashes an attacker can choose
MAX_HASHED_EACH = 1_000  # ... and per container: colliding keys cost their square
MAX_INT_BITS = 10_000  # the decimal text of a longer integer costs its square
MAX_BYTES = 256 << 20


class WireError(ValueError):
    """A value that cannot travel: of a wrong form, or over a limit."""


class Memory(bytearray):
    """Memory that a message arrived in; arrays upon it are recognised as snapshots."""


class inout:  # noqa: N801  reads like a word in a call: f(inout(x))
    """An argument that student code may change in place; without it the callee gets a copy."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _copy(value: Any, memo: dict) -> Any:
    """A plain copy of a snapshot, which may be changed."""
    return copy.deepcopy(dict(value) if isinstance(value, dict) else list(value), memo)


def _refuse(_self: Any, *_args: Any, **_kwargs: Any) -> Any:
    raise TypeError(
        "this is a snapshot of a value inside the student's code; change the original through a "
        "handle: layer.ref.params['W'] = ..."
    )


class FrozenList(list):
    """A list that arrived from student code."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = pop = remove = clear = sort = reverse = _refuse
    __deepcopy__ = _copy


class FrozenDict(dict):
    """A dict that arrived from student code."""

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = pop = popitem = clear = setdefault = _refuse
    __deepcopy__ = _copy


def _is_snapshot(value: Any) -> bool:
    """Whether it is a read-only array in memory that a message arrived in."""
    base: Any = value
    while type(base) is np.ndarray:
        base = base.base
    return type(base) is Memory and not value.flags.writeable


def content_of(array: np.ndarray) -> bytes:
    """The elements in C order."""
    return array.tobytes()


def members(value: Any) -> list:
    """The direct members of a list or a dict, for a comparison by identity."""
    return list(value) if isinstance(value, list) else [x for pair in value.items() for x in pair]


class Packer:
    """Turns a value into a tree (the result of the call) and `bufs`.

    opaque: returns the tag for a value that is not plain data, or raises TypeError.
    refs: objects that both sides know already, by id(). With `naming`, every array, list and dict
    on the way is numbered (in `objs`) so that one object stays one object on the other side.
    """

    def __init__(
        self,
        opaque: Callable[[Any], Any],
        refs: dict[int, int] | None = None,
        naming: bool = False,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.bufs: list[Any] = []
        self.objs: list[Any] = []
        self.inout: set[int] = set()
        self._opaque, self._refs, self._naming = opaque, dict(refs or {}), naming
        self._room, self._nodes, self._depth, self._changing = max_bytes, 0, 0, False

    def __call__(self, value: Any) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise WireError(f"the value has more than {MAX_NODES} parts")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int or kind is str:
            return self._text(value)
        if id(value) in self._refs:
            return {"R": self._refs[id(value)]}
        if self._naming and kind in _NAMED and _plain(value):
            self._name(value)
        return self.content(value)

    def content(self, value: Any) -> Any:
        """The tree of a value itself, also when the other side knows the object already."""
        pack = _PACK.get(type(value)) if _plain(value) else None
        if pack is None:
            return {"N": self._scalar(value)} if type(value) in SCALARS else self._opaque(value)
        if self._depth == MAX_DEPTH:
            raise WireError(f"the value contains itself, or more than {MAX_DEPTH} levels")
        self._depth += 1
        try:
            return pack(self, value)
        finally:
            self._depth -= 1

    def _name(self, value: Any) -> None:
        number = self._refs[id(value)] = len(self.objs)
        self.objs.append(value)
        if self._changing:
            if type(value) in (FrozenList, FrozenDict) or _is_snapshot(value):
                raise TypeError("inout() needs an object of your own: copy.deepcopy the snapshot")
            self.inout.add(number)

    def _text(self, value: Any) -> Any:
        if type(value) is int and value.bit_length() > MAX_INT_BITS:
            raise WireError(f"the integer has more than {MAX_INT_BITS} bits")
        if type(value) is str:
            self._spend(len(value))
        return value

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise WireError("the value is too large to leave the student's code")

    def _buffer(self, size: int, read: Callable[[], bytes]) -> int:
        self._spend(size)
        self.bufs.append(read())
        return len(self.bufs) - 1

    def _array(self, a: np.ndarray) -> Any:
        flags = a.flags
        order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "S"
        turned = a.T if order == "F" else a
        writeable = flags.writeable or _is_snapshot(a)
        return {
            "A": [
                a.dtype.str,
                list(a.shape),
                self._buffer(a.nbytes, lambda: content_of(turned)),
                order,
                writeable,
            ]
        }

    def _scalar(self, value: Any) -> list:
        plain = value.item()
        parts = [plain.real, plain.imag] if type(plain) is complex else plain
        return [value.dtype.str, parts]

    def _dict(self, value: dict) -> Any:
        return {"D": [[self(k), self(v)] for k, v in list(value.items())]}

    def _slice(self, value: slice) -> Any:
        return {"Z": [self(value.start), self(value.stop), self(value.step)]}

    def _inout(self, value: inout) -> Any:
        outer, self._changing = self._changing, True
        try:
            return {"I": self(value.value)}
        finally:
            self._changing = outer

    def _list(self, value: list) -> Any:
        return [self(x) for x in list(value)]

    def _tuple(self, value: tuple) -> Any:
        return {"T": [self(x) for x in value]}

    def _set(self, value: Any) -> Any:
        return {"S": [type(value) is frozenset, [self(x) for x in value]]}

    def _bytes(self, value: Any) -> Any:
        return {"B": [type(value) is bytearray, self._buffer(len(value), lambda: bytes(value))]}

    def _complex(self, value: complex) -> Any:
        return {"C": [value.real, value.imag]}

    def _ellipsis(self, value: Any) -> Any:
        return {"E": 0}


_NAMED = frozenset((np.ndarray, list, dict, FrozenList, FrozenDict))
_PACK: dict[type, Callable[[Packer, Any], Any]] = {
    np.ndarray: Packer._array,
    list: Packer._list,
    FrozenList: Packer._list,
    dict: Packer._dict,
    FrozenDict: Packer._dict,
    tuple: Packer._tuple,
    set: Packer._set,
    frozenset: Packer._set,
    bytes: Packer._bytes,
    bytearray: Packer._bytes,
    complex: Packer._complex,
    slice: Packer._slice,
    type(...): Packer._ellipsis,
    inout: Packer._inout,
}


def _plain(value: Any) -> bool:
    """False for an array that is not one of plain numbers."""
    return type(value) is not np.ndarray or (
        value.dtype.str in DTYPES and value.ndim <= MAX_NDIM and value.dtype.names is None
    )
