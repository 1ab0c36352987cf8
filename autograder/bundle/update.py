"""Taking a newer bundle into a student's copy, without touching the student's work.

Of every file three states are compared: as it was handed out (the copy's own index), as it is now,
and as the new bundle has it.

    what the course runs on (engine, suites, data, texts)   is renewed; an edited one is kept aside
    what is worked in (assignments/, settings)              is renewed while it is untouched
        a module in which work has begun                    function by function, see merge
        a notebook that was only run                        renewed, its outputs kept aside
        anything else that both sides have changed          stays; the new one lies beside it
    a file that the new bundle has no longer                goes, unless it was edited
    a file that no bundle ever had                          is the student's own and stays

Nothing is changed before all that is new lies ready; see finish for what an interruption does.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.bundle import finish
from autograder.bundle.merge import merge
from autograder.bundle.package import INDEX, Bundle, digest_of, read_index
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.learner.sources import STUBS, keep_file
from autograder.project import Project

SETTINGS = ("grading/course.toml", ".gitignore")
_KNOWN = 50  # earlier bundles that a copy remembers


@dataclass
class Installed:
    """A student's copy: what was handed out, and the bundles that it has been before."""

    project: Project
    course: str
    version: str
    hashes: Mapping[str, str]
    before: list[str]

    @classmethod
    def at(cls, project: Project) -> Installed:
        """Read the index of a copy; UserError where this is not a student's copy."""
        if not (project.root / INDEX).is_file():
            raise UserError(
                f"{project.root} is not a student's copy made by `make bundle`: "
                "a clone of the whole course is brought up to date with git"
            )
        about, hashes = read_index(project.root, f"this copy's {INDEX}")
        return cls(project, about["course"], about["version"], hashes, about.get("before", []))

    def state(self, path: str) -> bytes | None:
        """Return a file as it is now."""
        target = self.project.root / path
        if target.is_dir() and not target.is_symlink():
            raise UserError(f"{path} is a folder here, and a file of the course: move it away")
        return target.read_bytes() if target.is_file() else None

    def untouched(self, path: str, content: bytes) -> bool:
        """Say whether a file is as it was handed out; line ends do not count."""
        return self.hashes.get(path) in (_sha(content), _sha(content.replace(b"\r\n", b"\n")))


@dataclass
class Plan:
    """What an update will do, and what is said about it."""

    put: dict[str, bytes] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)  # the student's own, copied before it changes
    said: list[str] = field(default_factory=list)


def refuse_older(copy: Installed, bundle: Bundle, name: str) -> None:
    """Refuse a bundle of another course, and one that is older than this copy."""
    if bundle.course != copy.course:
        raise UserError(
            f"{name} is of the course {bundle.course!r}, and this copy of {copy.course!r}: "
            "nothing was changed"
        )
    if _number(bundle.version) < _number(copy.version):
        why = f"version {bundle.version}, and this copy is {copy.version}"
    elif bundle.digest in copy.before and bundle.digest != digest_of(copy.hashes):
        why = "an earlier state of this copy"
    else:
        return
    raise UserError(f"{name} is older than what you have ({why}): nothing was changed")


def plan(copy: Installed, bundle: Bundle) -> Plan:
    """Return what there is to do; nothing is changed by it."""
    todo = Plan()
    for path in sorted((bundle.hashes.keys() | copy.hashes.keys()) - {INDEX}):
        new, now = bundle.files.get(path), copy.state(path)
        if new is None:
            _gone(copy, todo, path, now)
        elif now is None or (now != new and copy.untouched(path, now)):
            todo.put[path] = new
        elif now != new:
            _changed(copy, todo, path, now, bundle)
    return todo


def keep_aside(copy: Installed, todo: Plan) -> list[Path]:
    """Copy what is the student's own and will change; return where it is kept."""
    root = copy.project.root
    return [found for path in todo.aside if (found := keep_file(copy.project, root / path))]


