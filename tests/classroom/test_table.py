"""docs/nbgrader.md and the tests agree: every pitfall has a row, every named test exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from odd_hand_ins import ODD

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "nbgrader.md").read_text(encoding="utf-8")
TESTS = {
    name
    for path in HERE.glob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_odd_hand_in_has_a_row_in_the_order_of_the_tests():
    assert [row[0].strip("`") for row in rows("Odd hand-ins")] == [n for n in ODD if n != "plain"]


@pytest.mark.parametrize("row", rows("Odd hand-ins"), ids=lambda row: row[0].strip("`"))
def test_a_row_says_what_the_instructor_reads(row):
    assert row[2].strip("`") == ODD[row[0].strip("`")].line


def test_every_pitfall_has_a_row_with_tests():
    table = rows("The pitfalls of nbgrader 0.9.6, one by one")

    assert [int(row[0]) for row in table] == list(range(1, 16))
    assert all("test_" in row[3] for row in table)


def test_every_test_that_the_page_names_exists():
    named = set(re.findall(r"`(test_\w+)`", PAGE)) - {"test_table"}

    assert len(named) > 25
    assert named <= TESTS
