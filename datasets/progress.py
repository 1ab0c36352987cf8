"""How far a transfer is, on the screen."""

from __future__ import annotations

import shutil
import sys

from datasets.files import File, readable


class Progress:
    """How far a file is: on a terminal one line, redrawn; elsewhere a line after each fifth."""

    def __init__(self, file: File, host: str) -> None:
        self.file, self.host = file, host
        self.redraws = sys.stdout.isatty()
        self.first = self.there = -1

    def __call__(self, there: int) -> None:
        """Take in that so many bytes of the file are there now."""
        if self.first < 0 or there < self.first:  # the beginning, or from the start once more
            self.first = there
        before, self.there = self.there, there
        line = f"{self._of(there)} from {self.host}"
        if self.redraws:
            if before < 0 or readable(before) != readable(there):
                width = shutil.get_terminal_size().columns - 1
                print(f"\x1b[2K{self._line(line)[:width]}", end="\r", flush=True)
        elif self._fifth(there) > self._fifth(before) and 0 < there < self.file.size:
            print(self._line(line), flush=True)

    def failed(self, reason: str) -> None:
        """Say why this mirror did not give the file."""
        self._note(f"{self.host} {reason}")

    def verified(self) -> None:
        """Say that the file is there, and how much of it had been there before."""
        what = readable(self.file.size)
        if self.first > 0:
            what = f"the last {readable(self.file.size - self.first)} of {what}"
        self._note(f"{what} from {self.host}, verified")

    def clear(self) -> None:
        """Make room for what is printed next."""
        if self.redraws:
            print("\x1b[2K", end="", flush=True)

    def _note(self, text: str) -> None:
        self.clear()
        print(self._line(text), flush=True)

    def _line(self, text: str) -> str:
        return f"  {self.file.name}: {text}"

    def _of(self, there: int) -> str:
        return f"{readable(there)} of {readable(self.file.size)}"

    def _fifth(self, there: int) -> int:
        # Smaller files are there at once.
        return 5 * there // self.file.size if self.file.size > 5_000_000 else 0
