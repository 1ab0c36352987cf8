"""A careful reader of zip files: regular files with plain names, within limits, nothing else.

Nothing is written: what a name says never becomes a path here.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.classroom.handin import MAX_FILE
from autograder.errors import UserError
from autograder.grading.intake import clean_name

MAX_ENTRIES = 50_000
MAX_BYTES = 300_000_000  # of one download, unpacked

_SKIPPED = {"__MACOSX", "__pycache__", ".ipynb_checkpoints"}


class Room:
    """How much may still be unpacked, over a download and the zip files in it."""

    def __init__(self) -> None:
        self.entries = MAX_ENTRIES
        self.bytes = MAX_BYTES


def open_zip(file: Path | IO[bytes], shown: str) -> zipfile.ZipFile:
    """Open a zip file, or say that it is none."""
    try:
        return zipfile.ZipFile(file)
    except FileNotFoundError:
        raise UserError(f"{shown} does not exist: name the zip file you downloaded") from None
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"{shown} is not a zip file that can be read ({error})") from None


def files(
    archive: zipfile.ZipFile, odd: list[tuple[str, str]], room: Room
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file; `odd` gets (name, reason) for what is left out."""
    for info in archive.infolist():
        name = _name(info)
        if info.is_dir() or any(_skipped(part) for part in PurePosixPath(name).parts):
            continue
        room.entries -= 1
        if room.entries < 0 or room.bytes <= 0:
            odd.append(("", "more files than can be unpacked: the rest was left out"))
            return
        trouble = _trouble(info, name)
        content = None if trouble else _content(archive, info, room)
        if content is None:
            odd.append((clean_name(name), trouble or "damaged or too large, left out"))
        else:
            yield name, content


def _trouble(info: zipfile.ZipInfo, name: str) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "a link or special file, left out"
    parts = name.split("/")
    if ".." in parts or "" in parts or "\\" in name or ":" in parts[0] or name != clean_name(name):
        return "a name that leads elsewhere, left out"
    if info.flag_bits & 1:
        return "encrypted, left out"
    return None


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: Room) -> bytes | None:
    """Unpack one file, unless there is more of it than allowed: its size may be a lie."""
    most = min(MAX_FILE, room.bytes)
    try:
        with archive.open(info) as stream:
            content = stream.read(most + 1)
    except Exception:  # zipfile raises half a dozen kinds for damaged archives
        return None
    room.bytes -= len(content)
    return content if len(content) <= most else None


def _name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x800:
        return info.filename
    try:  # not marked as UTF-8, though many programs write it
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _skipped(part: str) -> bool:
    return part in _SKIPPED or (part.startswith(".") and not part.startswith(".."))
