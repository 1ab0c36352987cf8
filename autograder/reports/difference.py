"""Whose marks move between two markings, by how much and by which check."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.grading.result import GRADED, Check, ExerciseResult, Result
from autograder.reports.history import Results
from autograder.reports.marks import points, status_word

SMALL = 5e-3  # points; less than rounding may leave
SHOWN = 3  # checks named in a student's line
NAMED = 8  # students named in a line


@dataclass(frozen=True)
class Move:
    """What one check does to one student's mark; None is a check that is not there."""

    check: str
    before: str | None
    after: str | None
    change: float

    @property
    def words(self) -> str:
        """Say what happened to the check."""
        if self.before == self.after:
            return f"{self.check} ({_signed(self.change)})"
        before = status_word(self.before) if self.before else "(new)"
        after = status_word(self.after) if self.after else "(gone)"
        return f"{self.check} {before} -> {after}"


@dataclass(frozen=True)
class Student:
    """One student whose marks move."""

    chapter: str
    student: str
    before: float
    after: float
    moves: tuple[Move, ...]
    again: bool  # the two markings are of different hand-ins

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Difference:
    """The two markings side by side."""

    compared: int
    means: tuple[float, float]
    moved: tuple[Student, ...]
    errors: tuple[str, ...]  # one sentence for each that could not be marked
    only: tuple[tuple[str, ...], tuple[str, ...]]  # students of one marking
    checks: tuple[str, ...]  # one sentence for each check that came, went or was renamed


def compare(old: Results, new: Results) -> Difference:
    """Compare two markings, student by student."""
    both = [key for key in old if key in new]
    fair = [k for k in both if old[k].status == new[k].status == GRADED]
    students = [_student(old[key], new[key]) for key in fair]
    errors = [
        f"{result.student}: grader error in {which} marking: {' '.join(result.notes)}"
        for which, results in (("the old", old), ("the new", new))
        for result in results.values()
        if result.status != GRADED
    ]
    total = [sum(results[key].score for key in fair) for results in (old, new)]
    return Difference(
        compared=len(fair),
        means=(total[0] / max(len(fair), 1), total[1] / max(len(fair), 1)),
        moved=tuple(one for one in students if one.moves),
        errors=tuple(errors),
        only=(_only(old, new), _only(new, old)),
        checks=tuple(dict.fromkeys(line for key in fair for line in _checks(old[key], new[key]))),
    )


def _only(these: Results, those: Results) -> tuple[str, ...]:
    return tuple(sorted(student for chapter, student in these.keys() - those.keys()))


def _student(old: Result, new: Result) -> Student:
    names = dict.fromkeys(e.name for result in (old, new) for e in result.exercises)
    pairs = [(_exercise(old, name), _exercise(new, name)) for name in names]
    moves = [move for name, pair in zip(names, pairs, strict=True) for move in _moves(name, *pair)]
    again = old.content_hash != new.content_hash
    return Student(new.chapter, new.student, old.score, new.score, tuple(moves), again)


def _exercise(result: Result, name: str) -> ExerciseResult:
    found = [exercise for exercise in result.exercises if exercise.name == name]
    return found[0] if found else ExerciseResult(name, 0.0, 0.0, "not_started", ())


def _moves(name: str, old: ExerciseResult, new: ExerciseResult) -> Iterator[Move]:
    """Yield what moves an exercise's points.

    A check is charged with the points that it withholds: where one more check makes all others
    worth less, it is that one which moves the marks.
    """
    if max(abs(new.score - old.score), abs(new.max_score - old.max_score)) <= SMALL:
        return
    before, after = ({check.id: check for check in each.checks} for each in (old, new))
    for check in dict.fromkeys([*before, *after]):
        one, other = before.get(check), after.get(check)
        change = _withheld(one) - _withheld(other)
        if abs(change) > SMALL:
            yield Move(check, one.status if one else None, other.status if other else None, change)
    if abs(new.max_score - old.max_score) > SMALL:
        worth = f"{name} is worth {points(old.max_score)} -> {points(new.max_score)} points"
        yield Move(worth, None, None, new.max_score - old.max_score)


def _withheld(check: Check | None) -> float:
    return check.max_points - check.points if check else 0.0


def _checks(old: Result, new: Result) -> Iterator[str]:
    """Yield what became of the checks themselves."""
    before, after = ({c.id: c for e in r.exercises for c in e.checks} for r in (old, new))
    gone = {name: check for name, check in before.items() if name not in after}
    came = {name: check for name, check in after.items() if name not in before}
    for name, check in gone.items():
        same = [other for other, new_check in came.items() if new_check.title == check.title]
        if same and check.title:
            del came[same[0]]
            yield f"check renamed: {name} -> {same[0]}"
        else:
            yield f"check gone: {name}"
    for name, check in came.items():
        yield f"check new: {name} ({points(check.max_points)} points)"


# ---- for people


def lines(difference: Difference) -> list[str]:
    """Return the whole comparison for the terminal."""
    d = difference
    text = list(d.checks)
    width = max((len(one.student) for one in d.moved), default=0)
    text += [_line(one, width) for one in d.moved]
    text += [*d.errors, *_missing(d)]
    if not d.moved:
        return [*text, f"no marks move ({d.compared} compared)"]
    lose = sum(one.change < -SMALL for one in d.moved)
    gain = sum(one.change > SMALL for one in d.moved)
    text += ["", *_by_check(d)]
    mean = f"mean {points(d.means[0])} -> {points(d.means[1])}"
    return [*text, f"{len(d.moved)} of {d.compared} move: {lose} lose, {gain} gain; {mean}"]


def _line(one: Student, width: int) -> str:
    words = [move.words for move in one.moves]
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    again = "  (another hand-in)" if one.again else ""
    marks = f"{points(one.before):>6} -> {points(one.after):<6} {_signed(one.change):>7}"
    return f"  {one.student:<{width}} {marks}  {', '.join(words[:SHOWN])}{more}{again}"


def _by_check(difference: Difference) -> Iterator[str]:
    """Yield for each check how many lose or gain how much by it, the frequent ones first."""
    found: dict[tuple[str, str], list[float]] = {}
    for one in difference.moved:
        for move in one.moves:
            verb = "lose" if move.change < 0 else "gain"
            found.setdefault((move.check, verb), []).append(abs(move.change))
    for (check, verb), changes in sorted(found.items(), key=lambda item: -len(item[1])):
        low, high = points(min(changes)), points(max(changes))
        much = low if low == high else f"{low} to {high}"
        count = len(changes)
        who = f"{count} students {verb}" if count > 1 else f"1 student {verb}s"
        yield f"{check}: {who} {much} point{'' if much == '1' else 's'}"


def _missing(difference: Difference) -> Iterator[str]:
    for which, students in zip(("old", "new"), difference.only, strict=True):
        if students:
            names = ", ".join(students[:NAMED])
            more = f" and {len(students) - NAMED} more" if len(students) > NAMED else ""
            yield f"only in the {which} marking ({len(students)}): {names}{more}"


def _signed(change: float) -> str:
    return f"{'+' if change >= 0 else '-'}{points(abs(change))}"


def csv_text(difference: Difference) -> str:
    """Return one line for each student and check that moves a mark."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow("chapter student old new change check old_state new_state by_check".split())
    for one in difference.moved:
        marks = [points(one.before), points(one.after), points(one.change)]
        for move in one.moves:
            row = [move.check, move.before or "", move.after or "", points(move.change)]
            writer.writerow([one.chapter, one.student, *marks, *row])
    return output.getvalue()
