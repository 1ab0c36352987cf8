"""Writing what was built, and saying whether it is up to date.

`assignments/` is at once what the build makes and where a learner works, so a build must know its
own files again. The index, `assignments/.built.json`, is committed and holds the SHA-256 of every
file as it was last built (line ends do not count). A file that still has its hash is replaced; any
other has been edited, by whoever it was, and is named and left alone.

`check` tells drift from work, and compares three things:

    what the sources give now   with the index                   differs: the build was forgotten
    the committed built file    with the committed index         differs: edited by hand, committed
    the file on disk            is not compared at all           a learner may have worked in it

"Committed" means git's index, which is HEAD in a fresh clone and the coming commit in a hook. In
the second line both sides come from git: a rebuild that is not committed yet is no fault. Where
git does not track the project (a copy of the folder), only the first comparison is made, and a
built file that is absent counts as drift.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from autograder.build.notebook import notebook
from autograder.build.regions import strip
from autograder.build.source import Source, shown
from autograder.build.suites import check_suites
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.manifest import Chapter
from autograder.project import Project

INDEX = ".built.json"
LAB_SOURCE = "lab.py"
LAB = "lab.ipynb"

Hashes = dict[str, str]


@dataclass(frozen=True)
class Built:
    """One file of a build and what became of it: "built", "same", "edited" (left) or "removed"."""

    path: Path
    state: str


def stub(chapter: Chapter) -> str:
    """Return the text of the chapter's stub module."""
    return strip(Source.read(chapter, chapter.source_file))


def lab(chapter: Chapter) -> str:
    """Return the text of the chapter's lab notebook."""
    return notebook(Source.read(chapter, chapter.solution_dir / LAB_SOURCE))


def build(chapter: Chapter) -> list[Built]:
    """Bring `assignments/<chapter>` up to date; leave every file that somebody has edited.

    Raises UserError when a source is faulty; then nothing has been written.
    """
    fresh = _fresh(chapter)
    folder = chapter.assignment_dir
    index = _read_index(chapter.project)
    known = index.get(chapter.name, {})
    done = [_write(folder / name, text, known.get(name)) for name, text in fresh.items()]
    done += [_remove(folder / name, known[name]) for name in known if name not in fresh]
    now = {name: _hash(text.encode()) for name, text in fresh.items()}
    edited = {one.path.name for one in done if one.state == "edited" and one.path.name in fresh}
    # An edited file keeps its old entry: its build is still to come, and `check` says so.
    kept = {name: value for name, value in known.items() if name in edited}
    index[chapter.name] = {name: now[name] for name in now if name not in edited} | kept
    _write_index(chapter.project, index)
    return done


def build_source(chapter: Chapter, folder: Path) -> list[Path]:
    """Write the pristine stub and notebook into `folder`, over whatever is there."""
    written = []
    for name, text in _fresh(chapter).items():
        write_atomically(folder / name, text)
        written.append(folder / name)
    return written


def check(chapter: Chapter) -> list[str]:
    """Return one sentence for each way in which the committed build is not up to date."""
    fresh = {name: _hash(text.encode()) for name, text in _fresh(chapter).items()}
    known = _read_index(chapter.project).get(chapter.name, {})
    return _drift(chapter, fresh, known) + _committed_by_hand(chapter)


def check_strays(project: Project, chapters: list[Chapter]) -> list[str]:
    """Return one sentence for each chapter that the index has and the course has no longer."""
    names = {chapter.name for chapter in chapters}
    strays = [name for name in _read_index(project) if name not in names]
    where = f"{project.assignments.name}/{INDEX}"
    return [f"{where} lists {name}, which is not a chapter: remove the entry" for name in strays]


def _fresh(chapter: Chapter) -> dict[str, str]:
    check_suites(chapter)
    return {chapter.file: stub(chapter), LAB: lab(chapter)}


