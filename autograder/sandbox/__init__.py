"""The student handle in two forms: the learner's own process, and a locked-down worker.

The names are imported on first use: the fork server imports this package too, and what it has in
memory is what every submission could read.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.sandbox.box import NOT_ISOLATED, Sandbox
    from autograder.sandbox.errors import (
        LoadError,
        StudentCrash,
        StudentError,
        StudentFailure,
        StudentProtocol,
        StudentTimeout,
    )
    from autograder.sandbox.handle import Handle, attribute, put, same
    from autograder.sandbox.local import LocalSession
    from autograder.sandbox.lockdown import harden_process
    from autograder.sandbox.session import Program, Session
    from autograder.sandbox.wire import inout

_HOME = {
    "NOT_ISOLATED": "box",
    "Sandbox": "box",
    "LoadError": "errors",
    "StudentCrash": "errors",
    "StudentError": "errors",
    "StudentFailure": "errors",
    "StudentProtocol": "errors",
    "StudentTimeout": "errors",
    "Handle": "handle",
    "attribute": "handle",
    "put": "handle",
    "same": "handle",
    "harden_process": "lockdown",
    "LocalSession": "local",
    "Program": "session",
    "Session": "session",
    "inout": "wire",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOME[name]}")
    value = getattr(module, name)
    globals()[name] = value
    return value
