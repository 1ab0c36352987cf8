"""Where a bundle comes from: a zip, a folder, or an https address."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

from autograder.bundle.package import MAX_BYTES, Bundle, from_zip, open_bundle
from autograder.errors import UserError

_PATIENCE = 30.0  # seconds without a byte


def bring(word: str) -> Bundle:
    """Return the bundle that a word of the command line names."""
    if word.startswith("https://"):
        return from_zip(_downloaded(word), word)
    if "://" in word:
        raise UserError(f"{word} is no address that a bundle is taken from: it must be https://")
    path = Path(word).expanduser()
    if not path.exists():
        raise UserError(f"there is no {word}: name the zip or the folder of the new bundle")
    return open_bundle(path)


def _downloaded(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:
            data: bytes = answer.read(MAX_BYTES + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise UserError(f"{address} cannot be fetched: {getattr(error, 'reason', error)}") from None
    if len(data) > MAX_BYTES:
        raise UserError(f"{address} is too large to be a bundle")
    return data
