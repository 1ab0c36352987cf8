"""Points for checks whose inputs everybody knows."""

from __future__ import annotations

import pytest

from autograder.engine.outcome import CheckOutcome
from autograder.grading.score import score, total


def outcomes(public, *hidden):
    """Checks of `double` with these states, the public one first."""
    states = [(True, public), *((False, state) for state in hidden)]
    return [
        CheckOutcome(f"c{n}", "double", "t", public=known, weight=1, status=state)
        for n, (known, state) in enumerate(states)
    ]


@pytest.mark.parametrize("state", ["failed", "crashed", "not_started", "timeout", "waiting"])
def test_a_public_check_alone_earns_nothing(mini, state):
    (found, _) = score(mini, outcomes("passed", state, state))

    assert found.score == 0
    assert (found.checks[0].status, found.checks[0].points) == ("passed", 0)
    assert found.checks[0].message.startswith("right, but these inputs are known")
    assert found.status == state


def test_one_hidden_check_is_enough(mini):
    (found, _) = score(mini, outcomes("passed", "failed", "passed"))

    assert found.score == 40
    assert [check.status for check in found.checks] == ["passed", "failed", "passed"]


def test_an_exercise_without_hidden_checks_counts_as_it_is(mini):
    found = score(mini, outcomes("passed"))

    assert total(found) == 60
