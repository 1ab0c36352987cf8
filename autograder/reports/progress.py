"""How far a long run is: a line that is redrawn on a terminal, else a plain one now and then."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

EVIDENCE = 5  # things done in this run before their time says something about the rest
PLAIN_SECONDS = 30.0  # between two lines where nothing can be redrawn
REDRAW_SECONDS = 0.1
_ERASE = "\r\x1b[K"


class Progress:
    """Counts what is done of `total`; `clear` leaves the terminal to others.

    Lines of the run itself go through `say`. How far it is goes to stderr, so that it is not in
    the way of a program that reads the lines. The time left is estimated from the durations of
    this run alone; what was found finished costs none and says nothing about it.
    """

    def __init__(
        self,
        total: int,
        what: str,
        *,
        out: TextIO | None = None,
        err: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total, self.done = total, 0
        self._what, self._clock = what, clock
        self._out, self._err = out or sys.stdout, err or sys.stderr
        self._live = self._err.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._worked: list[float] = []  # when the first and the latest of this run were done
        self._count = 0
        self._shown = clock()
        self._drawn = False

    def say(self, text: str) -> None:
        """Print lines above the progress."""
        self.clear()
        print(text, file=self._out, flush=True)

    def step(self, *, fresh: bool = True) -> None:
        """One more is done; `fresh` if it took work in this run."""
        self.done += 1
        now = self._clock()
        if fresh:
            self._count += 1
            self._worked = [*self._worked[:1], now]
        if self._due(now):
            self._show()
            self._shown = now

    def left(self) -> float | None:
        """Return the seconds that the rest will take, None while there is no evidence."""
        if self._count < EVIDENCE:
            return None
        first, latest = self._worked
        return (latest - first) / (self._count - 1) * (self.total - self.done)

    def _due(self, now: float) -> bool:
        if self.done == self.total:
            return False
        wait = REDRAW_SECONDS if self._live else PLAIN_SECONDS
        return now - self._shown >= wait or (self._live and not self._drawn)

    def _show(self) -> None:
        left = self.left()
        text = f"{self.done} of {self.total} {self._what}"
        text += f", {duration(left)} left" if left is not None else ""
        if not self._live:
            print(text, file=self._err, flush=True)
            return
        width = shutil.get_terminal_size().columns - 1
        print(f"{_ERASE}  {text}"[: width + len(_ERASE)], end="", file=self._err, flush=True)
        self._drawn = True

    def clear(self) -> None:
        """Take the line off the terminal."""
        if self._drawn:
            print(_ERASE, end="", file=self._err, flush=True)
            self._drawn = False


def duration(seconds: float) -> str:
    """Say how long something takes, no more exactly than one can know."""
    minutes = round(seconds / 60)
    if seconds < 55:
        return "less than a minute"
    if minutes < 90:
        return f"about {minutes} min"
    return f"about {minutes // 60} h {minutes % 60 // 10 * 10:02d} min"
