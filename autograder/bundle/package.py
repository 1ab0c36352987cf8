"""A bundle as files: sealed with an index, written as a folder and as a zip, read and verified.

The index, `.bundle.json`, names every file with its SHA-256, and stays in the student's copy, where
an update reads from it what was handed out. The same files give the same bytes everywhere: names
are sorted, times and modes fixed.
"""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.errors import UserError
from autograder.files import write_atomically

INDEX = ".bundle.json"
FORMAT = 1
MAX_FILES = 5_000
MAX_BYTES = 200_000_000
_TIME = (2000, 1, 1, 0, 0, 0)  # the same in every zip; later than 1980 in every time zone
_FILE = stat.S_IFREG | 0o644


@dataclass(frozen=True)
class Bundle:
    """The files of a bundle by their path, the index among them, and what the index says."""

    files: Mapping[str, bytes]
    course: str
    version: str
    hashes: Mapping[str, str]

    @property
    def digest(self) -> str:
        """What tells two bundles apart, whatever they are called."""
        return digest_of(self.hashes)


def sealed(files: Mapping[str, bytes], course: str, version: str) -> Bundle:
    """Return a bundle of these files, with a new index."""
    hashes = {path: _sha(files[path]) for path in sorted(files) if path != INDEX}
    index = {"format": FORMAT, "course": course, "version": version, "files": hashes}
    everything = {**files, INDEX: (json.dumps(index, indent=1) + "\n").encode()}
    return Bundle(dict(sorted(everything.items())), course, version, hashes)


def digest_of(hashes: Mapping[str, str]) -> str:
    """Return one digest of all files of an index."""
    lines = [f"{sha} {path}\n" for path, sha in sorted(hashes.items())]
    return _sha("".join(lines).encode())


# ---- writing


def zip_bytes(bundle: Bundle) -> bytes:
    """Return the bundle as a zip: everything in one folder that is called like the course."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, content in bundle.files.items():
            entry = zipfile.ZipInfo(f"{bundle.course}/{path}", _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, on whatever it is made
            entry.external_attr = _FILE << 16
            archive.writestr(entry, content, compresslevel=9)
    return stream.getvalue()


def write_folder(bundle: Bundle, folder: Path) -> None:
    """Write the bundle, over an older one if there is one; files that no bundle had stay.

    Raises UserError for a folder that holds something else; a new repository is as good as empty.
    """
    found = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if found - {".git"} and INDEX not in found:
        raise UserError(f"{folder} holds something that is not a bundle: name another folder")
    old = read_index(folder)[1] if (folder / INDEX).is_file() else {}
    for path in sorted(old.keys() - bundle.files.keys()):
        (folder / path).unlink(missing_ok=True)
    for path, content in bundle.files.items():
        target = folder / path
        if not target.is_file() or target.read_bytes() != content:
            write_atomically(target, content)


# ---- reading


def open_bundle(source: Path) -> Bundle:
    """Read a bundle from a zip or a folder; UserError, in one sentence, unless it is whole."""
    if source.is_dir():
        return _from_folder(source)
    try:
        return from_zip(source.read_bytes(), str(source))
    except OSError as error:
        raise UserError(f"{source} cannot be read: {error.strerror or error}") from None


def from_zip(data: bytes, name: str) -> Bundle:
    """Read a bundle from the bytes of a zip, called `name` where it is complained about."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse_unsafe(entries, name)
            found = {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UserError(f"{name} is no zip, or a damaged one: get it again ({error})") from None
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]
        raise UserError(f"{name} is a damaged zip: get it again ({error})") from None
    return _verified(_without_top(found), name)


def read_index(folder: Path, name: str = "") -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a folder's index says, and its hashes by path."""
    return _parse((folder / INDEX).read_bytes(), name or str(folder))


def _from_folder(folder: Path) -> Bundle:
    if not (folder / INDEX).is_file():
        raise UserError(f"{folder} is no bundle of a course: it has no {INDEX}")
    _, hashes = read_index(folder)
    files = {INDEX: (folder / INDEX).read_bytes()}
    for path in hashes:
        target = folder / path
        if target.is_file() and not target.is_symlink():
            files[path] = target.read_bytes()
    return _verified(files, str(folder))


def _verified(files: dict[str, bytes], name: str) -> Bundle:
    """Return the bundle, if these are exactly the files of its index."""
    if INDEX not in files:
        raise UserError(f"{name} is no bundle of a course: it has no {INDEX}")
    about, hashes = _parse(files[INDEX], name)
    if strange := sorted(files.keys() - hashes.keys() - {INDEX}):
        raise UserError(f"{name} is damaged: {strange[0]} does not belong to it: get it again")
    for path, sha in hashes.items():
        if path not in files:
            raise UserError(f"{name} is damaged: {path} is missing: get it again")
        if _sha(files[path]) != sha:
            raise UserError(f"{name} is damaged: {path} is not as it was made: get it again")
    return Bundle(dict(sorted(files.items())), about["course"], about["version"], hashes)


def _parse(content: bytes, name: str) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        about = json.loads(content)
        hashes = dict(about["files"])
        texts = [about["course"], about["version"], *hashes, *hashes.values()]
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{name} is damaged: its {INDEX} cannot be read: get it again") from None
    if about.get("format") != FORMAT:
        raise UserError(f"{name} is of another form than this copy knows: unpack it afresh")
    if not all(isinstance(text, str) for text in texts):
        raise UserError(f"{name} is damaged: its {INDEX} cannot be read: get it again")
    for path in hashes:
        _refuse_path(path, name)
    return about, hashes


def _refuse_unsafe(entries: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse names that lead out of the folder, links, and more than a bundle can hold."""
    for entry in entries:
        _refuse_path(entry.filename, name)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UserError(f"{name} is not safe to unpack: {entry.filename!r} is a link")
    if len({entry.filename for entry in entries}) != len(entries):
        raise UserError(f"{name} is damaged: it has a file twice")
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise UserError(f"{name} is too large to be a bundle")


def _refuse_path(path: str, name: str) -> None:
    parts = PurePosixPath(path).parts
    plain = all(sign.isprintable() and sign not in '\\:*?"<>|' for sign in path)
    whole = parts and "/".join(parts) == path and not path.startswith("/")
    if not plain or not whole or {"..", ".", ".git", ".venv"} & set(parts):
        raise UserError(f"{name} is not safe to unpack: it has a file called {path!r}")


def _without_top(files: dict[str, bytes]) -> dict[str, bytes]:
    """Take away the one folder that everything lies in."""
    tops = {path.partition("/")[0] for path in files}
    if len(tops) != 1 or not all("/" in path for path in files):
        return files
    return {path.partition("/")[2]: content for path, content in files.items()}


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
