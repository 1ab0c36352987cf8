"""Runs where the student's code runs: a table of objects, and the requests upon them.

request  {"op": name, "a": arguments, "ref": keep the result here, "drop": numbers to forget}
answer   {"op": "ret", "v": value, "m": [[number, new content], ...]}    m: changed inout arguments
         {"op": "err", "e": description}
         {"op": "cb", "f": number, "v": [args, kwargs]}                  answered by ret or raise
tags     {"H": [number, kind, name, type, methods, where]}   an object that stays here
         {"H": number}  {"M": [number, name]}  {"F": number} the same, a method, a caller's function
"""

from __future__ import annotations

import builtins
import io
import operator
import random
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox.loader import Loader
from autograder.sandbox.unwire import Unpacker
from autograder.sandbox.wire import Packer

Message = tuple[Any, list]
MAX_PRINTED = 64_000
MAX_METHODS = 300

OPERATORS = {
    name: getattr(operator, name)
    for name in """add sub mul truediv floordiv mod pow matmul neg pos abs lt le gt ge getitem
    setitem delitem contains iadd isub imul itruediv imatmul""".split()
} | {"len": len, "round": round, "iter": iter}


class Output(io.TextIOBase):
    """Takes what is printed, up to a limit for each load."""

    def __init__(self, sink: Callable[[str], Any]) -> None:
        self._sink, self._left = sink, MAX_PRINTED

    def reset(self) -> None:
        """Begin anew."""
        self._left = MAX_PRINTED

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        part = text[: self._left]
        self._left -= len(part)
        if part:
            self._sink(part)
        return len(text)


class CallbackError(Exception):
    """An exception of a function of the caller, on its way back through the student's code."""

    number = -1


