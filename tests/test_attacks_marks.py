"""Hand-ins that want points for what they cannot do: see attack_marks.py."""

from __future__ import annotations

import os

import pytest
from attack_arena import Arena
from attack_marks import Marks, real, small

from autograder.sandbox import Sandbox

LONG = "DLFS_LONG" in os.environ
REAL = [attack for attack in real() if LONG or "long" not in attack.options]


@pytest.fixture(scope="module")
def marks(project):
    with Sandbox() as sandbox:
        yield Marks(project, sandbox)


@pytest.fixture(scope="module")
def arena():
    with Arena() as arena:
        yield arena


@pytest.mark.parametrize("attack", REAL, ids=lambda attack: attack.name)
def test_no_point_is_gained_in_a_real_chapter(marks, attack):
    assert marks.run(attack) == []


@pytest.mark.parametrize("attack", small(), ids=lambda attack: attack.name)
def test_no_point_is_gained(arena, attack):
    assert arena.run(attack) == []


def test_the_next_submission_is_marked_as_ever(arena):
    assert arena.honest_again() == []