def carry_out(copy: Installed, bundle: Bundle, todo: Plan, report: list[str]) -> None:
    """Do what is planned. `report` is for whoever finishes it if this is interrupted."""
    root = copy.project.root
    stage = root / finish.STAGE
    try:
        shutil.rmtree(stage, ignore_errors=True)  # of an update that never began
        for path, content in {**todo.put, INDEX: _index(copy, bundle)}.items():
            write_atomically(stage / finish.NEW / path, content)
        steps = {"put": [*todo.put, INDEX], "remove": todo.remove, "report": report}
        write_atomically(stage / finish.JOURNAL, json.dumps(steps))
        finish.carry_through(root, steps)
    except OSError as error:
        raise UserError(
            f"the update is not done ({error.strerror or error}: {error.filename}): mend that "
            "and run it again; your work is as it was"
        ) from None


def _gone(copy: Installed, todo: Plan, path: str, now: bytes | None) -> None:
    if now is None:
        return
    if copy.untouched(path, now):
        todo.remove.append(path)
    else:
        todo.said.append(f"{path} is no longer part of the course; you have changed it: it stays")


def _changed(copy: Installed, todo: Plan, path: str, now: bytes, bundle: Bundle) -> None:
    """Plan for a file that the student has changed."""
    new = bundle.files[path]
    if not _is_work(path):
        todo.put[path] = new
        todo.aside.append(path)
        todo.said.append(f"{path} had been changed here: it is renewed, yours is kept")
    elif copy.hashes.get(path) == bundle.hashes[path]:
        return  # theirs, and nothing new
    elif path.endswith(".py"):
        _module(copy, todo, path, now, bundle)
    elif path.endswith(".ipynb") and _only_run(copy, path, now):
        todo.put[path] = new
        todo.aside.append(path)
        todo.said.append(f"{path} has changed; you had only run it: it is renewed, yours is kept")
    else:
        beside = PurePosixPath(path).with_suffix(".new" + PurePosixPath(path).suffix)
        todo.put[str(beside)] = new
        if copy.state(str(beside)) not in (None, new):
            todo.aside.append(str(beside))  # of an earlier update, and perhaps worked in
        todo.said.append(f"{path} has changed, and so has yours: yours stays, see {beside.name}")


def _is_work(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return path in SETTINGS or (parts[0] == "assignments" and parts[1] != STUBS)


def _module(copy: Installed, todo: Plan, path: str, now: bytes, bundle: Bundle) -> None:
    """Plan for a module in which work has begun."""
    stub, old = _stub_of(path), copy.state(_stub_of(path))
    new = bundle.files[path].decode()
    if old is None or not copy.untouched(stub, old):
        todo.said.append(f"{path} has changed, and so has yours: yours stays; the new one: {stub}")
        return
    text = now.decode("utf-8", "surrogateescape")
    merged = merge(_plain(text), _plain(old.decode()), new)
    if merged.taken or merged.text != _plain(text):
        ended = merged.text.replace("\n", "\r\n") if "\r\n" in text else merged.text
        todo.put[path] = ended.encode("utf-8", "surrogateescape")
        todo.aside.append(path)
    if merged.taken:
        todo.said.append(f"{path}: new, as you had not begun it: {', '.join(merged.taken)}")
    if merged.yours:
        names = ", ".join(f"{name} (line {line})" for name, line in merged.yours.items())
        todo.said.append(f"{path}: has changed, but is yours by now and stays: {names}")
        todo.said.append(f"  those lines are of the new stub, {stub}")


def _only_run(copy: Installed, path: str, now: bytes) -> bool:
    """Say whether a notebook has the cells that were handed out, whatever they printed."""
    old = copy.state(_stub_of(path))
    return old is not None and _cells(old) is not None and _cells(old) == _cells(now)


def _cells(content: bytes) -> list[tuple[str, str]] | None:
    try:
        cells = json.loads(content)["cells"]
        return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError):
        return None


def _stub_of(path: str) -> str:
    return path.replace("assignments/", f"assignments/{STUBS}/", 1)


def _index(copy: Installed, bundle: Bundle) -> bytes:
    """Return the index of the copy as it will be: the bundle's, with the earlier ones noted."""
    about = json.loads(bundle.files[INDEX])
    now = digest_of(copy.hashes)
    before = [*copy.before, now] if now != bundle.digest else copy.before
    return (json.dumps({**about, "before": before[-_KNOWN:]}, indent=1) + "\n").encode()


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
