"""The files of data sets: where they lie, and whether they are exactly the expected ones."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError

FOLDER = Path(__file__).parent
FULL = FOLDER / "full"  # what `make data` has fetched; never committed


@dataclass(frozen=True)
class File:
    """One file, exactly as its publisher made it. shape: of the numbers in it, if it has some."""

    name: str
    size: int
    sha256: str
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class Fetched:
    """Files that are not part of the project: `make data` puts them into `folder` below FULL.

    folder: also their place below DLFS_DATA
    mirrors: addresses that have the same files, with {name} in the place of the file's name
    """

    folder: str
    files: tuple[File, ...]
    mirrors: tuple[str, ...]

    @property
    def size(self) -> int:
        """All files together, in bytes."""
        return sum(file.size for file in self.files)

    def is_here(self) -> bool:
        """Say whether some of the files are here; none of them is opened."""
        return self._place() is not None

    def contents(self, name: str) -> list[bytes]:
        """Return what is in the files; raise UserError unless they are exactly the expected ones.

        What DLFS_DATA has goes before what `make data` has fetched.
        """
        place = self._place()
        if place is None:
            raise UserError(self._absence(name))
        if place == FULL / self.folder:
            advice = f"`make data NAME={name}` fetches it anew"
        else:
            advice = "put the original there, or unset DLFS_DATA and run `make data`"
        return [self._content(place / file.name, file, advice) for file in self.files]

    def _content(self, path: Path, file: File, advice: str) -> bytes:
        expected = f"the file of {file.size} bytes with SHA-256 {file.sha256}"
        return verified(path, file.sha256, expected, advice, lambda found: self.flaw(found, file))

    def flaw(self, content: bytes, file: File) -> str:
        """Say what is wrong with content that has another digest than the file; "" if unknown."""
        return "cut off" if len(content) < file.size else ""

    def _place(self) -> Path | None:
        """The folder that is read: the first one that has any of the files."""
        given = given_folder()
        for root in [FULL] if given is None else [given, FULL]:
            if any((root / self.folder / file.name).is_file() for file in self.files):
                return root / self.folder
        return None

    def _absence(self, name: str) -> str:
        given, first, more = given_folder(), self.files[0].name, len(self.files) - 1
        where = f" ({given}, which DLFS_DATA names, has no {self.folder}/{first})" if given else ""
        others = f" and the {more} others" if more else ""
        return (
            f"the data set {name} is not here{where}: fetch it with `make data NAME={name}` "
            f"({readable(self.size)}), or let DLFS_DATA name a folder that has "
            f"{self.folder}/{first}{others}"
        )


def given_folder() -> Path | None:
    """Return the folder that DLFS_DATA names, if it does."""
    given = os.environ.get("DLFS_DATA")
    return Path(given).expanduser() if given and given_address() is None else None


def given_address() -> str | None:
    """Return the address that DLFS_DATA names, if it names one and no folder."""
    given = os.environ.get("DLFS_DATA", "")
    return given.rstrip("/") if re.match(r"https?://", given, re.IGNORECASE) else None


def readable(size: int) -> str:
    """Return a number of bytes as it is read: 9.9 MB, 29 kB."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{-(-size // 1000)} kB"


def verified(
    path: Path,
    sha256: str,
    expected: str,
    advice: str,
    flaw: Callable[[bytes], str] = lambda content: "",
) -> bytes:
    """Return the content of a file; raise UserError, with expected and found, if it is another.

    flaw: what it says of other content follows its digest and size
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        found = "no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
    else:
        digest = hashlib.sha256(content).hexdigest()
        if digest == sha256:
            return content
        found = ", ".join(filter(None, [f"{digest} ({len(content)} bytes)", flaw(content)]))
    raise UserError(f"{path}: expected {expected}, found {found}; {advice}")
