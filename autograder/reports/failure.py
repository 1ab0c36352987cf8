"""The text of one failing check, the same in the terminal, in the notebook and in a Result."""

from __future__ import annotations

import textwrap

from autograder.engine.outcome import CheckOutcome

WIDTH = 88
PRINTED_LINES = 20
LINES = 8  # of the whole text, without what was printed
DIAGNOSIS_LINES = 3


def failure_text(outcome: CheckOutcome, again: str = "") -> str:
    """Return what, where, how far and how to repeat, in at most eight lines, then what was printed.

    Empty for a check that passed.
    """
    if outcome.status == "passed":
        return ""
    known = _wrapped(textwrap.indent(outcome.diagnosis, "  "))[:DIAGNOSIS_LINES]
    room = LINES - 1 - len(known)  # one line says how to run the check again
    lines = _wrapped(outcome.message)[:room] or ["the check failed"]
    lines[0] = _right(lines[0], outcome.place)
    lines += known
    if again:
        lines.append(f"  again: {again}")
    return "\n".join([*lines, *_printed(outcome.printed)])


def _wrapped(message: str) -> list[str]:
    """Break lines that are too long to read; a continued line is indented."""
    return [
        part
        for line in message.splitlines()
        for part in textwrap.wrap(
            line, WIDTH, subsequent_indent="    ", break_on_hyphens=False, drop_whitespace=True
        )
        or [""]
    ]


def _right(text: str, place: str) -> str:
    """Put the student's line at the right margin of the first line."""
    if not place:
        return text
    gap = max(2, WIDTH - len(text) - len(place))
    return f"{text}{' ' * gap}{place}"


def _printed(text: str) -> list[str]:
    lines = text.strip("\n").splitlines()
    if not any(line.strip() for line in lines):
        return []
    shown = [f"  | {line[:WIDTH]}" for line in lines[:PRINTED_LINES]]
    if len(lines) > PRINTED_LINES:
        shown.append(f"  | ... and {len(lines) - PRINTED_LINES} more lines")
    return ["  printed by your code:", *shown]
