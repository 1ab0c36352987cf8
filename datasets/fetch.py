"""`make data`: bring the data sets that are not part of the project, and say how it goes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from autograder.errors import UsageError, UserError
from autograder.files import write_atomically
from autograder.locks import lock
from datasets import download, files
from datasets.catalog import SOURCES
from datasets.download import Failed, Unreachable
from datasets.files import Fetched, File, given_address, given_folder, readable
from datasets.progress import Progress

PATIENCE = 3600.0  # seconds to wait for another process that fetches the same


def bring(names: Sequence[str]) -> None:
    """Fetch these sets, or all; print what, from where, how far, and what can be loaded then.

    Raises UsageError for an unknown name. A set that cannot be had does not keep the others away;
    the UserError comes at the end.
    """
    everything = [name for name, source in SOURCES.items() if isinstance(source, Fetched)]
    silent: dict[str, str] = {}  # mirrors that did not answer, with the reason
    there, missing, problems = [], [], []
    for name in _known(names) or everything:
        try:
            _bring_one(name, silent)
            there.append(name)
        except Failed as error:
            missing.append(name)
            problems.append(str(error))
    if there:
        print("to use it: " + ", ".join(f'datasets.load("{name}")' for name in there))
    if missing:
        raise UserError(
            f"{' and '.join(missing)} could not be fetched ({'; '.join(problems)}): "
            "what has arrived is kept, so try again later, "
            "or let DLFS_DATA name a folder or an address that has "
            + " and ".join(_example(name) for name in missing)
        )


def _example(name: str) -> str:
    source = SOURCES[name]
    return f"{source.folder}/{source.files[0].name}" if isinstance(source, Fetched) else name


def _known(names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if name not in SOURCES:
            raise UsageError(f"there is no data set {name!r}: choose from {', '.join(SOURCES)}")
    return names


def _bring_one(name: str, silent: dict[str, str]) -> None:
    source = SOURCES[name]
    if not isinstance(source, Fetched):
        source.read(name)
        print(f"{name}: comes with the project, verified")
        return
    folder = files.FULL / source.folder
    if all(_is_right(folder / file.name, file) for file in source.files):
        print(f"{name}: already here, verified ({_shown(folder)})")
        return
    print(f"{name}: {readable(source.size)}, into {_shown(folder)}", flush=True)
    with _alone(folder):
        for file in source.files:
            _bring_file(source, file, folder, silent)


def _bring_file(source: Fetched, file: File, folder: Path, silent: dict[str, str]) -> None:
    target = folder / file.name
    if _is_right(target, file):
        print(f"  {file.name}: already here, verified")
        return
    if target.is_file():
        flaw = source.flaw(target.read_bytes(), file) or "other content"
        print(f"  {file.name}: what is here is not the file ({flaw}); fetching it anew")
    reasons = []
    for mirror in _mirrors(source, file):
        host = _host(mirror)
        reason = silent.get(host) or _try(mirror, file, folder, silent)
        if reason is None:
            return
        reasons.append(f"{host} {reason}")
    raise Failed(f"{file.name}: {', '.join(reasons)}")


def _try(mirror: str | Path, file: File, folder: Path, silent: dict[str, str]) -> str | None:
    """Fetch from one mirror; return why that failed, or None."""
    shown = Progress(file, _host(mirror))
    try:
        if isinstance(mirror, Path):
            _copy(mirror, file, folder / file.name)
        else:
            download.fetch(file, folder, mirror, shown)
    except Failed as error:
        shown.failed(str(error))
        if isinstance(error, Unreachable):
            silent[shown.host] = str(error)
        return str(error)
    except BaseException:
        shown.clear()
        raise
    shown.verified()
    return None


def _mirrors(source: Fetched, file: File) -> Iterator[str | Path]:
    """What DLFS_DATA names, then the public ones."""
    if folder := given_folder():
        yield folder / source.folder / file.name
    elif address := given_address():
        yield f"{address}/{source.folder}/{file.name}"
    for mirror in source.mirrors:
        yield mirror.format(name=file.name)


def _copy(origin: Path, file: File, target: Path) -> None:
    try:
        content = origin.read_bytes()
    except FileNotFoundError:
        raise Failed("has no such file") from None
    except OSError as error:
        raise Failed(f"cannot be read ({error.strerror or error})") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise Failed(f"has another file ({len(content)} bytes)")
    try:
        write_atomically(target, content)
    except OSError as error:
        raise download.unwritable(target, file, error) from None


def _is_right(path: Path, file: File) -> bool:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError:
        return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two processes do not write the same file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with lock(
            folder / ".lock",
            PATIENCE,
            lambda: print("  another process fetches it: waiting", flush=True),
        ):
            yield
    except BrokenPipeError:  # whoever reads what is printed has gone
        raise
    except OSError as error:
        raise UserError(f"{folder}: cannot be written to ({error.strerror or error})") from None


def _host(mirror: str | Path) -> str:
    if isinstance(mirror, Path):
        return str(mirror.parent)
    return urlsplit(mirror).netloc.rpartition("@")[2]  # a name and password are not shown


def _shown(folder: Path) -> str:
    """The folder as seen from here, if it is below."""
    return os.path.relpath(folder) if folder.is_relative_to(Path.cwd()) else str(folder)
