"""When a hand-in reached the exchange: never from anything that the student can write.

nbgrader writes the time into the name of the inbound folder and into a file in it. Both are made
by the student's own process. What a user cannot set is the time of the last change that the file
system keeps for every entry (ctime): it only moves forward. So the name counts where the file
system agrees with it, else the last change does. What has been seen once is noted in the course, so
that a restored or moved exchange makes nobody late.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.classroom.handin import fingerprint
from autograder.files import write_atomically

STAMP = "timestamp.txt"
AGREES = timedelta(seconds=60)  # copying takes a moment, and clocks differ a little


def changed(folder: Path) -> datetime:
    """Return when the folder or anything in it was last changed, as the file system knows it."""
    newest = folder.lstat().st_ctime_ns
    for top, folders, files in os.walk(folder):
        for name in (*folders, *files):
            newest = max(newest, Path(top, name).lstat().st_ctime_ns)
    return datetime.fromtimestamp(newest // 1_000_000_000, UTC) + timedelta(
        microseconds=newest % 1_000_000_000 // 1000
    )


def stamp(moment: datetime) -> str:
    """Write a moment as nbgrader reads it from a collected hand-in's timestamp.txt."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def read_stamp(folder: Path) -> datetime | None:
    """Return when a collected hand-in had reached the exchange, if that is known."""
    try:
        text = (folder / STAMP).read_text(encoding="utf-8").strip()
        return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC)
    except (OSError, ValueError):
        return None


class Ledger:
    """The arrivals of one course, kept in a file of the instructor's."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = _load(path)
        self._changed = False

    def arrival(self, folder: Path, named: datetime) -> tuple[datetime, bool]:
        """Return when an inbound folder arrived, and whether its name tells another time."""
        last = changed(folder)
        known = self._known.get(folder.name)
        if known is None or known["changed"] != last.isoformat():
            content = fingerprint(folder)
            if known is None or known["content"] != content:
                arrived = named if abs(last - named) <= AGREES else last
                known = {"arrived": arrived.isoformat(), "content": content}
            self._known[folder.name] = {**known, "changed": last.isoformat()}
            self._changed = True
        arrived = datetime.fromisoformat(known["arrived"])
        return arrived, arrived != named

    def save(self) -> None:
        """Write down what is new."""
        if self._changed:
            write_atomically(self.path, json.dumps(self._known, indent=1, sort_keys=True) + "\n")
            self._changed = False


def _load(path: Path) -> dict[str, dict[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {name: one for name, one in data.items() if {"arrived", "content"} <= one.keys()}
    except (OSError, ValueError, AttributeError):
        return {}
