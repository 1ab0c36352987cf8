"""Imports the student's files from memory; one list of what they may import, for both forms.

A name means, in this order: a module of the list, one of the suite's helper modules (support),
an earlier chapter (library), a file of the submission. So no submitted file can stand in the
place of a module that others rely on; what is ignored is noted.
"""

from __future__ import annotations

import builtins
import functools
import marshal
import sys
import types
from collections.abc import Callable, Collection, Iterable
from typing import Any

STANDARD = frozenset(
    """__future__ abc array bisect cmath collections collections.abc contextlib copy dataclasses
    datetime decimal enum fractions functools heapq itertools json keyword math numbers operator
    pprint random re statistics string struct textwrap time types typing unicodedata
    warnings""".split()
)
NUMPY = frozenset(
    """numpy numpy.dtypes numpy.exceptions numpy.fft numpy.lib numpy.lib.stride_tricks
    numpy.linalg numpy.ma numpy.polynomial numpy.random numpy.typing""".split()
)
ALLOWED = STANDARD | NUMPY
_TAKEN = frozenset(name.partition(".")[0] for name in ALLOWED) | sys.stdlib_module_names


def sort_files(files: Iterable[str], taken: Collection[str]) -> tuple[list[str], list[str]]:
    """The file names that can be imported, and a note for each Python file that is ignored.

    taken: names of the modules that come from the course.
    """
    usable, notes = [], []
    for file in sorted(files):
        name = file.removesuffix(".py")
        if name == file:
            continue
        if not name.isidentifier():
            notes.append(f"{file} cannot be imported: its name is not that of a module")
        elif name in _TAKEN:
            notes.append(f"{file} is ignored: it has the name of a library module")
        elif name in taken:
            notes.append(f"{file} is ignored: the course's own {name} is used")
        else:
            usable.append(file)
    return usable, notes


@functools.lru_cache(maxsize=64)
def _compiled(source: str | bytes, file: str) -> types.CodeType:
    return compile(source, file, "exec", dont_inherit=True)


class Loader:
    """The modules of one load.

    modules: those imported so far. files: the student's files that can be imported.
    own: id() of the globals of the student's modules, which tells their frames from others.
    """

    def __init__(self, files: dict, library: dict, support: dict) -> None:
        usable, _ = sort_files(files, {*library, *support})
        self.modules: dict[str, types.ModuleType] = {}
        self.files: dict[str, bytes] = {file: files[file] for file in usable}
        self.own: set[int] = set()
        self._library, self._support = library, support
        self._before: dict[str, types.ModuleType | None] = {}

    def enter(self) -> None:
        """Show the modules in sys.modules, where dataclasses and typing look names up."""
        for name, module in self.modules.items():
            self._show(name, module)

    def leave(self) -> None:
        """Put back what `enter` has covered."""
        for name, module in self._before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
        self._before.clear()

    def _show(self, name: str, module: types.ModuleType) -> None:
        self._before.setdefault(name, sys.modules.get(name))
        sys.modules[name] = module

    def load(self, name: str) -> types.ModuleType:
        """The module of that name, executed on first use; ImportError when there is none."""
        if name in self.modules:
            return self.modules[name]
        run = self._finder(name)
        if run is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = types.ModuleType(name)
        self.modules[name] = module
        self._show(name, module)
        try:
            run(module)
        except BaseException:
            del self.modules[name]
            raise
        return module

    def knows(self, name: str) -> bool:
        """Whether the name is one of the modules held here."""
        return self._finder(name) is not None

    def _finder(self, name: str) -> Callable[[types.ModuleType], None] | None:
        if name in self._support:
            return self._run_support
        if name in self._library:
            return self._run_library
        return self._run_own if f"{name}.py" in self.files else None

    def _run_support(self, module: types.ModuleType) -> None:
        name = module.__name__
        code = _compiled(self._support[name], f"<{name}>")
        self._execute(code, module, self._import_trusted)

    def _run_library(self, module: types.ModuleType) -> None:
        self._execute(marshal.loads(self._library[module.__name__]), module, self._import_trusted)

    def _run_own(self, module: types.ModuleType) -> None:
        file = f"{module.__name__}.py"
        self.own.add(id(module.__dict__))
        module.__file__ = file
        self._execute(_compiled(self.files[file], file), module, self._import_own, **_WITHOUT)

    def _execute(self, code: Any, module: types.ModuleType, find: Callable, **other: Any) -> None:
        names = {**vars(builtins), "__import__": find, **other}
        module.__dict__["__builtins__"] = names
        exec(code, module.__dict__)

    def _import_own(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        """`import` as the student's files see it."""
        # C code (np.ndarray.__str__, say) imports with the globals of the frame that called it, and
        # with an empty list where an import statement passes None or a tuple: not the student's.
        from_c = isinstance(fromlist, list)
        if level == 0 and not from_c and name not in ALLOWED and not self.knows(name):
            raise ImportError(self._refusal(name), name=name)
        return self._import_trusted(name, globals, locals, fromlist, level)

    def _import_trusted(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        """`import` as the course's own modules see it, and below the list as the student's do."""
        if level == 0 and name not in ALLOWED and self.knows(name):
            return self.load(name)
        return builtins.__import__(name, globals, locals, fromlist, level)

    def _refusal(self, name: str) -> str:
        held = {file.removesuffix(".py") for file in self.files} | {*self._library, *self._support}
        standard = sorted(n for n in STANDARD if "." not in n and n[0] != "_")
        return (
            f"{name!r} cannot be imported here. There are numpy, {', '.join(sorted(held))} "
            f"and from the standard library {', '.join(standard)}"
        )


def _refuse(error: type[OSError] | type[EOFError], text: str) -> Callable:
    def refused(*_args: Any, **_kwargs: Any) -> Any:
        raise error(text)

    return refused


# Built-ins that mean something else in student code; the usual exit() closes the caller's stdin.
_WITHOUT = {
    "open": _refuse(PermissionError, "files cannot be opened here"),
    "input": _refuse(EOFError, "nobody can answer a question here"),
    "exit": sys.exit,
    "quit": sys.exit,
}