class Server:
    """Executes requests. What is printed goes to `output`.

    call_back: sends a message to the caller's side and returns its answer.
    caught: the exceptions that are answers; others pass through.
    """

    def __init__(
        self,
        call_back: Callable[[Any, list], Message],
        output: Output,
        caught: tuple[type[BaseException], ...],
    ) -> None:
        self._call_back, self._output, self._caught = call_back, output, caught
        self._last = 0
        self._outside: list[tuple] = []
        self._clear(Loader({}, {}, {}))

    def _clear(self, loader: Loader) -> None:
        self._loader = loader
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._types: dict[int, type] = {}
        self._functions: dict[int, Callable] = {}

    def execute(self, tree: dict, bufs: list) -> Message:
        """Answer one request."""
        for number in tree.get("drop", ()):
            self._forget(number)
        unpack = Unpacker(bufs, self._special)
        self.enter()
        try:
            args = unpack(tree["a"])
            result = getattr(self, f"_do_{tree['op']}")(*args)
            return self._answer(unpack, result, tree.get("ref", False))
        except self._caught as error:
            return {"op": "err", "e": self._describe(error, tree["op"] == "start")}, []
        finally:
            self.leave()

    def enter(self) -> None:
        """Set up what student code sees of the process: output, NumPy's error state, modules."""
        quiet = warnings.catch_warnings()
        quiet.__enter__()
        warnings.simplefilter("ignore")  # whether one is printed would depend on the caller
        self._outside.append((sys.stdout, sys.stderr, np.geterr(), quiet))
        sys.stdout = sys.stderr = self._output
        np.seterr(divide="raise", over="raise", invalid="raise")
        self._loader.enter()

    def leave(self) -> None:
        """Put back what the process was before `enter`."""
        self._loader.leave()
        sys.stdout, sys.stderr, state, quiet = self._outside.pop()
        np.seterr(**state)
        quiet.__exit__(None, None, None)

    def _answer(self, unpack: Unpacker, result: Any, ref: bool) -> Message:
        pack = Packer(self._opaque, {id(unpack.objs[n]): n for n in unpack.before})
        value = self._opaque(result) if ref else pack(result)
        changed = [[n, pack.content(unpack.objs[n])] for n in unpack.changed()]
        return {"op": "ret", "v": value, "m": changed}, pack.bufs

    # Objects that stay here.

    def _opaque(self, value: Any) -> dict:
        number = self._numbers.get(id(value))
        if number is None:
            number = self._last = self._last + 1
            self._objects[number], self._numbers[id(value)] = value, number
        kind = _kind(value)
        owner = value if kind != "object" else type(value)
        methods = None
        if kind == "object" and id(type(value)) not in self._types:
            self._types[id(type(value))] = type(value)
            methods = self._methods(type(value))
        name = str(getattr(owner, "__name__", "?"))[:100]
        return {"H": [number, kind, name, id(type(value)), methods, self._where(value)]}

    def _methods(self, cls: type) -> list:
        names = [name for name in dir(cls) if not name.startswith("__")][:MAX_METHODS]
        found = [(name, getattr(cls, name, None)) for name in names]
        return [[name, self._where(f)] for name, f in found if callable(f)]

    def _where(self, value: Any) -> str | None:
        """Where a function, method or class of the student's is defined, "file:line"."""
        if isinstance(value, type):
            own = [v for v in vars(value).values() if isinstance(v, types.FunctionType)]
            places = [vars(value)["__init__"]] if "__init__" in vars(value) else own[:1]
            value = places[0] if places else None
        code = getattr(getattr(value, "__func__", value), "__code__", None)
        if not isinstance(code, types.CodeType) or code.co_filename not in self._loader.files:
            return None
        return f"{code.co_filename}:{code.co_firstlineno}"

    def _forget(self, number: int) -> None:
        value = self._objects.pop(number, None)
        self._numbers.pop(id(value), None)

    def _special(self, tag: str, payload: Any) -> Any:
        if tag == "H":
            return self._objects[payload]
        if tag == "M":
            return getattr(self._objects[payload[0]], payload[1])
        return self._function(payload)

    def _function(self, number: int) -> Callable:
        if number not in self._functions:
            self._functions[number] = lambda *args, **kwargs: self._ask(number, args, kwargs)
        return self._functions[number]

    def _ask(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Call a function of the caller's side."""
        pack = Packer(self._opaque)
        value = pack([list(args), kwargs])
        state = np.geterr()
        self.leave()
        try:
            tree, bufs = self._call_back({"op": "cb", "f": number, "v": value}, pack.bufs)
        finally:
            self.enter()
            np.seterr(**state)
        if tree["op"] == "raise":
            raise _callback_error(tree)
        return Unpacker(bufs, self._special)(tree["v"])

    # Requests.

    def _do_start(self, files: dict, library: dict, support: dict, main: str, seed: int) -> Any:
        self._loader.leave()
        self._clear(Loader(files, library, support))
        self._output.reset()
        random.seed(seed)
        np.random.seed(seed % 2**32)
        return self._loader.load(main)

    def _do_module(self, name: str) -> Any:
        return self._loader.load(name)

    def _do_rng(self, seed: Any) -> Any:
        return np.random.default_rng(seed)

    def _do_put(self, value: Any) -> Any:
        return value

    def _do_get(self, owner: Any, name: str) -> Any:
        try:
            return getattr(owner, name)
        except AttributeError as error:
            if isinstance(owner, types.ModuleType):
                error.missing = name  # type: ignore[attr-defined]
            raise

    def _do_set(self, owner: Any, name: str, value: Any) -> None:
        setattr(owner, name, value)

    def _do_call(self, owner: Any, name: str | None, args: list, kwargs: dict) -> Any:
        return (getattr(owner, name) if name else owner)(*args, **kwargs)

    def _do_map(self, owner: Any, name: str | None, many: list) -> list:
        function = getattr(owner, name) if name else owner
        return [function(*args) for args in many]

    def _do_operate(self, name: str, *args: Any) -> Any:
        return OPERATORS[name](*args)

    def _do_next(self, iterator: Any) -> tuple:
        for value in iterator:
            return True, value
        return False, None

    # Errors.

    def _describe(self, error: BaseException, load: bool) -> dict:
        kind, frames, text = type(error), self._frames(error), _text(error)
        if isinstance(error, SyntaxError) and error.filename in self._loader.files:
            frames.append([error.filename, error.lineno or 0, "<module>"])
            text = str(error.msg)
        missing = getattr(error, "missing", None)
        return {
            "kind": kind.__name__[:100],
            "mro": [c.__name__ for c in kind.__mro__ if c.__module__ == "builtins"],
            "text": text[:8000],
            "frames": frames if len(frames) <= 10 else frames[:4] + frames[-6:],
            "load": load,
            "missing": missing if isinstance(missing, str) else None,
            "callback": error.number if isinstance(error, CallbackError) else None,
        }

    def _frames(self, error: BaseException) -> list:
        frames, tb = [], error.__traceback__
        while tb is not None:
            code = tb.tb_frame.f_code
            if id(tb.tb_frame.f_globals) in self._loader.own:
                frames.append([code.co_filename, tb.tb_lineno, code.co_name])
            tb = tb.tb_next
        return frames


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return "class"
    if isinstance(value, types.ModuleType):
        return "module"
    functions = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)
    return "function" if isinstance(value, functions) else "object"


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(no message)"


def _callback_error(tree: dict) -> CallbackError:
    """An exception that student code can catch as what the caller's function raised."""
    base = getattr(builtins, tree["kind"], Exception)
    bases: tuple = (CallbackError,)
    if isinstance(base, type) and issubclass(base, Exception) and base is not Exception:
        bases = (CallbackError, base)
    try:
        error = type(tree["kind"], bases, {})(tree["text"])
    except TypeError:
        error = CallbackError(tree["text"])
    error.number = tree["n"]
    return error
