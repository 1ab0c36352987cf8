"""The leak check: is any text of a solution or a hidden check in what students can get?

It looks into a bundle's files, a zip (comments and entries' extra fields too), a folder, and the
whole history of a git repository; into notebooks and JSON, bytecode, compressed and encoded parts.
Names that have no business with students are found as such.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import subprocess
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from autograder.bundle.bytecode import compiled_file, looks_compiled, shapes, strings
from autograder.bundle.secrets import Secrets
from autograder.errors import UserError

FORBIDDEN = (
    "test_hidden.py",
    "mistakes.toml",
    "equivalent.toml",
    "evidence.py",
    "evidence.json",
    "proof.json",
    "gradebook.db",
    "roster.csv",
    "secret",
    "*.pyc",
    "solutions/*/lab.py",
)
_SKIPPED = {".venv", "__pycache__"}  # of a copy in use: no part of what is handed out
_DEPTH = 3  # of archives in archives
_LIMIT = 100_000_000  # bytes that an archive may unfold to
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
_PRINTABLE = re.compile(rb"[\t\n\r\x20-\x7e]{16,}")

Found = Iterator[tuple[str, str]]


def leaks_in(files: Mapping[str, bytes], secrets: Secrets) -> list[str]:
    """Return one sentence for each thing in these files that students must not get."""
    found: dict[str, None] = {}
    for path, content in files.items():
        found |= dict.fromkeys(_named(path))
        found |= dict.fromkeys(_sentence(path, *one) for one in _in_bytes(content, secrets, 0))
    return list(found)


def leaks(path: Path, secrets: Secrets) -> list[str]:
    """Return what is wrong with a zip, a folder, or a folder with its git history."""
    if path.is_file():
        content = path.read_bytes()
        if zipfile.is_zipfile(path):
            return leaks_in(_entries(content), secrets)
        return leaks_in({path.name: content}, secrets)
    if not path.is_dir():
        raise UserError(f"{path} is neither a file nor a folder")
    found = leaks_in(_below(path), secrets)
    return found + (_in_history(path, secrets) if (path / ".git").exists() else [])


def _named(path: str) -> Iterator[str]:
    for pattern in FORBIDDEN:
        if PurePosixPath(path).match(pattern):
            yield f"{path} is not for students"


def _sentence(path: str, what: str, words: str) -> str:
    return f"{path} holds text of {what}: {words[:60]}"


def _below(folder: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = {path.relative_to(folder): path for path in paths}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in names.items()
        if ".git" not in name.parts[:1] and not _SKIPPED & set(name.parts[:1])
    }


def _entries(content: bytes) -> dict[str, bytes]:
    """Return what a zip holds by name, the comments and extra fields as well."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > _LIMIT:
            raise UserError("the zip is too large to look through")
        found = {"the zip's comment": archive.comment}
        for entry in entries:
            found[entry.filename] = archive.read(entry)
            found[f"the comment of {entry.filename}"] = entry.comment + entry.extra
    return {name: data for name, data in found.items() if data}


def _in_bytes(content: bytes, secrets: Secrets, depth: int) -> Found:
    """Yield what is found in the bytes of a file, and in what they unfold to."""
    if looks_compiled(content):
        yield from _in_bytecode(content, secrets)
        return
    for name, inner in _unfolded(content) if depth < _DEPTH else ():
        yield from _in_bytes(name.encode() + b"\n" + inner, secrets, depth + 1)
        if looks_compiled(inner):
            yield from _in_bytecode(inner, secrets)
    text = _as_text(content)
    yield from secrets.in_text(text)
    for encoded in _ENCODED.findall(text) if depth < _DEPTH else ():
        if decoded := _decoded(encoded):
            yield from _in_bytes(decoded, secrets, depth + 1)


def _as_text(content: bytes) -> str:
    """Return a text as it is; of anything else, the printable runs."""
    for coding in ("utf-8", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8",):
        try:
            return content.decode(coding)
        except UnicodeDecodeError:
            continue
    return "\n".join(run.decode("ascii") for run in _PRINTABLE.findall(content))


def _in_bytecode(content: bytes, secrets: Secrets) -> Found:
    code = compiled_file(content)
    if code is None:
        yield "bytecode that this Python cannot read", ""
        return
    yield from secrets.in_text("\n".join(strings(code)))
    for shape in shapes(code):
        if shape in secrets.shapes:
            yield secrets.shapes[shape], f"a compiled function with {', '.join(shape[1][:4])}"


def _unfolded(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of an archive, with their names."""
    try:
        if content[:4] == b"PK\x03\x04":
            yield from _entries(content).items()
        elif content[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(content)) as stream:
                yield "", stream.read(_LIMIT)
        elif content[:1] == b"x" and content[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda"):
            yield "", zlib.decompressobj().decompress(content, _LIMIT)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError):
        return


def _decoded(text: str) -> bytes:
    """Return what a text says that looks like base64."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain[: len(plain) // 4 * 4])
    except (binascii.Error, ValueError):
        return b""


def _in_history(folder: Path, secrets: Secrets) -> list[str]:
    """Look through every object of a repository: files of all commits, messages, names."""
    command = ["git", "-C", str(folder), "cat-file", "--batch-all-objects", "--unordered"]
    done = subprocess.run([*command, "--batch"], capture_output=True, check=False)
    if done.returncode != 0:
        why = done.stderr.decode(errors="replace").strip()
        raise UserError(f"{folder}: its git history cannot be read: {why}")
    objects = {f"git object {name}": data for name, data in _objects(done.stdout)}
    return leaks_in(objects, secrets) + _names_in_history(folder)


def _objects(stream: bytes) -> Iterator[tuple[str, bytes]]:
    """Cut `git cat-file --batch` into objects: a line "<name> <kind> <size>", the content, \\n."""
    at = 0
    while at < len(stream):
        end = stream.index(b"\n", at)
        name, kind, size = stream[at:end].decode().split()
        content = stream[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
        if kind != "tree":
            yield name, content


def _names_in_history(folder: Path) -> list[str]:
    command = ["git", "-C", str(folder), "log", "--all", "--name-only", "-z", "--format="]
    done = subprocess.run(command, capture_output=True, check=False)
    names = {name.strip() for name in done.stdout.decode(errors="replace").split("\0")}
    return [f"git history: {one}" for name in sorted(names - {""}) for one in _named(name)]
