"""A conversation with the student's code: what its two forms have in common."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from autograder.sandbox.errors import clean, student_error
from autograder.sandbox.handle import Handle, Method
from autograder.sandbox.loader import sort_files
from autograder.sandbox.restore import restore
from autograder.sandbox.server import MAX_METHODS, MAX_PRINTED, OPERATORS, Message
from autograder.sandbox.unwire import Unpacker, checked, measure
from autograder.sandbox.wire import Packer, WireError

_PLACE = re.compile(r"(\w{1,100}\.py):(\d{1,7})")
MAX_TYPES = 1_000
MAX_RAISED = 10_000  # failed calls of the caller's functions
_KINDS = ("class", "module", "function", "object")


@dataclass(frozen=True)
class Program:
    """What is loaded: the student's files and what the course puts beside them.

    main: module whose handle `start` returns. files: the student's, by relative name.
    library: earlier chapters, module name -> marshalled code. support: the suite's public helper
    modules, module name -> source; trusted, so the list of allowed imports is not applied.
    """

    main: str
    files: Mapping[str, str | bytes]
    library: Mapping[str, bytes] = field(default_factory=dict)
    support: Mapping[str, str] = field(default_factory=dict)


class Session:
    """One exercise of one submission; several loads in a row, each from a clean state.

    isolation: the layers in force. notes: what the student should know about ignored files.
    """

    isolation: list[str]
    notes: list[str]

    def __init__(self) -> None:
        self.isolation, self.notes = [], []
        self._life = 0
        self._program = Program("", {})
        self._usable: set[str] = set()
        self._last: str | None = None
        self._clear()

    def _clear(self) -> None:
        self._life += 1
        self._drops: list[int] = []
        self._handles: weakref.WeakValueDictionary[int, Handle] = weakref.WeakValueDictionary()
        self._types: dict[Any, dict[str, str | None]] = {}
        self._attributes: dict[tuple[int, str], Handle] = {}
        self._callbacks: list[Callable] = []
        self._raised: list[Exception] = []

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def start(self, program: Program, *, seed: int = 0, budget: float = 5.0) -> Handle:
        """Load the modules afresh and return the handle of the main one.

        budget: seconds that the student's code has for everything until the next start.
        Raises LoadError when the student's files cannot be imported.
        """
        __tracebackhide__ = True
        usable, self.notes = sort_files(program.files, {*program.library, *program.support})
        self._program, self._usable, self._last = program, set(usable), None
        self._clear()
        self._begin(budget)
        files = {name: _as_bytes(program.files[name]) for name in usable}
        library, support = dict(program.library), dict(program.support)
        return self._request("start", files, library, support, program.main, seed)

    def module(self, name: str) -> Handle:
        """The handle of a module that was sent along, such as the suite's support."""
        __tracebackhide__ = True
        return self._request("module", name)

    def rng(self, seed: Any) -> Handle:
        """np.random.default_rng(seed), living with the student's code."""
        __tracebackhide__ = True
        return self._request("rng", seed)

    def put(self, value: Any) -> Handle:
        """Build a value with the student's code and keep it there."""
        __tracebackhide__ = True
        return self._request("put", value, ref=True)

    def printed(self) -> str:
        """What the student's code printed since the last start."""
        text = self._printed()
        more = "\n(more was printed)" if len(text) >= MAX_PRINTED else ""
        return clean(text, 20_000) + more

    def location(self) -> str | None:
        """Where the student's function or method that was called last is defined, "file:line"."""
        return self._last

    def close(self) -> None:
        """End the conversation; its handles are of no use afterwards."""
        self._clear()

    # What the two forms do in their own way.

    def _begin(self, budget: float) -> None:
        raise NotImplementedError

    def _exchange(self, tree: dict, bufs: list) -> Message:
        raise NotImplementedError

    def _printed(self) -> str:
        raise NotImplementedError

    def _malformed(self, error: Exception) -> BaseException:
        raise NotImplementedError

    # Requests.

    def _request(self, op: str, *args: Any, ref: bool = False) -> Any:
        __tracebackhide__ = True
        pack = Packer(self._opaque, naming=True)
        tree: dict[str, Any] = {"op": op, "a": pack(args)}
        if ref:
            tree["ref"] = True
        if self._drops:
            tree["drop"], self._drops = self._drops, []
        answer, bufs = self._exchange(tree, pack.bufs)
        try:
            value, error = self._read(answer, bufs, pack)
        except Exception as malformed:
            failure = self._malformed(malformed)
        else:
            if error is None:
                return value
            raise error
        raise failure

    def _read(self, answer: dict, bufs: list, pack: Packer) -> tuple[Any, Exception | None]:
        if answer["op"] == "err":
            about = answer["e"]
            if about["callback"] is not None:
                return None, self._raised[checked(about["callback"], self._raised)]
            files = {name: self._program.files[name] for name in self._usable}
            return None, student_error(about, files)
        if answer["op"] != "ret":
            raise WireError("an answer of an unknown kind")
        value = Unpacker(bufs, self._special, pack.objs, pack.inout, freeze=True)(answer["v"])
        plain = Unpacker(bufs, self._special, pack.objs, pack.inout)
        for number, content in answer["m"]:
            if number not in pack.inout:
                raise WireError("changes an object that it must not")
            error = restore(pack.objs[number], content, plain)
            if error is not None:
                return None, error
        if answer["m"]:
            measure([pack.objs[number] for number in pack.inout])
        return value, None

    def _call(
        self,
        owner: Handle,
        name: str | None,
        where: str | None,
        args: tuple,
        kwargs: dict,
        keep: bool = False,
    ) -> Any:
        __tracebackhide__ = True
        self._last = where
        return self._request("call", owner, name, list(args), kwargs, ref=keep)

    def _map(self, owner: Handle, name: str | None, where: str | None, many: Iterable) -> list:
        __tracebackhide__ = True
        self._last = where
        calls = [list(args) if isinstance(args, tuple) else [args] for args in many]
        return self._request("map", owner, name, calls)

    def _get(self, owner: Handle, name: str) -> Any:
        __tracebackhide__ = True
        if owner._owner is not None:
            return self._request("get", owner, name, ref=True).ref
        key = (owner._number, name)
        if key in self._attributes and owner._life == self._life:
            return self._attributes[key]
        value = self._request("get", owner, name)
        fixed = isinstance(value, Handle) and value._kind in ("function", "class")
        if fixed and owner._kind == "module":
            self._attributes[key] = value
        return value

    def _set(self, owner: Handle, name: str, value: Any) -> None:
        __tracebackhide__ = True
        self._attributes.clear()
        self._request("set", owner, name, value)

    def _operate(self, name: str, *args: Any, ref: bool = False) -> Any:
        __tracebackhide__ = True
        assert name in OPERATORS
        value = self._request("operate", name, *args, ref=ref)
        return value.ref if name == "getitem" and ref else value

    # Handles and functions.

    def _opaque(self, value: Any) -> dict:
        if isinstance(value, Method):
            return {"M": [self._number(value._owner), value._name]}
        if isinstance(value, Handle):
            return {"H": self._number(value)}
        if not callable(value):
            raise TypeError(f"a {type(value).__name__} cannot be passed to student code")
        for number, known in enumerate(self._callbacks):
            if known is value:
                return {"F": number}
        self._callbacks.append(value)
        return {"F": len(self._callbacks) - 1}

    def _number(self, handle: Handle) -> int:
        if handle._session is not self or handle._life != self._life:
            raise RuntimeError(f"{handle!r} belongs to an earlier load; make it again in this test")
        return handle._number

    def _drop(self, handle: Handle) -> None:
        if handle._life == self._life:
            self._drops.append(handle._number)

    def _special(self, tag: str, payload: Any) -> Handle:
        if tag != "H":
            raise WireError("an unknown tag")
        number, kind, name, type_number, methods, where = payload
        if type(number) is not int or kind not in _KINDS:
            raise WireError("not an object")
        if methods is not None:
            if len(methods) > MAX_METHODS or len(self._types) > MAX_TYPES:
                raise WireError("too many methods")
            self._types[int(type_number)] = {clean(n, 100): self._place(w) for n, w in methods}
        handle = self._handles.get(number)
        if handle is None:
            self._drops = [n for n in self._drops if n != number]
            known = self._types.get(type_number, {}) if kind == "object" else {}
            about = {"_kind": kind, "_name": clean(name, 100), "_methods": known}
            where = self._place(where)
            handle = Handle(self, self._life, _number=number, _where=where, **about)
            self._handles[number] = handle
        return handle

    def _place(self, where: Any) -> str | None:
        found = _PLACE.fullmatch(where) if isinstance(where, str) else None
        return where if found and found[1] in self._usable else None

    def _run_callback(self, tree: dict, bufs: list) -> Message:
        """Call one of the caller's functions for the student's code."""
        try:
            args, kwargs = Unpacker(bufs, self._special, freeze=True)(tree["v"])
            function = self._callbacks[checked(tree["f"], self._callbacks)]
            if not all(type(name) is str for name in kwargs):
                raise WireError("not a call")
        except Exception as malformed:
            failure = self._malformed(malformed)
        else:
            return self._answer_callback(function, args, kwargs)
        raise failure

    def _answer_callback(self, function: Callable, args: list, kwargs: dict) -> Message:
        __tracebackhide__ = True
        pack = Packer(self._opaque, naming=True)
        try:
            value = pack(function(*args, **kwargs))
        except Exception as error:
            if len(self._raised) == MAX_RAISED:
                raise WireError("too many calls with wrong arguments") from None
            # The trace would keep the arguments of every failed call in the grader's memory.
            self._raised.append(error.with_traceback(None))
            error.__context__ = error.__cause__ = None
            kind, number = type(error).__name__, len(self._raised) - 1
            return {"op": "raise", "n": number, "kind": kind, "text": str(error)}, []
        return {"op": "ret", "v": value}, pack.bufs


def _as_bytes(source: str | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
