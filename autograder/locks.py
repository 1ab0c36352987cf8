"""A lock between processes that ends with the process, however that ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def lock(
    path: Path, patience: float = 5.0, waits: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """Hold the lock that this file stands for; `waits` is called once if another one holds it.

    Raises OSError if it is still held after `patience` seconds, or if the file cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o644), "r+b") as stream:
        if not _taken(stream):
            waits()
            _wait_for(stream, patience)
        try:
            yield
        finally:
            _release(stream)


def _wait_for(stream: IO[bytes], patience: float) -> None:
    until = time.monotonic() + patience
    while not _taken(stream):
        if time.monotonic() > until:
            raise OSError("another process holds it")
        time.sleep(0.01)


if sys.platform == "win32":
    import msvcrt

    def _taken(stream: IO[bytes]) -> bool:
        try:
            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(stream: IO[bytes]) -> None:
        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _taken(stream: IO[bytes]) -> bool:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(stream: IO[bytes]) -> None:
        fcntl.flock(stream, fcntl.LOCK_UN)
