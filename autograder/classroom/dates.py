"""Due dates and late policy as course.toml gives them."""

from __future__ import annotations

import difflib
import re
import zoneinfo
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from autograder.classroom import late
from autograder.classroom.late import Policy
from autograder.classroom.toml_lines import Table

_EXAMPLE = '"2026-11-20 23:59"'
_UTC = ZoneInfo("UTC")
_LATE = {  # the entries beside `policy` that each policy takes
    late.NONE: (),
    late.ZERO: (),
    late.PER_DAY: ("fraction",),
    late.GRACE: ("days", "fraction"),
}


@dataclass(frozen=True)
class Dates:
    """When everything is due (in UTC), the course's time zone, and what being late costs."""

    zone: ZoneInfo = _UTC
    due: dict[str, datetime] = field(default_factory=dict, hash=False)
    extensions: dict[tuple[str, str], datetime] = field(default_factory=dict, hash=False)
    policy: Policy = field(default_factory=Policy)

    def due_for(self, chapter: str, student: str) -> datetime | None:
        """Return when a student's hand-in is due, the extension included; None if never."""
        return self.extensions.get((chapter, student), self.due.get(chapter))

    def shown(self, moment: datetime) -> str:
        """Write a moment as the course's clock shows it."""
        local = moment.astimezone(self.zone)
        seconds = ":%S" if local.second else ""
        return f"{local:%Y-%m-%d %H:%M{seconds}} {local:%Z}"


def read_dates(table: Table, chapters: Collection[str], students: Collection[str]) -> Dates:
    """Read timezone, [due], [extensions.*] and [late]; no `students` means that all are known."""
    zone = _zone(table)
    due = table.table("due")
    due.known(chapters, "chapter")
    planned = {chapter: _moment(due, chapter, zone) for chapter in due}
    extensions: dict[tuple[str, str], datetime] = {}
    given = table.table("extensions")
    given.known(chapters, "chapter")
    for chapter in given:
        if chapter not in planned:
            given.refuse(chapter, f"{chapter} has no due date to extend: write one under [due]")
        one = given.table(chapter)
        if students:
            one.known(students, "student")
        for student in one:
            extensions[chapter, student] = _extended(one, student, zone, planned[chapter])
    return Dates(zone or _UTC, planned, extensions, _policy(table.table("late")))


def _zone(table: Table) -> ZoneInfo | None:
    name = table.get("timezone", str)
    if name is None:
        if table.data.get("due"):
            why = 'due dates need a time zone: write timezone = "Europe/Berlin" above [due]'
            table.refuse("due", why)
        return None
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(name, zoneinfo.available_timezones(), 1)
        hint = near[0] if near else "Europe/Berlin"
        table.refuse("timezone", f'unknown time zone {name!r}: write for example "{hint}"')


def _extended(table: Table, student: str, zone: ZoneInfo | None, planned: datetime) -> datetime:
    moment = _moment(table, student, zone)
    if moment <= planned:
        written = f"{planned.astimezone(zone or _UTC):%Y-%m-%d %H:%M}"
        table.refuse(student, f"an extension must be later than the due date, {written}")
    return moment


def _moment(table: Table, key: str, zone: ZoneInfo | None) -> datetime:
    """Return an entry's date and time in UTC; a date alone does not say when."""
    value = _parsed(table.data[key])
    if type(value) is date:
        table.refuse(key, f'a date without a time: write "{value} 23:59"')
    if not isinstance(value, datetime):
        table.refuse(key, f"{value!r} is not a date and time: write for example {_EXAMPLE}")
    if value.tzinfo is not None:
        return value.astimezone(UTC)
    # Where the clock shows a time twice, the later one is meant: to the student's advantage.
    moment = value.replace(tzinfo=zone or _UTC, fold=1).astimezone(UTC)
    if moment.astimezone(zone or _UTC).replace(tzinfo=None) != value:
        _never(table, key, value, zone)
    return moment


def _never(table: Table, key: str, value: datetime, zone: ZoneInfo | None) -> NoReturn:
    shown = f"{value:%Y-%m-%d %H:%M}"
    table.refuse(key, f"{shown} does not exist in {zone}, where clocks go forward: write another")


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        if re.match(r"\d{4}-\d\d-\d\d[ T]\d", text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    return value


def _policy(table: Table) -> Policy:
    table.known(("policy", "fraction", "days"))
    if not table.data:
        return Policy()
    name = table.get("policy", str)
    known = ", ".join(late.POLICIES)
    if name is None:
        table.refuse("policy", f'the policy is missing: write policy = "..." with one of {known}')
    if name not in _LATE:
        table.refuse("policy", f"unknown policy {name!r}: write one of {known}")
    for key in table:
        if key not in ("policy", *_LATE[name]):
            table.refuse(key, f"the policy {name!r} has no {key!r}: take this line out")
    if name == late.PER_DAY and "fraction" not in table.data:
        table.refuse("policy", "per_day needs a fraction: write fraction = 0.1 for 10 % a day")
    if name == late.GRACE and "days" not in table.data:
        table.refuse("policy", "grace needs the days to spend over the term: write days = 5")
    return Policy(name, _fraction(table), _days(table))


def _fraction(table: Table) -> float:
    """Return what a day costs; days beyond the grace cost everything unless it is said."""
    value = table.data.get("fraction", 1.0)
    if type(value) not in (int, float) or not 0 < value <= 1:
        table.refuse("fraction", f"fraction is {value!r}: write a number above 0, at most 1")
    return float(value)


def _days(table: Table) -> int:
    value = table.data.get("days", 0)
    if type(value) is not int or not 0 <= value <= 366:
        table.refuse("days", f"days is {value!r}: write a whole number from 0 to 366")
    return value
