"""The IDX format, in which MNIST is published: two zeros, the type, the axes, then the numbers."""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib
from collections.abc import Sequence

import numpy as np

_UINT8 = 0x0800  # the magic number is this plus the number of axes


def unpack(content: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """Return the uint8 array of a gzipped IDX file that holds exactly that shape.

    Raises ValueError with what was found instead of what was expected.
    """
    header, size = 4 + 4 * len(shape), math.prod(shape)
    # One byte more than there should be: a foreign file may unpack to anything.
    plain = _unzip(content, header + size + 1)
    if len(plain) < header:
        raise ValueError(f"{len(plain)} bytes unpacked instead of {header + size}")
    magic, *found = struct.unpack(f">{1 + len(shape)}I", plain[:header])
    if magic != _UINT8 + len(shape):
        raise ValueError(f"magic number {magic} instead of {_UINT8 + len(shape)}")
    if tuple(found) != shape:
        raise ValueError(f"{_times(found)} numbers instead of {_times(shape)}")
    if len(plain) != header + size:
        count = "more" if len(plain) > header + size else f"{len(plain) - header}"
        raise ValueError(f"{count} numbers after the header instead of {size}")
    return np.frombuffer(plain, np.uint8, offset=header).reshape(shape)


def flaw(content: bytes, shape: tuple[int, ...]) -> str:
    """Say what is wrong with a file that is not the expected one."""
    try:
        unpack(content, shape)
    except ValueError as error:
        return str(error)
    return "other numbers in the right form"


def _unzip(content: bytes, limit: int) -> bytes:
    if not content:
        raise ValueError("an empty file")
    if not content.startswith(b"\x1f\x8b"):
        raise ValueError(f"no gzip file: it begins with {content[:12]!r}")
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            return stream.read(limit)
    except EOFError:
        raise ValueError("cut off: the gzip data has no end") from None
    except (OSError, zlib.error):
        raise ValueError("damaged gzip data") from None


def _times(lengths: Sequence[int]) -> str:
    return " x ".join(map(str, lengths))
