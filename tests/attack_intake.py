"""Hostile hand-ins as they lie on the disk: what reading and copying them gives away or costs."""

from __future__ import annotations

import importlib.util
import os
import stat
import time
from pathlib import Path
from types import ModuleType

from attack_arena import CORPUS, memory
from mini_chapter import mini_source

from autograder.classroom import unzip
from autograder.classroom.handin import copy_regular
from autograder.errors import UserError
from autograder.grading.intake import find, read
from autograder.manifest import Chapter

SECONDS, MEMORY = 10.0, 400  # of processor time; MiB
CANARY = "CANARY-1f0c7a56d9"
HONEST = mini_source("return 2 * x", "return 4 * x").encode()
ANOTHER = 54_321  # a user id
NOTES = 20_000  # characters of remarks about one hand-in


def load(name: str) -> ModuleType:
    """Return a file of the corpus as a module."""
    path = CORPUS / "intake" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"attacks_intake_{name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (module.__doc__ or "").startswith("Goal: ")
    return module


def names() -> list[str]:
    """Return the attacks; only root can lay somebody else's file into a folder."""
    paths = sorted((CORPUS / "intake").glob("*.py"))
    if os.getuid() != 0:
        paths = [path for path in paths if "# owner: another" not in path.read_text()]
    return [path.stem for path in paths]


def run(name: str, folder: Path, chapter: Chapter) -> list[str]:
    """Plant an attack, read it in every way; return in what it got through."""
    attack, secret = load(name), folder / "outside" / "reference.py"
    secret.parent.mkdir()
    secret.write_text(f"SECRET = '{CANARY}'\n", encoding="utf-8")
    if hasattr(attack, "download"):
        attack.download(folder / "download.zip", secret)
        return _timed(lambda: _unzipped(folder / "download.zip"))
    for student in ("ann", "eve"):
        (folder / "hand-ins" / student).mkdir(parents=True)
        (folder / "hand-ins" / student / "mini.py").write_bytes(HONEST)
    eve = folder / "hand-ins" / "eve"
    attack.plant(eve, secret)
    if os.getuid() == 0:  # the folder is the student's, what lies outside is not
        for place in [eve, *(path for path in eve.iterdir() if stat.S_ISDIR(path.lstat().st_mode))]:
            os.chown(place, ANOTHER, ANOTHER)
    before = _around(folder)
    found = _timed(lambda: _read(folder / "hand-ins", eve, chapter))
    found += _timed(lambda: _copied(eve, folder / "copy"))
    after = {path for path in _around(folder) if path != folder / "copy"}
    return found + [f"{path} was made or lost" for path in sorted(before ^ after)]


def _around(folder: Path) -> set[Path]:
    places = [folder, folder / "outside", folder / "hand-ins", folder.parent, Path("/tmp")]
    owned = {path for place in places for path in place.glob("*owned*")}
    return owned | set(folder.iterdir()) | set((folder / "outside").iterdir())


def _timed(work) -> list[str]:
    began, before = time.process_time(), memory(forget=True)
    found = work()
    if time.process_time() - began > SECONDS:
        found.append(f"took {time.process_time() - began:.0f} s")
    if memory() - before > MEMORY:
        found.append(f"cost {memory() - before} MiB")
    return found


def _read(folder: Path, eve: Path, chapter: Chapter) -> list[str]:
    try:
        ann, again = find(folder, chapter)
        hostile = read(eve, chapter)
    except Exception as error:
        return [f"stops everybody's marking: {type(error).__name__}: {error}"]
    found = [] if ann.files == {"mini.py": HONEST} and not ann.ignored else ["a neighbour is hurt"]
    if again.files != hostile.files:
        found.append("two readings differ")
    if any(CANARY.encode() in data for data in hostile.files.values()):
        found.append("a secret is read")
    if any(name != name.strip() or "/.." in name for name in hostile.files):
        found.append("a name that leads elsewhere")
    return found + _plain(list(hostile.ignored)) + _plain(list(hostile.files))


def _copied(eve: Path, target: Path) -> list[str]:
    try:
        said = copy_regular(eve, target)
    except Exception as error:
        return [f"stops the collection: {type(error).__name__}: {error}"]
    found = _plain(said)
    for path in target.rglob("*"):
        status = path.lstat()
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            found.append(f"{path.name!r} is copied as what it is")
        elif stat.S_IMODE(status.st_mode) & 0o7000:
            found.append(f"{path.name!r} keeps its mode")
        elif path.is_file() and CANARY.encode() in path.read_bytes():
            found.append("a secret is copied")
    return found


def _unzipped(path: Path) -> list[str]:
    """Read a download as `dlfs collect --zip` does, up to the point where names mean students."""
    import io

    odd: list[tuple[str, str]] = []
    room = unzip.Room()
    found = []
    try:
        with unzip.open_zip(path, "the download") as archive:
            for name, content in unzip.files(archive, odd, room):
                if name.endswith(".zip"):
                    with unzip.open_zip(io.BytesIO(content), name) as inner:
                        list(unzip.files(inner, odd, room))
                if name.startswith(("/", "..")) or "/.." in name or "\\" in name:
                    found.append(f"{name!r} leads elsewhere")
                found += _plain([name])
                if b"reference.py" in content:
                    found.append("a link is taken for a file")
    except UserError:
        pass
    return found + _plain([text for pair in odd[:1000] for text in pair])


def _plain(texts: list[str]) -> list[str]:
    """Return what must not be shown to an instructor."""
    odd = [text for text in texts if not text.isprintable() and text]
    found = [f"cannot be shown: {text!r}"[:90] for text in odd[:2]]
    if sum(map(len, texts)) > NOTES:
        found.append(f"{sum(map(len, texts))} characters of remarks")
    return found
