"""Read hand-ins: regular files from an allow-list, capped and hashed.

Everything else is named and left out.
A hand-in is somebody else's data: nothing is followed, executed or parsed here.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from autograder.errors import UsageError
from autograder.manifest import Chapter

MARKED = ".py"  # what decides the mark
# What a hand-in may hold without a remark; the last is ours, for a notebook that was put aside.
KNOWN = {".py", ".ipynb", ".txt", ".md", ".as-handed-in"}
MAX_FILE = 1 << 20  # bytes of one marked file
MAX_FILES = 50  # marked files of one hand-in
MAX_ENTRIES = 2000  # directory entries looked at
MAX_DEPTH = 4  # folders within folders
MAX_NOTES = 20  # remarks about one hand-in
_SKIPPED = {"__pycache__", ".ipynb_checkpoints"}


class Unreadable(str):
    """A remark about something that is there and would be marked, if only it could be read."""

    __slots__ = ()


@dataclass(frozen=True)
class Submission:
    """One hand-in: who, what is marked, and what was left out and why."""

    student: str
    name: str
    path: Path
    files: dict[str, bytes] = field(repr=False)
    ignored: tuple[str, ...] = ()

    @property
    def unreadable(self) -> tuple[str, ...]:
        """What could not be read, so that marking the rest would not be fair."""
        return tuple(note for note in self.ignored if isinstance(note, Unreadable))

    @property
    def content_hash(self) -> str:
        """SHA-256 over the names and bytes of the marked files."""
        digest = hashlib.sha256()
        for name, data in sorted(self.files.items()):
            for part in (name.encode("utf-8", "surrogatepass"), data):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


def find(path: Path, chapter: Chapter) -> list[Submission]:
    """Read the hand-ins at `path`: a file, one hand-in's folder, or a folder of hand-ins.

    A folder that holds a Python file is one hand-in; otherwise each folder in it is one, either
    directly or, as nbgrader lays them out, as `<student>/<chapter>/`.
    """
    return [take() for take in locate(path, chapter)]


def locate(path: Path, chapter: Chapter) -> list[Callable[[], Submission]]:
    """Return for each hand-in at `path` a function that reads it: a thousand need not be in memory.

    What `path` may be is said above.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist: name a .py file, a hand-in or a folder of them")
    if path.is_file():
        if path.suffix != MARKED:
            raise UsageError(f"{path} is not a Python file: hand-ins of {chapter.name} are")
        return [partial(_single, path, chapter)]
    folders = [child for child in sorted(path.iterdir()) if _is_folder(child)]
    if path.name == chapter.name or not folders or _has_python(path):
        return [partial(read, path, chapter)]
    nested = [child / chapter.name for child in folders if _is_folder(child / chapter.name)]
    return [partial(read, folder, chapter) for folder in (nested or folders)]


def read(folder: Path, chapter: Chapter) -> Submission:
    """Read one hand-in's folder."""
    files: dict[str, bytes] = {}
    ignored: list[str] = []
    try:
        for name, parent in _walk(folder, ignored):
            _take(name, Path(name).name, parent, files, ignored)
    except OSError as error:  # the folder itself; of those below it the walk makes a note
        _cannot(folder, ignored)(error)
    _rename_only_file(files, ignored, chapter)
    student = _owner(folder.resolve(), chapter)
    return Submission(student, student, folder, files, _brief(ignored))


def _single(path: Path, chapter: Chapter) -> Submission:
    files: dict[str, bytes] = {}
    ignored: list[str] = []
    _take(chapter.file, path, None, files, ignored)
    student = _owner(path.resolve().parent, chapter) if path.name == chapter.file else path.stem
    return Submission(student, str(path.name), path, files, tuple(ignored))


def _owner(folder: Path, chapter: Chapter) -> str:
    """Return whose folder it is: nbgrader's folders are `<student>/<chapter>`."""
    return folder.parent.name if folder.name == chapter.name else folder.name


def _walk(folder: Path, ignored: list[str]) -> Iterator[tuple[str, int]]:
    """Yield what lies below a folder and is none: relative name, descriptor of the folder around.

    Every folder is opened by way of the one around it: none that becomes a link meanwhile is
    followed, and no path is too long.
    """
    seen = 0
    for top, folders, files, parent in os.fwalk(folder, onerror=_cannot(folder, ignored)):
        here = Path(top).relative_to(folder)
        for name in [n for n in folders if _is_link(n, parent)]:
            ignored.append(f"{clean_name(str(here / name))}: symbolic link, left out")
        files.sort()  # also what is cut off must be the same everywhere
        seen += len(folders) + len(files)
        folders[:] = sorted(n for n in folders if n not in _SKIPPED and n[0] != ".")
        if seen > MAX_ENTRIES:
            ignored.append(f"more than {MAX_ENTRIES} files: the rest was not looked at")
            del files[max(0, MAX_ENTRIES - seen + len(files)) :], folders[:]
        elif len(here.parts) >= MAX_DEPTH and folders:
            ignored.append(f"{clean_name(str(here / folders[0]))}: too deep, not looked at")
            folders.clear()
        for name in files:
            yield (here / name).as_posix(), parent


