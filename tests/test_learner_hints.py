"""Hints: three rungs in turn, short, noted, after the diagnosis where there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from learner_workspace import workspace

from autograder.engine.outcome import CheckOutcome
from autograder.errors import UsageError
from autograder.learner import state
from autograder.learner.hints import take
from autograder.manifest import all_chapters
from autograder.reports.practice import ChapterReport


@pytest.fixture
def double(tmp_path):
    chapter = all_chapters(workspace(tmp_path, "untouched"))[0]
    return chapter, chapter.exercise("double")


def test_each_question_brings_the_next_rung_and_the_last_stays(double):
    heads = [take(*double)[1][0] for _ in range(4)]

    assert [head.split(": ")[1] for head in heads] == [
        "what to look at",
        "the idea",
        "nearly the code",
        "nearly the code",
    ]


def test_a_rung_that_is_asked_for_by_number_takes_none_back(double):
    take(*double, rung=2)
    take(*double, rung=1)

    assert state.read(double[0].project).of("ch01_mini", "double").hints == 2
    assert take(*double)[0] == 3


@pytest.mark.parametrize("rung", [0, 4, -1])
def test_there_are_three(double, rung):
    with pytest.raises(UsageError, match="hints 1 to 3"):
        take(*double, rung=rung)


def test_the_diagnosis_comes_first(double):
    wrong = CheckOutcome("c", "double", "a check", True, 1, "failed", diagnosis="looks like: 3 x")
    report = ChapterReport(double[0], [replace(wrong, status="passed"), wrong], 0, "")

    _, lines = take(*double, report=report)

    assert lines[0] == "looks like: 3 x"
    assert lines[1].startswith("double, hint 1 of 3")


def test_hints_and_reasons_of_the_course_are_short_and_plain(project):
    for chapter in all_chapters(project):
        for exercise in chapter.exercises:
            for text in (*exercise.hints, exercise.why):
                assert len(text.split()) <= 120, f"{chapter.name}, {exercise.name}"
                assert text.isascii(), f"{chapter.name}, {exercise.name}"
            assert "\n" not in exercise.why
            assert len(exercise.why.split()) <= 35, f"{chapter.name}, {exercise.name}"
