"""Hand-ins are hostile until proven otherwise: what is copied of them, how they are made safe.

nbgrader follows symbolic links with the instructor's rights and reads whatever calls itself a
notebook. So nothing but regular files is ever copied, and before nbgrader looks at a collected
folder, links are removed and an unreadable notebook is replaced by the released one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autograder.classroom import notebooks
from autograder.classroom.course import Course
from autograder.errors import UserError
from autograder.grading.intake import clean_name, is_anothers

MAX_FILE = 20_000_000  # bytes
MAX_TOTAL = 60_000_000
MAX_FILES = 200
MAX_DEPTH = 4
MAX_ENTRIES = 2_000  # looked at, whatever they are
MAX_SENTENCES = 5  # about one hand-in

HANDED_IN = (".py", ".ipynb")
ASIDE = ".as-handed-in"  # ending of a notebook that was put aside
_SKIPPED = ("__pycache__", ".ipynb_checkpoints")


def belongs(name: Path) -> bool:
    """Say whether a file of a student's folder goes along when it is handed in."""
    return len(name.parts) == 1 and name.suffix in HANDED_IN and not name.name.startswith(".")


def copy_regular(
    source: Path, target: Path, wanted: Callable[[Path], bool] = lambda _: True
) -> list[str]:
    """Copy the regular files of `source` that are `wanted` into the new folder `target`.

    Links are not followed, also not those that appear while copying; `wanted` sees relative names.
    Returns one sentence for each entry that was left out, apart from unwanted and cached ones.
    """
    target.mkdir(parents=True)
    odd: list[str] = []
    copied, room, dropped = 0, MAX_TOTAL, 0
    for name, descriptor in _regular_files(source, odd):
        with os.fdopen(descriptor, "rb") as file:
            size = os.fstat(descriptor).st_size
            if not wanted(name):
                continue
            if size > min(MAX_FILE, room):
                odd.append(f"{name} is too large ({size} bytes): left out")
                continue
            if copied >= MAX_FILES:
                dropped += 1
                continue
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            content = file.read(size)
            (target / name).write_bytes(content)
            copied, room = copied + 1, room - size
    if dropped:
        odd.append(f"more than {MAX_FILES} files: {dropped} were left out")
    return brief(odd)


def fingerprint(source: Path) -> str:
    """Return a digest of what `copy_regular` would look at in a folder."""
    digest = hashlib.sha256()
    for name, descriptor in _regular_files(source, []):
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(MAX_FILE)
        for part in (os.fsencode(name), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def brief(sentences: list[str]) -> list[str]:
    """Return the sentences about one hand-in, cut where there are too many to read."""
    if len(sentences) <= MAX_SENTENCES:
        return sentences
    shown = sentences[: MAX_SENTENCES - 1]
    return [*shown, f"and {len(sentences) - len(shown)} more entries like these"]


def _regular_files(source: Path, odd: list[str]) -> Iterator[tuple[Path, int]]:
    """Yield each regular file's relative name and an open descriptor (the caller closes it)."""
    seen = 0
    for top, folders, files, folder_fd in os.fwalk(source):
        here = Path(top).relative_to(source)
        seen += len(folders) + len(files)
        files.sort(key=_worth)
        if seen > MAX_ENTRIES:
            del files[max(0, MAX_ENTRIES - seen + len(files)) :], folders[:]
            odd.append(f"more than {MAX_ENTRIES} entries: the rest was not looked at")
        for name in [n for n in folders if _is_link(n, folder_fd)]:
            odd.append(f"{_shown(here / name)} is a link to a folder: left out")
        folders[:] = sorted(n for n in folders if n not in _SKIPPED)
        if len(here.parts) >= MAX_DEPTH:
            folders.clear()
        for name in files:
            if name != clean_name(name):
                odd.append(f"{_shown(here / name)} has a name with odd characters: left out")
                continue
            descriptor = _open_regular(name, folder_fd)
            if descriptor is None:
                odd.append(f"{_shown(here / name)} is not a regular file: left out")
            else:
                yield here / name, descriptor


def _worth(name: str) -> tuple[bool, str]:
    """Sort what belongs to a hand-in first: it must not be crowded out."""
    return not name.endswith(HANDED_IN), name


def _shown(name: Path) -> str:
    return clean_name(name.as_posix())


def _is_link(name: str, folder_fd: int) -> bool:
    mode = os.stat(name, dir_fd=folder_fd, follow_symlinks=False).st_mode
    return stat.S_ISLNK(mode)


def _open_regular(name: str, folder_fd: int) -> int | None:
    # Without O_NONBLOCK a named pipe would wait for a writer for ever.
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder_fd)
    except OSError:
        return None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and not is_anothers(status, os.fstat(folder_fd)):
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
    odd = [f"{_shown(name)} is not a regular file: removed" for name in _remove_irregular(folder)]
    released = released_notebooks(course, chapter)
    odd += _settle_names(folder, released)
    for pristine in released:
        trouble = notebooks.trouble(folder / pristine.name)
        if trouble:
            _replace(folder / pristine.name, pristine)
            odd.append(f"{pristine.name} {trouble}: the released one stands in for it")
        elif changed := notebooks.changes(*map(notebooks.read, (pristine, folder / pristine.name))):
            what = ", ".join(changed[:MAX_SENTENCES])
            odd.append(f"{clean_name(what)} in {pristine.name}; the released cells count")
    return brief(odd)


def _settle_names(folder: Path, released: list[Path]) -> list[str]:
    """Take the only notebook for the chapter's, whatever it is called; put strange ones aside."""
    known = {path.name for path in released}
    strange = [path for path in sorted(folder.glob("*.ipynb")) if path.name not in known]
    missing = [path for path in released if not (folder / path.name).exists()]
    if len(strange) == len(missing) == 1 and notebooks.is_version_of(strange[0], missing[0]):
        strange[0].rename(folder / missing[0].name)
        return [f"{strange[0].name} taken as {missing[0].name}, the only notebook of the hand-in"]
    for path in strange:
        _put_aside(path)
    return [f"{path.name} is not a notebook of this chapter: put aside" for path in strange]


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
        _put_aside(path)
    shutil.copyfile(released, path)


def _put_aside(path: Path) -> None:
    # Not *.ipynb any more, so nbgrader copies it like any other file and never reads it; a folder
    # is hidden, so that nothing in it is taken for a part of the hand-in.
    hidden = "." if path.is_dir() else ""
    aside = path.with_name(hidden + path.name + ASIDE)
    if aside.is_dir():
        shutil.rmtree(aside)
    path.replace(aside)
