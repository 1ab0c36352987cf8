"""Hand-ins are hostile until proven otherwise: what is copied of them, how they are made safe.

nbgrader follows symbolic links with the instructor's rights and reads whatever calls itself a
notebook. So nothing but regular files is ever copied, and before nbgrader looks at a collected
folder, links are removed and an unreadable notebook is replaced by the released one.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autograder.classroom import notebooks
from autograder.classroom.course import Course
from autograder.errors import UserError

MAX_FILE = 20_000_000  # bytes
MAX_TOTAL = 60_000_000
MAX_FILES = 200
MAX_DEPTH = 4

ASIDE = ".as-handed-in"  # ending of a notebook that was put aside
_SKIPPED = ("__pycache__", ".ipynb_checkpoints")


def copy_regular(
    source: Path, target: Path, wanted: Callable[[Path], bool] = lambda _: True
) -> list[str]:
    """Copy the regular files of `source` that are `wanted` into the new folder `target`.

    Links are not followed, also not those that appear while copying; `wanted` sees relative names.
    Returns one sentence for each entry that was left out, apart from unwanted and cached ones.
    """
    target.mkdir(parents=True)
    odd: list[str] = []
    copied, room = 0, MAX_TOTAL
    for name, descriptor in _regular_files(source, odd):
        with os.fdopen(descriptor, "rb") as file:
            size = os.fstat(descriptor).st_size
            if not wanted(name):
                continue
            if copied >= MAX_FILES or size > min(MAX_FILE, room):
                odd.append(f"{name} was left out: too many files or too large ({size} bytes)")
                continue
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            content = file.read(size)
            (target / name).write_bytes(content)
            copied, room = copied + 1, room - size
    return odd


def _regular_files(source: Path, odd: list[str]) -> Iterator[tuple[Path, int]]:
    """Yield each regular file's relative name and an open descriptor (the caller closes it)."""
    for top, folders, files, folder_fd in os.fwalk(source):
        here = Path(top).relative_to(source)
        for name in [n for n in folders if _is_link(n, folder_fd)]:
            odd.append(f"{here / name} is a link to a folder: left out")
        folders[:] = sorted(n for n in folders if n not in _SKIPPED)
        if len(here.parts) >= MAX_DEPTH:
            folders.clear()
        for name in sorted(files):
            descriptor = _open_regular(name, folder_fd)
            if descriptor is None:
                odd.append(f"{here / name} is not a regular file: left out")
            else:
                yield here / name, descriptor


def _is_link(name: str, folder_fd: int) -> bool:
    mode = os.stat(name, dir_fd=folder_fd, follow_symlinks=False).st_mode
    return stat.S_ISLNK(mode)


def _open_regular(name: str, folder_fd: int) -> int | None:
    # Without O_NONBLOCK a named pipe would wait for a writer for ever.
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder_fd)
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def prepare(course: Course, chapter: str, student: str) -> list[str]:
    """Make one collected hand-in safe for nbgrader; return what was odd about it, a sentence each.

    Doing it again changes nothing. Raises UserError when the chapter was never released.
    """
    folder = course.submitted(student, chapter)
    if folder.is_symlink() or folder.parent.is_symlink():
        raise UserError(f"{folder} is a link: remove it and collect again")
    odd = [f"{name} is not a regular file: removed" for name in _remove_irregular(folder)]
    for released in released_notebooks(course, chapter):
        trouble = notebooks.trouble(folder / released.name)
        if trouble:
            _replace(folder / released.name, released)
            odd.append(f"{released.name} {trouble}: the released one stands in for it")
    return odd


def before_autograde(course: Course, notebooks: list[str], **_: Any) -> None:
    """Make a hand-in safe before nbgrader converts its `notebooks`, whoever asked it to.

    This is nbgrader's hook, also for its own command line and web pages. It only logs what goes
    wrong here; a link that is still there is found again by the preprocessor that writes scores.
    """
    folder = Path(notebooks[0]).parent
    prepare(course, folder.name, folder.parent.name)


def released_notebooks(course: Course, chapter: str) -> list[Path]:
    """Return the released notebooks, or say that there are none."""
    found = sorted(course.release(chapter).glob("*.ipynb"))
    if not found:
        raise UserError(f"{chapter} has not been released: dlfs release {chapter}")
    return found


def irregular(folder: Path) -> list[Path]:
    """Return everything below `folder` that is neither a folder nor a regular file."""
    found = []
    for top, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(top, name)
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                found.append(path)
    return found


def _remove_irregular(folder: Path) -> list[Path]:
    found = irregular(folder)
    for path in found:
        path.unlink()
    return [path.relative_to(folder) for path in found]


def _replace(path: Path, released: Path) -> None:
    if path.exists():
        # Not *.ipynb any more, so nbgrader copies it like any other file and never reads it.
        aside = path.with_name(path.name + ASIDE)
        if aside.is_dir():
            shutil.rmtree(aside)
        path.replace(aside)
    shutil.copyfile(released, path)
