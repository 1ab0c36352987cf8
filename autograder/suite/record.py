"""What a check looked at: kept while it runs, so that a failure can be compared with others.

Assertions note what they saw before they decide. Usually only the last one is kept: the ones
before it passed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Seen:
    """One named output as an assertion met it; `want` is None where nothing was compared.

    sign: what tells one wrong answer from another where that is not `got` itself.
    """

    name: str
    got: Any
    want: Any
    right: bool
    sign: Any = None


@dataclass
class Record:
    """How many assertions a check has reached, what the last one saw, and the inputs it named.

    history: what every assertion saw, with its number; None where that is not kept.
    """

    step: int = 0
    seen: tuple[Seen, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)
    history: list[tuple[int, Seen]] | None = None


_active: Record | None = None


@contextmanager
def recording(*, history: bool = False) -> Iterator[Record]:
    """Keep what the assertions of this block see. Blocks do not mix: the innermost one counts."""
    global _active
    before, _active = _active, Record(history=[] if history else None)
    try:
        yield _active
    finally:
        _active = before


def note(*seen: Seen, inputs: Mapping[str, Any] | None = None) -> None:
    """Say that an assertion has been reached and what it sees."""
    if _active is not None:
        _active.step += 1
        _active.seen, _active.inputs = seen, inputs or {}
        if _active.history is not None:
            _active.history += [(_active.step, each) for each in seen]
