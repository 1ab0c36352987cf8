"""Where a course keeps its Results and its secret.

`<course>/results/<chapter>/<student>/<content hash>-<grader version>.json`: what has been marked,
and by which grader, is a matter of which files exist. Timings lie beside the Results, not in them.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.grading.intake import Submission
from autograder.grading.result import GRADED, Result, text_of
from autograder.grading.version import grader_version
from autograder.manifest import Chapter
from autograder.sandbox import NOT_ISOLATED

_SECRET_BYTES = 32


@dataclass(frozen=True)
class Store:
    """The results and the secret of one course folder."""

    root: Path

    def secret(self) -> bytes:
        """Return the course secret; it is made on first use, readable by its owner only."""
        path = self.root / "secret"
        if not path.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            _create_once(path, secrets.token_hex(_SECRET_BYTES).encode())
        data = path.read_bytes().strip()
        if len(data) < _SECRET_BYTES:
            raise UserError(f"{path} is damaged: restore it, or delete it and mark everything anew")
        return data

    def path(self, submission: Submission, chapter: Chapter, *, isolated: bool = True) -> Path:
        """Return the file that the Result of this submission and this grader lives in."""
        mark = "" if isolated else "-not-isolated"
        name = f"{submission.content_hash}-{grader_version(chapter)}{mark}.json"
        return self._results(chapter) / _folder_name(submission.student) / name

    def load(
        self, submission: Submission, chapter: Chapter, *, isolated: bool = True
    ) -> Result | None:
        """Return the stored Result, or None when there is none that can be read and was marked."""
        try:
            path = self.path(submission, chapter, isolated=isolated)
            data = json.loads(path.read_text(encoding="utf-8"))
            result = Result.from_json(data)
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None
        return result if result.status == GRADED else None

    def save(
        self,
        submission: Submission,
        chapter: Chapter,
        result: Result,
        timings: dict[str, float],
    ) -> None:
        """Store a Result, and the seconds of its checks beside it."""
        path = self.path(submission, chapter, isolated=NOT_ISOLATED not in result.isolation)
        write_atomically(path.with_suffix(".timings"), text_of(timings))
        write_atomically(path, text_of(result.to_json()))

    def _results(self, chapter: Chapter) -> Path:
        return self.root / "results" / chapter.name


def _create_once(path: Path, data: bytes) -> None:
    """Create a private file unless another process was first."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "wb") as stream:
        stream.write(data + b"\n")


def _folder_name(student: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.@-]", "_", student).lstrip(".") or "_"
