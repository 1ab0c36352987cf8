"""The reference solutions: as modules for the suites, as bytecode for the worker.

A student's module and the reference have the same name (`activations`). The reference is therefore
executed with an `__import__` of its own, under which an earlier chapter's name means the earlier
reference, whatever lies on sys.path or in sys.modules.
"""

from __future__ import annotations

import builtins
import marshal
import sys
from types import CodeType, ModuleType
from typing import Any

from autograder.errors import UserError
from autograder.manifest import Chapter, earlier_chapters

_PREFIX = "reference"


def load_reference(chapter: Chapter, source: str | None = None) -> ModuleType:
    """Return the chapter's reference module, freshly executed.

    `source` takes the place of the reference's own text (for proofs with changed references).
    """
    return _Library(chapter, source).module(chapter.module)


def library_code(chapter: Chapter) -> dict[str, bytes]:
    """Return the earlier chapters' references as marshalled code, by module name.

    This is the form in which they enter the worker: without source, docstrings included.
    """
    return {
        earlier.module: marshal.dumps(_compiled(earlier)) for earlier in earlier_chapters(chapter)
    }


def reference_source(chapter: Chapter) -> str:
    """Return the text of the reference, or say in one sentence that it is not here."""
    try:
        return chapter.source_file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(
            f"{chapter.name}: the reference solution is not part of this copy of the course"
        ) from None


def _compiled(chapter: Chapter, source: str | None = None) -> CodeType:
    text = reference_source(chapter) if source is None else source
    return compile(text, f"<{_PREFIX} {chapter.file}>", "exec", dont_inherit=True)


class _Library:
    """The modules that one reference consists of: its own and those of earlier chapters."""

    def __init__(self, chapter: Chapter, source: str | None) -> None:
        self._chapters = {each.module: each for each in (*earlier_chapters(chapter), chapter)}
        self._main, self._source = chapter.module, source
        self._modules: dict[str, ModuleType] = {}

    def module(self, name: str) -> ModuleType:
        if name not in self._modules:
            module = ModuleType(f"{_PREFIX}.{name}")
            self._modules[name] = module
            # dataclasses and pickle look a class's module up there
            sys.modules[module.__name__] = module
            vars(module)["__builtins__"] = {**vars(builtins), "__import__": self._import}
            source = self._source if name == self._main else None
            exec(_compiled(self._chapters[name], source), vars(module))
        return self._modules[name]

    def _import(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> ModuleType:
        if level == 0 and name in self._chapters:
            return self.module(name)
        return builtins.__import__(name, globals, locals, fromlist, level)