def _drift(chapter: Chapter, fresh: Hashes, known: Hashes) -> list[str]:
    tracked = _tracked(chapter)
    found = []
    for name in sorted(fresh.keys() | known.keys()):
        path = chapter.assignment_dir / name
        if name not in fresh:
            found.append(f"{shown(chapter, path)} is no longer built")
        elif fresh[name] != known.get(name) or (not tracked and not path.exists()):
            found.append(f"{shown(chapter, path)} is out of date")
    return [f"{what}: run dlfs build {chapter.name} and commit what it makes" for what in found]


def _committed_by_hand(chapter: Chapter) -> list[str]:
    tracked = _tracked(chapter)
    committed = _blob(chapter.project, chapter.project.assignments / INDEX)
    known = _parse(chapter.project, committed).get(chapter.name, {}) if committed else {}
    listed = sorted(known.keys() | (tracked & {chapter.file, LAB}))
    return [sentence for name in listed for sentence in _one_committed(chapter, name, known)]


def _one_committed(chapter: Chapter, name: str, known: Hashes) -> list[str]:
    path = chapter.assignment_dir / name
    blob = _blob(chapter.project, path)
    if blob is None:
        return [f"{shown(chapter, path)} is in {INDEX} but not committed: add it to the commit"]
    if _hash(blob) != known.get(name):
        return [
            f"{shown(chapter, path)} was committed with changes made by hand, or without {INDEX}: "
            f"make them in {chapter.solution_dir.parent.name}/, build, and commit both"
        ]
    return []


def _write(path: Path, text: str, known: str | None) -> Built:
    if path.exists() or path.is_symlink():
        now = _file_hash(path)
        if now == _hash(text.encode()):
            return Built(path, "same")
        if now != known:
            return Built(path, "edited")
    write_atomically(path, text)
    return Built(path, "built")


def _remove(path: Path, known: str) -> Built:
    """Remove a file that is no longer built, unless somebody has worked in it."""
    if not path.exists():
        return Built(path, "removed")
    if _file_hash(path) != known:
        return Built(path, "edited")
    path.unlink()
    return Built(path, "removed")


def _file_hash(path: Path) -> str | None:
    return _hash(path.read_bytes()) if path.is_file() else None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def _read_index(project: Project) -> dict[str, Hashes]:
    path = project.assignments / INDEX
    return _parse(project, path.read_bytes()) if path.exists() else {}


def _parse(project: Project, content: bytes) -> dict[str, Hashes]:
    try:
        index = json.loads(content)
        return {chapter: dict(hashes) for chapter, hashes in index.items()}
    except (ValueError, AttributeError, TypeError):
        where = f"{project.assignments.name}/{INDEX}"
        raise UserError(f"{where} is damaged: restore it from git, then build again") from None


def _write_index(project: Project, index: dict[str, Hashes]) -> None:
    text = json.dumps(index, indent=1, sort_keys=True) + "\n"
    write_atomically(project.assignments / INDEX, text)


def _tracked(chapter: Chapter) -> set[str]:
    """Return the names of the chapter's files in git's index; empty where git does not rule."""
    folder = chapter.assignment_dir.relative_to(chapter.project.root).as_posix()
    listed = _git(chapter.project, "ls-files", "-z", "--", folder) or b""
    return {Path(name).name for name in listed.decode().split("\0") if name}


def _blob(project: Project, path: Path) -> bytes | None:
    return _git(project, "cat-file", "blob", f":./{path.relative_to(project.root).as_posix()}")


def _git(project: Project, *words: str) -> bytes | None:
    """Return what git prints, or None where it has nothing under that name."""
    try:
        done = subprocess.run(["git", *words], cwd=project.root, capture_output=True, check=False)
    except FileNotFoundError:
        return None
    if b"dubious ownership" in done.stderr:
        # Silence here would let a hand-edited file pass.
        why = done.stderr.decode().splitlines()[0]
        raise UserError(f"git refuses to read {project.root}: {why}")
    return done.stdout if done.returncode == 0 else None
