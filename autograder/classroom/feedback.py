"""What a student reads below a graded cell: one exercise's result as HTML and as plain text.

What did not pass comes first, checks with one and the same message together, what is known about a
mistake told once; what passed is folded away. Messages quote what the student's code returned,
raised or printed; all of it is shown as text.
"""

from __future__ import annotations

import html
import re
from itertools import groupby, takewhile
from typing import Any

from autograder.reports.marks import points

MAX_MESSAGE = 4_000  # characters shown of one check's message

_WORDS = {"not_started": "not started", "timeout": "out of time"}
_COLOURS = {"passed": "#1a7f37", "failed": "#b42318", "crashed": "#b42318", "timeout": "#b42318"}
_GREY = "#57606a"
_OPENS = "display: list-item; cursor: pointer"
# Control characters, halves of surrogate pairs, and what turns the direction of writing.
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_CASE = re.compile(r"\[([^\]]+)\]$")

Check = dict[str, Any]


def as_text(exercise: dict[str, Any]) -> str:
    """Return the result of one exercise (an entry of a Result's "exercises") as plain text."""
    passed, groups = _sorted(exercise)
    lines = [f"{exercise['name']}: {_state(exercise)}, {_points(exercise)}"]
    for message, checks in groups:
        lines += [f"  {_state(check)}: {_title(check)} ({_share(check)})" for check in checks]
        lines += [f"    {line}" for line in message.splitlines()]
    return "\n".join([*lines, f"  {_count(passed, exercise)}"])


def as_html(exercise: dict[str, Any]) -> str:
    """Return the same as HTML, with everything that may come from the student escaped."""
    passed, groups = _sorted(exercise)
    name = f"<strong>{_escape(exercise['name'])}</strong>"
    head = f"<p>{name}: {_coloured(exercise)}, {_points(exercise)}</p>"
    rows = "".join(_group(message, checks) for message, checks in groups)
    rest = "".join(f"<li>{_line(check)}</li>" for check in passed)
    # The page's own style sheet takes away the sign that a summary can be opened.
    summary = f'<summary style="{_OPENS}">{_count(passed, exercise)}</summary>'
    folded = f"{summary}<ul>{rest}</ul>"
    return f'<div class="dlfs-result">{head}<ul>{rows}</ul><details>{folded}</details></div>'


def _sorted(exercise: dict[str, Any]) -> tuple[list[Check], list[tuple[str, list[Check]]]]:
    """Return the checks that passed, and the others in groups that share one message."""
    passed = [check for check in exercise["checks"] if check["status"] == "passed"]
    others = [check for check in exercise["checks"] if check["status"] != "passed"]
    groups = [(message, list(checks)) for message, checks in groupby(others, _message)]
    return passed, _told_once(groups)


def _told_once(groups: list[tuple[str, list[Check]]]) -> list[tuple[str, list[Check]]]:
    """Replace what a message says of a known mistake where an earlier one has said it."""
    told: dict[str, list[str]] = {}
    shorter = []
    for message, checks in groups:
        lines, mistake = message.splitlines(), checks[0].get("mistake")
        if mistake:
            same = _common_end(lines, told.setdefault(mistake, lines))
            if told[mistake] is not lines and same:
                lines = [*lines[:-same], "  the same mistake as above"]
        shorter.append(("\n".join(lines), checks))
    return shorter


def _common_end(lines: list[str], others: list[str]) -> int:
    pairs = zip(reversed(lines), reversed(others), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _group(message: str, checks: list[Check]) -> str:
    lines = "<br>".join(_line(check) for check in checks)
    if message:
        # MathJax leaves the inside of <pre> alone, so dollar signs stay what they are.
        style = "white-space: pre-wrap; margin: 0.3em 0 0.8em"
        lines += f'<pre style="{style}">{_escape(message)}</pre>'
    return f"<li>{lines}</li>"


def _line(check: Check) -> str:
    return f"{_coloured(check)}: {_escape(_title(check))} ({_share(check)})"


def _coloured(item: dict[str, Any]) -> str:
    colour = _COLOURS.get(item["status"], _GREY)
    return f'<span style="color: {colour}">{_escape(_state(item))}</span>'


def _state(item: dict[str, Any]) -> str:
    return _WORDS.get(item["status"], str(item["status"]))


def _points(exercise: dict[str, Any]) -> str:
    return f"{points(float(exercise['score']))} of {points(float(exercise['max_score']))} points"


def _share(check: Check) -> str:
    return f"{points(float(check['points']))} of {points(float(check['max_points']))}"


def _count(passed: list[Check], exercise: dict[str, Any]) -> str:
    return f"{len(passed)} of {len(exercise['checks'])} checks passed"


def _title(check: Check) -> str:
    case = _CASE.search(check["id"])
    title = _clean(str(check.get("title") or check["id"]))
    return f"{title} [{_clean(case[1])}]" if case and check.get("title") else title


def _message(check: Check) -> str:
    text = _clean(str(check.get("message") or "")).rstrip()
    return text if len(text) <= MAX_MESSAGE else text[:MAX_MESSAGE] + "\n(cut here)"


def _clean(text: str) -> str:
    return _HIDDEN.sub("", text)


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
