"""Data sets that are texts."""

from __future__ import annotations

from dataclasses import dataclass

from datasets.files import Fetched


@dataclass(frozen=True)
class Text:
    """A text in two parts, in its own order: train is the first 90 % of its characters.

    train + test is the whole text.
    """

    name: str
    train: str
    test: str


class TextFile(Fetched):
    """One file of plain text, in UTF-8."""

    def read(self, name: str) -> Text:
        """Return the text; raise UserError unless the file is exactly the expected one."""
        (content,) = self.contents(name)
        text = content.decode("utf-8")
        border = len(text) * 9 // 10
        return Text(name, text[:border], text[border:])
