"""Keys and screen of a terminal; plain lines where there is none.

A terminal is put into a mode in which every key counts at once, and is put back on every way out.
Without a terminal the letters of standard input are the keys, and its end is the end.
"""

from __future__ import annotations

import os
import queue
import re
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Protocol

END = "end of input"
_CLEAR = "\x1b[H\x1b[2J"
_ESCAPE = re.compile(r"\x1b(?:[\[O][0-9;]*[ -/]*[@-~]?|.)?")  # arrows and the like

_STYLES = {
    "passed": "green",
    "failed": "red",
    "crashed": "red",
    "out of time": "red",
    "waiting": "yellow",
    "not started": "yellow",
}
_WORD = re.compile(r"(?<=  )(passed|failed|crashed|out of time|waiting|not started)\b")


class Keys(Protocol):
    """Where keys come from."""

    def get(self, timeout: float) -> str | None:
        """Return the next key, END, or None where none came in time."""


def is_terminal() -> bool:
    """Whether a person types here and reads there."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def keys() -> Iterator[Keys]:
    """Give the keys of this process; the terminal is restored whatever happens."""
    if not is_terminal():
        yield _Letters()
    elif sys.platform == "win32":
        yield _WindowsKeys()
    else:
        with _ends_by_signal(), _restored() as terminal:
            yield terminal


class Screen:
    """Shows one page at a time; without a terminal, pages as lines one after the other."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(
            highlight=False, markup=False, emoji=False, soft_wrap=True, stderr=False
        )
        self.live = is_terminal() and not self._console.is_dumb_terminal
        self._waiting = ""

    def show(self, lines: list[str]) -> None:
        """Replace what is on the screen."""
        self._waiting = ""
        if self.live:
            sys.stdout.write(_CLEAR)
        for line in lines:
            self._print(line)
        if not self.live:
            self._print("")
        sys.stdout.flush()

    def wait(self, text: str) -> None:
        """Say on a live screen what takes its time, below the page."""
        if text == self._waiting:
            return
        self._waiting = text
        sys.stdout.write(f"\r{text}\x1b[K")
        sys.stdout.flush()

    def line(self, text: str) -> None:
        """Add a line; for where there is no live screen."""
        self._print(text)
        sys.stdout.flush()

    def _print(self, line: str) -> None:
        from rich.text import Text

        text = Text(line)
        if found := _WORD.search(line):
            text.stylize(_STYLES[found[1]], *found.span())
        self._console.print(text)


class _Letters:
    """The letters of a standard input that is no terminal, read in a thread."""

    def __init__(self) -> None:
        self._queue: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def get(self, timeout: float) -> str | None:
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            return None

    def _read(self) -> None:
        for line in sys.stdin:
            for letter in line.strip():
                self._queue.put(letter)
        self._queue.put(END)


class _WindowsKeys:
    """The keys of a Windows console, which is never switched to another mode."""

    def get(self, timeout: float) -> str | None:
        import msvcrt
        import time

        until = time.monotonic() + timeout
        while not msvcrt.kbhit():  # type: ignore[attr-defined]
            if time.monotonic() > until:
                return None
            time.sleep(0.01)
        key: str = msvcrt.getwch()  # type: ignore[attr-defined]
        if key in "\x00\xe0":  # an arrow or the like comes as two
            msvcrt.getwch()  # type: ignore[attr-defined]
            return None
        if key == "\x03":
            raise KeyboardInterrupt
        return key


class _PosixKeys:
    """The keys of a terminal, each at once and without echo."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._typed: list[str] = []

    def get(self, timeout: float) -> str | None:
        if not self._typed:
            ready, _, _ = select.select([self._handle], [], [], timeout)
            if not ready:
                return None
            try:
                data = os.read(self._handle, 1024)
            except OSError:  # the terminal is gone
                data = b""
            if not data or data == b"\x04":
                return END
            self._typed = list(_ESCAPE.sub("", data.decode("utf-8", "ignore")))
        return self._typed.pop(0) if self._typed else None


@contextmanager
def _restored() -> Iterator[_PosixKeys]:
    import termios
    import tty

    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)

    def every_key(*_: Any) -> None:
        tty.setcbreak(handle, termios.TCSADRAIN)

    # After Ctrl-Z and `fg` the shell has set its own mode.
    continued = signal.signal(signal.SIGCONT, every_key)
    try:
        every_key()
        yield _PosixKeys(handle)
    finally:
        signal.signal(signal.SIGCONT, continued)
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(handle, termios.TCSADRAIN, before)


@contextmanager
def _ends_by_signal() -> Iterator[None]:
    """Let the signals that end a process take the usual way out."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signals = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
