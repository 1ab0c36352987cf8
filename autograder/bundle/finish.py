"""The last steps of an update, which may be interrupted anywhere and are then taken up again.

Everything new lies ready in `.update/` before the first file of the copy is touched:

    .update/new/<path>       a file that will be put in place of the one at <path>
    .update/journal.json     {"put": [path, ...], "remove": [path, ...], "report": [line, ...]},
                             written last

Without a journal nothing has been changed, and the folder is thrown away. With one, the update is
carried through: by the process that wrote it, or by the next `dlfs` command. As the engine itself
may then be half old and half new, this module imports nothing of it.
"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

STAGE = ".update"
JOURNAL = "journal.json"
NEW = "new"


def finish_update(root: Path) -> bool:
    """Carry through what an interrupted update has left to do; say whether there was something."""
    try:
        steps = json.loads((root / STAGE / JOURNAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    try:
        carry_through(root, steps)
    except OSError as error:
        raise SystemExit(f"dlfs: an update was interrupted and cannot go on: {error}") from None
    print("dlfs: an update was interrupted; it is finished now", file=sys.stderr)
    print(*steps.get("report", []), sep="\n", end="\n\n", file=sys.stderr)
    return True


def carry_through(root: Path, steps: dict[str, Any]) -> None:
    """Do what the journal says; steps that have been done already are passed over."""
    for path in steps["put"]:
        _put(root / STAGE / NEW / path, root / path)
    for path in steps["remove"]:
        _remove(root, root / path)
    (root / STAGE / JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(root / STAGE, ignore_errors=True)


def _put(ready: Path, target: Path) -> None:
    if ready.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another terminal was faster
            ready.replace(target)


def _remove(root: Path, path: Path) -> None:
    """Remove a file, and the folders that are empty without it."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == root or not folder.is_dir() or not _empty(folder):
            return
        shutil.rmtree(folder)


def _empty(folder: Path) -> bool:
    """Say whether nothing is in a folder but what Python caches there."""
    return all(path.name == "__pycache__" for path in folder.iterdir())
