"""nbgrader's submit and collect with a careful copy in the place of its own.

Its own copy takes everything (.git, .venv, data) and follows links with the rights of whoever
copies. These classes are named in the configuration, so the command line and the web pages of
nbgrader use them as well.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect, ExchangeSubmit

from autograder.classroom.course import is_student_id
from autograder.classroom.handin import copy_regular

_HANDED_IN = (".py", ".ipynb")
_STAMP = "timestamp.txt"


class CarefulSubmit(ExchangeSubmit):
    """Hands in the Python files and notebooks of the folder itself, nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken: list[str] = []
        self.left_out: list[str] = []

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy what belongs to a hand-in; `taken` names it, `left_out` what did not go along."""
        self.left_out = copy_regular(Path(src), Path(dest), _belongs)
        self.taken = sorted(path.name for path in Path(dest).iterdir())


class CarefulCollect(ExchangeCollect):
    """Collects regular files only; `odd` holds one sentence per surprise, by student."""

    src_records: list[dict[str, Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.odd: dict[str, list[str]] = {}
        self.taken: list[str] = []

    def init_src(self) -> None:
        """Find the latest hand-in of each student, leaving out folders that name nobody."""
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        # Everybody may make folders here, so a strange name must not stop the others' collection.
        name = Path(path).name
        try:
            record = super()._path_to_record(path)
            if is_student_id(record["username"]) and Path(path).is_dir():
                return dict(record)
        except Exception:  # nbgrader raises its own, dateutil's and the library's
            self.log.debug("cannot be read as a hand-in: %s", path)
        self.odd.setdefault("", []).append(f"inbound folder {name!r} is not a hand-in: left there")
        return {"username": "", "filename": name, "timestamp": datetime.now(UTC)}

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one hand-in into the course."""
        source, target = Path(src), Path(dest)
        student = target.parent.name
        odd = copy_regular(source, target)
        # The time in the folder's name is the one nbgrader went by; the file is the student's.
        (target / _STAMP).write_text(source.name.rsplit("+", 3)[2], encoding="utf-8")
        self.taken.append(student)
        if odd:
            self.odd[student] = odd


def _belongs(name: Path) -> bool:
    return len(name.parts) == 1 and name.suffix in _HANDED_IN and not name.name.startswith(".")
