"""nbgrader's submit and collect with a careful copy in the place of its own.

Its own copy takes everything (.git, .venv, data) and follows links with the rights of whoever
copies. These classes are named in the configuration, so the command line and the web pages of
nbgrader use them as well.
"""

from __future__ import annotations

import pwd
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from nbgrader.exchange.default import ExchangeCollect, ExchangeSubmit

from autograder.classroom.arrival import STAMP, Ledger, stamp
from autograder.classroom.handin import belongs, copy_regular
from autograder.classroom.roster import is_student_id
from autograder.grading.intake import clean_name


class CarefulSubmit(ExchangeSubmit):
    """Hands in the Python files and notebooks of the folder itself, nothing else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken: list[str] = []
        self.left_out: list[str] = []

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy what belongs to a hand-in; `taken` names it, `left_out` what did not go along."""
        self.left_out = copy_regular(Path(src), Path(dest), belongs)
        self.taken = sorted(path.name for path in Path(dest).iterdir())


class CarefulCollect(ExchangeCollect):
    """Collects regular files only; `odd` holds one sentence per surprise, by student.

    The latest hand-in counts, by the time at which it reached the exchange.
    """

    src_records: list[dict[str, Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.odd: dict[str, list[str]] = {}
        self.taken: list[str] = []
        self._ledger = Ledger(Path(self.coursedir.root) / "arrivals.json")
        self._arrivals: dict[str, tuple[datetime, datetime]] = {}

    def init_src(self) -> None:
        """Find the latest hand-in of each student, leaving out folders that name nobody."""
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"]]
        self._ledger.save()

    def _path_to_record(self, path: str) -> dict[str, Any]:
        # Everybody may make folders here, so a strange one must not stop the others' collection.
        folder = Path(path)
        try:
            record = super()._path_to_record(path)
            trouble = self._trouble(folder, record["username"])
            named = record["timestamp"].replace(tzinfo=UTC)
        except Exception:  # nbgrader raises its own, dateutil's and the library's
            trouble = "is not a hand-in"
        if trouble:
            shown = clean_name(folder.name)
            self.odd.setdefault("", []).append(f"inbound folder {shown!r} {trouble}: left there")
            return {"username": "", "filename": folder.name, "timestamp": datetime(1, 1, 1)}
        arrived, _ = self._ledger.arrival(folder, named)
        self._arrivals[folder.name] = arrived, named
        return {**record, "timestamp": arrived.replace(tzinfo=None)}

    def _trouble(self, folder: Path, student: str) -> str | None:
        status = folder.lstat()
        if not is_student_id(student) or not stat.S_ISDIR(status.st_mode):
            return "is not a hand-in"
        # nbgrader only warns of this, and then takes the folder for the student's latest hand-in.
        owner = _account(status.st_uid)
        if self.check_owner and owner != student:
            return f"was made by {owner}"
        return None

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one hand-in into the course; one that cannot be read stops nobody else's."""
        source, target = Path(src), Path(dest)
        student = target.parent.name
        try:
            odd = copy_regular(source, target, lambda name: name.parts[0] != STAMP)
        except OSError as error:
            shutil.rmtree(target, ignore_errors=True)
            self.odd[student] = [f"could not be collected ({error.strerror}): collect again"]
            return
        arrived, named = self._arrivals[source.name]
        (target / STAMP).write_text(stamp(arrived), encoding="utf-8")
        self.taken.append(student)
        if arrived != named:
            odd.append(self._other_time(arrived, named))
        if odd:
            self.odd[student] = odd

    def _other_time(self, arrived: datetime, named: datetime) -> str:
        zone = ZoneInfo(self.timezone)
        counted, said = (f"{one.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}" for one in (arrived, named))
        return f"counted from {counted}, when the hand-in last changed; its name says {said}"


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"the unknown account {uid}"
