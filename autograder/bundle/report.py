"""An update in words: what is new for the learner, what happened to their files, what is next."""

from __future__ import annotations

import textwrap
import tomllib
from pathlib import Path, PurePosixPath

from autograder.bundle.news import news
from autograder.bundle.package import Bundle
from autograder.bundle.update import Installed, Plan
from autograder.learner.sources import STUBS, shown
from autograder.reports.failure import WIDTH

_CHANGES = "CHANGELOG.md"
_ENVIRONMENT = {"pyproject.toml", "constraints.txt"}
_INSTALL = "pip install -c constraints.txt -e ."


def report(copy: Installed, bundle: Bundle, todo: Plan, kept: list[Path]) -> list[str]:
    """Return what there is to say about an update; read before it is carried out."""
    if not todo.put and not todo.remove:
        return [*todo.said, "nothing to do: this copy is up to date"]
    lines = [_versions(copy, bundle), *_news(copy, bundle), *_chapters(copy, bundle)]
    lines += todo.said
    lines += [f"kept: {shown(copy.project, path)}" for path in kept]
    lines += [*_untouched_work(todo), _count(todo)]
    if _ENVIRONMENT & todo.put.keys():
        lines.append("the next make renews the environment; without make: " + _INSTALL)
    return [*lines, "next: make test"]


def _versions(copy: Installed, bundle: Bundle) -> str:
    if copy.version == bundle.version:
        return f"version {bundle.version}, a newer state of it"
    return f"version {copy.version} -> {bundle.version}"


def _news(copy: Installed, bundle: Bundle) -> list[str]:
    old = copy.state(_CHANGES) or b""
    found = news(old.decode("utf-8", "replace"), bundle.files.get(_CHANGES, b"").decode())
    if not found:
        return []
    wrapped = [textwrap.wrap(each, WIDTH - 2, break_on_hyphens=False) for each in found]
    lines = [f"{'  ' if n else '- '}{line}" for each in wrapped for n, line in enumerate(each)]
    return ["", "what changed for you:", *lines, ""]


def _chapters(copy: Installed, bundle: Bundle) -> list[str]:
    manifests = [path for path in bundle.files if path.endswith("/chapter.toml")]
    return [
        f"{PurePosixPath(path).parent.name} is new: "
        f"{tomllib.loads(bundle.files[path].decode())['title']}"
        for path in manifests
        if path not in copy.hashes
    ]


def _untouched_work(todo: Plan) -> list[str]:
    """Name what is renewed in assignments/ because nobody had begun it."""
    renewed = [
        path.removeprefix("assignments/")
        for path in todo.put
        if path.startswith("assignments/")
        and not path.startswith(f"assignments/{STUBS}/")
        and path not in todo.aside
        and not path.endswith((".new.ipynb", ".new.py"))
    ]
    return [f"as they are handed out now: {', '.join(renewed)}"] if renewed else []


def _count(todo: Plan) -> str:
    removed = f", {len(todo.remove)} removed" if todo.remove else ""
    return f"{len(todo.put)} files are new or renewed{removed}"
