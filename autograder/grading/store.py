"""Where a course keeps its Results and its secret.

`<course>/results/<chapter>/<student>/<content hash>-<grader version>.json`: what has been marked,
and by which grader, is a matter of which files exist. Timings lie beside the Results, not in them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.grading.intake import Submission
from autograder.grading.result import GRADED, Result, text_of
from autograder.grading.version import grader_version
from autograder.locks import lock
from autograder.manifest import Chapter

_SECRET_BYTES = 32
NOT_ISOLATED_MARK = "-not-isolated"
_HALF_WRITTEN = re.compile(r"\.(?:[0-9a-f]{64}-|secret\.)")  # as write_atomically names it


@dataclass(frozen=True)
class Store:
    """The results and the secret of one course folder."""

    root: Path

    def secret(self) -> bytes:
        """Return the course secret; it is made on first use, readable by its owner only."""
        path = self.root / "secret"
        with _explained(f"{path} cannot be read or made"):
            if not path.exists():
                self._make_secret(path)
            data = path.read_bytes().strip()
        if len(data) < _SECRET_BYTES:
            raise UserError(f"{path} is damaged: restore it, or delete it and mark everything anew")
        return data

    def path(
        self,
        submission: Submission,
        chapter: Chapter,
        version: str | None = None,
        isolated: bool = True,
    ) -> Path:
        """Return the file that the Result of this submission and this grader lives in.

        version: of the grader; the one that would mark now, unless it is given.
        """
        mark = "" if isolated else NOT_ISOLATED_MARK
        name = f"{submission.content_hash}-{version or grader_version(chapter)}{mark}.json"
        return self.results(chapter) / _folder_name(submission.student) / name

    def load(self, path: Path) -> Result | None:
        """Return the stored Result, or None when there is none that can be read and was marked."""
        try:
            result = Result.from_json(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            return None
        return result if result.status == GRADED else None

    def save(self, path: Path, result: Result, timings: dict[str, float]) -> None:
        """Store a Result, and the seconds of its checks beside it."""
        with _explained(f"the result of {result.student} cannot be kept in {path.parent}"):
            write_atomically(path.with_suffix(".timings"), text_of(timings))
            write_atomically(path, text_of(result.to_json()))

    def results(self, chapter: Chapter) -> Path:
        """Return the folder of a chapter's Results."""
        return self.root / "results" / chapter.name

    @contextlib.contextmanager
    def in_use(self, chapter: Chapter) -> Iterator[None]:
        """Say that Results of a chapter are being written; remove what a killed run left half done.

        That is not done while another run is at work on them.
        """
        folder = self.results(chapter)
        with _explained(f"{folder} cannot be written"):
            folder.mkdir(parents=True, exist_ok=True)
            stream = (folder / ".in-use").open("w")
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                pass
            else:
                _sweep([self.root, *_folders(folder)])
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(stream, fcntl.LOCK_SH)
            yield

    def _make_secret(self, path: Path) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        making = self.root / ".secret-in-the-making"
        with lock(making):
            if not path.exists():
                write_atomically(path, secrets.token_hex(_SECRET_BYTES) + "\n", mode=0o600)
            making.unlink(missing_ok=True)


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn a full disk, or a folder without rights, into words."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{what}: {error.strerror or error}; what was finished is kept, "
            "run it again when that is mended"
        ) from None


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]


def _sweep(folders: list[Path]) -> None:
    for folder in folders:
        for path in folder.iterdir():
            if _HALF_WRITTEN.match(path.name):
                with contextlib.suppress(OSError):
                    path.unlink()


def _folder_name(student: str) -> str:
    """Return the name of a student's folder; two students never share one."""
    name = re.sub(r"[^A-Za-z0-9_.@-]", "_", student).lstrip(".")
    if name == student:
        return name
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name[:100]}-{digest[:12]}"
