"""What one check found, before any points are given."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

Status = Literal["passed", "failed", "not_started", "crashed", "timeout", "waiting"]
STATUSES: tuple[str, ...] = get_args(Status)

# Which state an exercise is in when its checks disagree: the first that any check has.
PRECEDENCE: tuple[Status, ...] = (
    "timeout",
    "crashed",
    "failed",
    "not_started",
    "waiting",
    "passed",
)


@dataclass(frozen=True)
class CheckOutcome:
    """One check of one submission. `message`, `place` and `printed` are for the student."""

    id: str
    exercise: str
    title: str
    public: bool
    weight: int
    status: Status
    message: str = ""
    place: str = ""
    printed: str = ""
    loaded: bool = True  # False: the file itself could not be loaded
    seconds: float = 0.0
    mistake: str | None = None  # id of the known mistake that gives the same numbers ("a + b": two)
    diagnosis: str = ""  # the same in words, a few lines

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> CheckOutcome:
        return CheckOutcome(**data)

    def becomes(self, status: Status, message: str) -> CheckOutcome:
        """Return the same check with another verdict."""
        return replace(
            self,
            status=status,
            message=message,
            place="",
            printed="",
            mistake=None,
            diagnosis="",
        )


def exercise_status(outcomes: list[CheckOutcome]) -> Status:
    """Return the state of an exercise whose checks came out like this."""
    found = {outcome.status for outcome in outcomes}
    for status in PRECEDENCE:
        if status in found:
            return status
    return "not_started"