def _cannot(folder: Path, ignored: list[str]) -> Callable[[OSError], None]:
    def note(error: OSError) -> None:
        name = Path(os.fsdecode(error.filename or folder)).name
        ignored.append(Unreadable(f"{clean_name(name)} cannot be read ({error.strerror})"))

    return note


def _is_link(name: str, parent: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except OSError:  # it is gone
        return True


def _take(
    name: str, place: Path | str, parent: int | None, files: dict[str, bytes], ignored: list[str]
) -> None:
    """Read one entry if it is to be marked: `place` is its name in the folder `parent`."""
    shown = clean_name(name)
    try:
        status = os.stat(place, dir_fd=parent, follow_symlinks=parent is None)
        why = _left_out(name, status, parent, len(files))
        data = _read_regular(place, parent) if why is None else None
    except OSError as error:
        ignored.append(Unreadable(f"{shown} cannot be read ({error.strerror})"))
        return
    if data is not None:
        files[name] = data
    elif why != "":
        ignored.append(f"{shown}: {why or 'changed while it was read'}, left out")


def _left_out(name: str, status: os.stat_result, parent: int | None, taken: int) -> str | None:
    """Say why an entry is not read; an empty text: without a remark."""
    if not stat.S_ISREG(status.st_mode):
        return "symbolic link" if stat.S_ISLNK(status.st_mode) else "special file"
    suffix = Path(name).suffix
    if suffix != MARKED:
        return "" if suffix in KNOWN else "not a file that is marked"
    if name != clean_name(name):
        return "a name with odd characters"
    if parent is not None and is_anothers(status, os.fstat(parent)):
        return "a link to somebody else's file"
    if status.st_size > MAX_FILE:
        return f"{status.st_size} bytes, at most {MAX_FILE} are read"
    return f"more than {MAX_FILES} Python files" if taken >= MAX_FILES else None


def is_anothers(file: os.stat_result, folder: os.stat_result) -> bool:
    """Say whether a file is a hard link that its folder's owner made to a file of somebody else.

    Whoever reads the hand-in may be allowed to read that file; its content would come out again.
    """
    return file.st_nlink > 1 and file.st_uid != folder.st_uid


def _read_regular(place: Path | str, parent: int | None) -> bytes | None:
    """Read a file that must still be a regular one when it is opened; never more than the cap.

    None if it has become something else since; OSError if it cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(place, flags, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            return None
        raise
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        data = stream.read(MAX_FILE + 1)
    return data if len(data) <= MAX_FILE else None


def _rename_only_file(files: dict[str, bytes], ignored: list[str], chapter: Chapter) -> None:
    """Take a hand-in's only Python file for the chapter's; say which files it has beside that."""
    if chapter.file not in files and len(files) == 1:
        (name,) = files
        files[chapter.file] = files.pop(name)
        ignored.append(f"{name}: taken as {chapter.file}, the only Python file of the hand-in")
        return
    others = ", ".join(sorted(files.keys() - {chapter.file}))
    if chapter.file not in files:
        ignored.append(f"{chapter.file} is missing" + (f"; there is {others}" if others else ""))
    elif others:
        ignored.append(f"{others}: beside {chapter.file}, which alone is marked")


def _brief(notes: list[str]) -> tuple[str, ...]:
    """Cut the remarks where there are too many to read; what could not be read stands first."""
    notes = sorted(notes, key=lambda note: not isinstance(note, Unreadable))
    more = [f"and {len(notes) - MAX_NOTES} more remarks like these"]
    return tuple(notes if len(notes) <= MAX_NOTES else notes[:MAX_NOTES] + more)


def clean_name(name: str) -> str:
    """Return a file name that can be printed: no control characters, bounded."""
    text = "".join(c if c.isprintable() and not "\ud800" <= c <= "\udfff" else "?" for c in name)
    return text if len(text) <= 200 else text[:197] + "..."


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(".")


def _has_python(path: Path) -> bool:
    return any(child.suffix == MARKED for child in path.iterdir())
