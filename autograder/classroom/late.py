"""Late hand-ins: how many days, and what a policy makes of them. Plain arithmetic, no files."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

NONE, ZERO, PER_DAY, GRACE = "none", "zero", "per_day", "grace"
POLICIES = (NONE, ZERO, PER_DAY, GRACE)


@dataclass(frozen=True)
class Policy:
    """What lateness costs: `fraction` of the score per started day, after `days` free ones."""

    name: str = NONE
    fraction: float = 0.0
    days: int = 0


@dataclass(frozen=True)
class HandIn:
    """One hand-in as far as time goes; `due` holds the extension, `planned` is everybody's date."""

    chapter: str
    arrived: datetime
    due: datetime
    planned: datetime


@dataclass(frozen=True)
class Lateness:
    """How late a hand-in is, and what that costs: `cut` is the part of the score it takes."""

    days: int
    cut: float
    free_days: int = 0
    policy: str = NONE

    @property
    def sentence(self) -> str:
        """Say it in a few words, for example "1 day late: -10 %"; empty when in time."""
        if not self.days:
            return ""
        return f"{_days(self.days)} late: {self._price()}"

    def penalty(self, score: float) -> float:
        """Return the points that this costs of `score`."""
        return min(max(score, 0.0), self.cut * score) if score > 0 else 0.0

    def _price(self) -> str:
        parts = []
        if self.free_days:
            parts.append(f"{_days(self.free_days, 'grace day')} spent")
        if self.cut >= 1:
            parts.append("counts 0")
        elif self.cut:
            parts.append(f"-{100 * self.cut:.4g} %")
        elif not self.free_days:
            parts.append("no penalty")
        return ", ".join(parts)


def days_late(arrived: datetime, due: datetime, zone: ZoneInfo) -> int:
    """Return the number of started days after `due`; exactly on time is 0, a second later is 1.

    A day ends at the due time of the clock on the wall, also where the clocks change.
    """
    if arrived <= due:
        return 0
    local = due.astimezone(zone)
    days = max(1, math.floor((arrived - due) / timedelta(days=1)))
    while _moved(local, days) < arrived:
        days += 1
    return days


def latenesses(hand_ins: Iterable[HandIn], policy: Policy, zone: ZoneInfo) -> dict[str, Lateness]:
    """Return the lateness of one student's hand-ins by chapter.

    Grace days are spent in the order of the chapters' due dates, whatever is marked first.
    """
    left = policy.days
    found = {}
    for hand_in in sorted(hand_ins, key=lambda one: (one.planned, one.chapter)):
        late = _charged(days_late(hand_in.arrived, hand_in.due, zone), policy, left)
        left -= late.free_days
        found[hand_in.chapter] = late
    return found


def _charged(days: int, policy: Policy, left: int) -> Lateness:
    late = Lateness(days, 0.0, policy=policy.name)
    if not days or policy.name == NONE:
        return late
    if policy.name == ZERO:
        return replace(late, cut=1.0)
    free = min(days, left) if policy.name == GRACE else 0
    cut = min(1.0, round((days - free) * policy.fraction, 9))
    # Days that would save nothing are kept for a later chapter.
    return replace(late, cut=cut, free_days=0 if cut >= 1 else free)


def _moved(local: datetime, days: int) -> datetime:
    wall = (local + timedelta(days=days)).replace(fold=1)  # arithmetic on the wall clock
    return wall.astimezone(UTC)


def _days(number: int, what: str = "day") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
