"""What a test holds of the student's code: handles of remote objects, and snapshots of values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.sandbox.session import Session

_SLOTS = ("_session", "_life", "_number", "_kind", "_name", "_methods", "_where", "_owner")


class Handle:
    """An object, class, function or module that lives with the student's code.

    Attributes, calls, items, operators and iteration go to the object; what comes back is a
    snapshot (exact built-in types, base-class arrays, read-only) or another handle. `==`, `bool`,
    `float` and `np.asarray` never reach student code. One remote object has one handle.
    """

    __slots__ = (*_SLOTS, "__weakref__")

    def __init__(self, session: Session, life: int, **about: Any) -> None:
        values = {"_session": session, "_life": life, "_owner": None, **about}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __del__(self) -> None:
        if self._owner is None:
            self._session._drop(self)

    @property
    def ref(self) -> Handle:
        """The same object, whose attributes and items come back as handles, to be written to."""
        if self._owner is not None:
            return self
        about = {name: getattr(self, name) for name in _SLOTS[2:]}
        return Handle(self._session, self._life, **{**about, "_owner": self})

    def value(self) -> Any:
        """A snapshot of the object as it is now; the handle itself if it is not plain data."""
        __tracebackhide__ = True
        return self._session._request("put", self)

    def keep(self, *args: Any, **kwargs: Any) -> Handle:
        """Call it and leave the result with the student's code."""
        __tracebackhide__ = True
        return self._session._call(self, None, self._where, args, kwargs, keep=True)

    def map(self, many: Iterable) -> list:
        """Call it for every member of `many` (an argument, or a tuple of them) in one go."""
        __tracebackhide__ = True
        return self._session._map(self, None, self._where, many)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return self._session._call(self, None, self._where, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        if name.startswith("__"):
            raise AttributeError(name)
        return attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        __tracebackhide__ = True
        self._session._set(self, name, value)

    def __getitem__(self, key: Any) -> Any:
        __tracebackhide__ = True
        return self._session._operate("getitem", self, key, ref=self._owner is not None)

    def __iter__(self) -> Iterator:
        __tracebackhide__ = True
        iterator = self._session._operate("iter", self, ref=True)
        while True:
            more, value = self._session._request("next", iterator)
            if not more:
                return
            yield value

    def __repr__(self) -> str:
        return f"<student's {self._kind} {self._name}>"

    def __bool__(self) -> bool:
        raise TypeError(f"expected True or False, got {self!r}")

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"expected an array of numbers, got {self!r}")

    def __float__(self) -> float:
        raise TypeError(f"expected a number, got {self!r}")

    __int__ = __index__ = __complex__ = __float__
    __array_ufunc__ = None  # array + handle is a matter of the student's __radd__

    def __reduce__(self) -> Any:
        raise TypeError(f"{self!r} cannot be copied or stored")


class Method:
    """A method of a remote object; costs no message until it is called."""

    __slots__ = ("_owner", "_name")

    def __init__(self, owner: Handle, name: str) -> None:
        self._owner, self._name = owner, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        return self._owner._session._call(self._owner, self._name, self._where, args, kwargs)

    def keep(self, *args: Any, **kwargs: Any) -> Handle:
        """Call it and leave the result with the student's code."""
        __tracebackhide__ = True
        owner = self._owner
        return owner._session._call(owner, self._name, self._where, args, kwargs, keep=True)

    def map(self, many: Iterable) -> list:
        """Call it for every member of `many` (an argument, or a tuple of them) in one go."""
        __tracebackhide__ = True
        return self._owner._session._map(self._owner, self._name, self._where, many)

    @property
    def _where(self) -> str | None:
        return self._owner._methods[self._name]

    def __repr__(self) -> str:
        return f"<student's method {self._owner._name}.{self._name}>"


def attribute(handle: Handle, name: str) -> Any:
    """An attribute of a remote object, also one that has the name of a method of handles."""
    __tracebackhide__ = True
    if name in handle._methods:
        return Method(handle, name)
    return handle._session._get(handle, name)


def put(owner: Handle | Method, value: Any) -> Handle:
    """Build a value beside the object `owner` and keep it there, for several calls to share."""
    __tracebackhide__ = True
    handle = owner._owner if isinstance(owner, Method) else owner
    return handle._session.put(value)


def same(a: Any, b: Any) -> bool:
    """Whether two handles stand for one remote object."""
    if not (isinstance(a, Handle) and isinstance(b, Handle)):
        return False
    return (a._session, a._life, a._number) == (b._session, b._life, b._number)


def _operator(name: str, swap: bool = False, ref: bool = False) -> Any:
    def operate(self: Handle, *others: Any) -> Any:
        __tracebackhide__ = True
        args = (*others, self) if swap else (self, *others)
        return self._session._operate(name, *args, ref=ref)

    return operate


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Handle, f"__{_name}__", _operator(_name))
    setattr(Handle, f"__r{_name}__", _operator(_name, swap=True))
for _name in ("neg", "pos", "abs", "lt", "le", "gt", "ge", "setitem", "delitem", "contains"):
    setattr(Handle, f"__{_name}__", _operator(_name))
for _name in ("len", "round"):
    setattr(Handle, f"__{_name}__", _operator(_name))
for _name in ("iadd", "isub", "imul", "itruediv", "imatmul"):
    setattr(Handle, f"__{_name}__", _operator(_name, ref=True))
