"""Read hand-ins: regular files from an allow-list, capped and hashed.

Everything else is named and left out.
A hand-in is somebody else's data: nothing is followed, executed or parsed here.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import UsageError
from autograder.manifest import Chapter

MARKED = ".py"  # what decides the mark
KNOWN = {".py", ".ipynb", ".txt", ".md"}  # what a hand-in may hold without a remark
MAX_FILE = 1 << 20  # bytes of one marked file
MAX_FILES = 50  # marked files of one hand-in
MAX_ENTRIES = 2000  # directory entries looked at
_SKIPPED = {"__pycache__", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class Submission:
    """One hand-in: who, what is marked, and what was left out and why."""

    student: str
    name: str
    path: Path
    files: dict[str, bytes] = field(repr=False)
    ignored: tuple[str, ...] = ()

    @property
    def content_hash(self) -> str:
        """SHA-256 over the names and bytes of the marked files."""
        digest = hashlib.sha256()
        for name, data in sorted(self.files.items()):
            for part in (name.encode("utf-8", "surrogatepass"), data):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


def find(path: Path, chapter: Chapter) -> list[Submission]:
    """Return the hand-ins at `path`: a file, one hand-in's folder, or a folder of hand-ins.

    A folder that holds a Python file is one hand-in; otherwise each folder in it is one, either
    directly or, as nbgrader lays them out, as `<student>/<chapter>/`.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist: name a .py file, a hand-in or a folder of them")
    if path.is_file():
        if path.suffix != MARKED:
            raise UsageError(f"{path} is not a Python file: hand-ins of {chapter.name} are")
        return [_single(path, chapter)]
    folders = [child for child in sorted(path.iterdir()) if _is_folder(child)]
    if path.name == chapter.name or not folders or _has_python(path):
        return [read(path, chapter)]
    nested = [child / chapter.name for child in folders if _is_folder(child / chapter.name)]
    return [read(folder, chapter) for folder in (nested or folders)]


def read(folder: Path, chapter: Chapter) -> Submission:
    """Read one hand-in's folder."""
    files: dict[str, bytes] = {}
    ignored: list[str] = []
    for name, path, status in _walk(folder, ignored):
        _take(name, path, status, files, ignored)
    _rename_only_file(files, ignored, chapter)
    student = _owner(folder.resolve(), chapter)
    return Submission(student, student, folder, files, tuple(ignored))


def _single(path: Path, chapter: Chapter) -> Submission:
    files: dict[str, bytes] = {}
    ignored: list[str] = []
    _take(chapter.file, path, path.stat(), files, ignored)
    student = _owner(path.resolve().parent, chapter) if path.name == chapter.file else path.stem
    return Submission(student, str(path.name), path, files, tuple(ignored))


def _owner(folder: Path, chapter: Chapter) -> str:
    """Return whose folder it is: nbgrader's folders are `<student>/<chapter>`."""
    return folder.parent.name if folder.name == chapter.name else folder.name


def _walk(folder: Path, ignored: list[str]) -> Iterator[tuple[str, Path, os.stat_result]]:
    """Yield regular files below a folder by relative name; follow nothing, stop at the cap."""
    seen = 0
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError as error:
            ignored.append(f"{_shown(current, folder)}: cannot be read ({error.strerror})")
            continue
        for entry in entries:
            seen += 1
            if seen > MAX_ENTRIES:
                ignored.append(f"more than {MAX_ENTRIES} files: the rest was not looked at")
                return
            path = Path(entry.path)
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                if entry.name not in _SKIPPED and not entry.name.startswith("."):
                    waiting.append(path)
            elif stat.S_ISREG(status.st_mode):
                yield path.relative_to(folder).as_posix(), path, status
            else:
                kind = "symbolic link" if entry.is_symlink() else "special file"
                ignored.append(f"{_shown(path, folder)}: {kind}, left out")


def _take(
    name: str,
    path: Path,
    status: os.stat_result,
    files: dict[str, bytes],
    ignored: list[str],
) -> None:
    shown = clean_name(name)
    if path.suffix != MARKED:
        if path.suffix not in KNOWN:
            ignored.append(f"{shown}: not a file that is marked, left out")
        return
    if name != shown:
        ignored.append(f"{shown}: a name with odd characters, left out")
    elif status.st_size > MAX_FILE:
        ignored.append(f"{shown}: {status.st_size} bytes, at most {MAX_FILE} are read; left out")
    elif len(files) >= MAX_FILES:
        ignored.append(f"{shown}: more than {MAX_FILES} Python files, left out")
    else:
        data = _read_regular(path)
        if data is None:
            ignored.append(f"{shown}: cannot be read, left out")
        else:
            files[name] = data


def _read_regular(path: Path) -> bytes | None:
    """Read a file that must still be a regular one when it is opened; never more than the cap."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        data = stream.read(MAX_FILE + 1)
    return data if len(data) <= MAX_FILE else None


def _rename_only_file(files: dict[str, bytes], ignored: list[str], chapter: Chapter) -> None:
    """Take a hand-in's only Python file for the chapter's, whatever it is called."""
    if chapter.file not in files and len(files) == 1:
        (name,) = files
        files[chapter.file] = files.pop(name)
        ignored.append(f"{name}: taken as {chapter.file}, the only Python file of the hand-in")
    elif chapter.file not in files:
        ignored.append(f"{chapter.file} is missing")


def clean_name(name: str) -> str:
    """Return a file name that can be printed: no control characters, bounded."""
    text = "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "?" for c in name)
    return text if len(text) <= 200 else text[:197] + "..."


def _shown(path: Path, folder: Path) -> str:
    return clean_name(path.relative_to(folder).as_posix())


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(".")


def _has_python(path: Path) -> bool:
    return any(child.suffix == MARKED for child in path.iterdir())
