"""What was handed in is hostile: notebooks, links, answers."""

from __future__ import annotations

import json
import os

import pytest
from classroom_ch03 import (
    CH,
    CHAPTER,
    NOTEBOOK,
    answer_of,
    cell_of,
    full,
    give_points,
    made_up_result,
    scores,
)

from autograder.classroom import api, gradebook, handin, notebooks, results, steps

# what was handed in is hostile


def break_missing(path):
    path.unlink()


def break_empty(path):
    path.write_text("")


def break_not_utf8(path):
    path.write_bytes(b'{"cells": "\xff\xfe"}')


def break_truncated(path):
    path.write_text(path.read_text()[:500])


def break_no_cells(path):
    path.write_text('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}')


def break_other_json(path):
    path.write_text("[1, 2, 3]")


def break_language(path):
    book = json.loads(path.read_text())
    book["metadata"]["language"] = 5
    path.write_text(json.dumps(book))


def break_nesting(path):
    path.write_text('{"metadata": {}, "nbformat": 4, "nbformat_minor": 5, "cells": ' + "[" * 5000)


def break_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "breaks",
    [
        break_missing,
        break_empty,
        break_not_utf8,
        break_truncated,
        break_no_cells,
        break_other_json,
        break_language,
        break_nesting,
        break_folder,
    ],
)
def test_an_unreadable_notebook_is_put_aside_and_the_code_is_marked(
    course, hand_in, made_up, breaks
):
    name = breaks.__name__
    made_up[name] = 1
    hand_in(name)
    steps.collect(course, CH)
    breaks(course.submitted(name, CH) / NOTEBOOK)

    odd = handin.prepare(course, CH, name)
    (marked,) = steps.autograde(course, CH, [name])

    assert len(odd) == 1
    assert odd[0].startswith(NOTEBOOK)
    assert odd[0].endswith("the released one stands in for it")
    assert marked.problem is None
    assert scores(course, name) == full()
    assert handin.prepare(course, CH, name) == []


def test_the_time_of_a_hand_in_is_not_taken_from_a_file_of_the_student(course, hand_in):
    receipt = hand_in("clock")
    (inbound,) = (course.exchange / course.id / "inbound").glob("clock+*")
    (inbound / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")

    steps.collect(course, CH)

    assert (course.submitted("clock", CH) / "timestamp.txt").read_text() == receipt.time


def test_links_in_a_hand_in_are_never_followed(course, hand_in, made_up):
    hand_in("linked")
    (inbound,) = (course.exchange / course.id / "inbound").glob("linked+*")
    (inbound / "notes.txt").symlink_to(course.gradebook)
    (inbound / "everything").symlink_to(course.root)
    os.mkfifo(inbound / "pipe.txt")

    found = steps.collect(course, CH)

    folder = course.submitted("linked", CH)
    assert not handin.irregular(folder)
    assert not (folder / "notes.txt").exists()
    assert not (folder / "everything").exists()
    said = [line for line in found.odd if line.startswith("linked: ")]
    assert len([line for line in said if line.endswith("left out")]) == 3


def test_links_that_appear_after_collection_are_removed_and_nbgraders_own_step_refuses_them(
    course, hand_in, made_up, monkeypatch
):
    hand_in("late-link")
    steps.collect(course, CH)
    link = course.submitted("late-link", CH) / "notes.txt"
    link.symlink_to(course.gradebook)
    monkeypatch.setattr(steps, "prepare", lambda *_: [])
    monkeypatch.setattr(handin, "prepare", lambda *_: [])

    (refused,) = steps.autograde(course, CH, ["late-link"])
    monkeypatch.undo()
    monkeypatch.setattr(results, "result_of", lambda *_, **__: made_up_result(CH, "late-link", 1))
    (marked,) = steps.autograde(course, CH, ["late-link"])

    assert "still holds links" in refused.problem
    assert marked.odd == ("notes.txt is not a regular file: removed", steps.NOT_LISTED)
    assert marked.score == 100.0


def test_nbgraders_own_autograde_button_is_protected_as_well(course, hand_in, made_up):
    hand_in("button")
    steps.collect(course, CH)
    (course.submitted("button", CH) / "notes.txt").symlink_to(course.gradebook)

    with api.opened(course) as nb:
        outcome = nb.autograde(CH, "button")

    assert outcome["success"], outcome
    assert not (course.autograded("button", CH) / "notes.txt").exists()
    assert set(scores(course, "button").values()) == {10.0}


def test_a_strange_folder_in_the_exchange_stops_nobody(course, hand_in, made_up):
    inbound = course.exchange / course.id / "inbound"
    (inbound / f"mallory+{CH}+yesterday").mkdir()
    (inbound / f"a b+{CH}+2026-01-01 00:00:00 UTC+x").mkdir()
    hand_in("honest")

    found = steps.collect(course, CH)

    assert "honest" in found.new
    assert not {"mallory", "a b"} & {path.name for path in course.root.glob("submitted/*")}
    assert len([line for line in found.odd if "is not a hand-in" in line]) == 2


def test_a_newer_hand_in_replaces_the_older_one_and_keeps_points_given_by_hand(
    course, hand_in, made_up
):
    def answer(book):
        cell_of(book, "saturation")["source"] = "Because the slope is small."

    hand_in("again", "old = 1\n", answer)
    steps.collect(course, CH)
    steps.autograde(course, CH, ["again"])
    give_points(course, "again", "saturation", 4.0)
    made_up["again"] = 1
    hand_in("again", "new = 1\n", answer)

    found = steps.collect(course, CH)
    steps.autograde(course, CH, ["again"])

    assert found.new == ("again",)
    assert (course.autograded("again", CH) / CHAPTER.file).read_text() == "new = 1\n"
    (marks,) = [m for m in gradebook.read_marks(course)[CH] if m.student == "again"]
    assert marks.scores["saturation"] == 4.0
    assert marks.total == 104.0
    assert answer_of(course, "again") == "Because the slope is small."


# answers


def answer_book(*texts):
    labels = {"grade": True, "solution": True, "grade_id": "why", "points": 5, "locked": False}
    cells = [
        {"cell_type": "markdown", "metadata": {"nbgrader": labels}, "source": t} for t in texts
    ]
    return {"cells": cells, "metadata": {}}


@pytest.mark.parametrize(
    ("handed_in", "carried"),
    [
        (["first", "second"], "first"),
        ([], "asked"),
        (["<script>alert(1)</script>"], "&lt;script>alert(1)&lt;/script>"),
        (["a < b and $x<0$"], "a < b and $x<0$"),
        (["\ud800 \x1b[31m red"], "? [31m red"),
        ([5], "asked"),
    ],
)
def test_an_answer_is_carried_over_as_text(handed_in, carried):
    rebuilt = notebooks.rebuild(answer_book("asked"), answer_book(*handed_in))

    assert [cell["source"] for cell in rebuilt["cells"]] == [carried]


def test_an_answer_is_bounded():
    rebuilt = notebooks.rebuild(answer_book("asked"), answer_book("x" * 10**6))

    assert len(rebuilt["cells"][0]["source"]) < notebooks.MAX_ANSWER + 100


def test_only_answers_come_from_the_students_notebook():
    released, handed_in = answer_book("asked"), answer_book("mine")
    for book, source in ((released, 'check("relu")'), (handed_in, "1e9")):
        labels = {"grade": True, "solution": False, "grade_id": "relu", "points": 5}
        cell = {"cell_type": "code", "metadata": {"nbgrader": labels}, "source": source}
        book["cells"].append(cell)

    rebuilt = notebooks.rebuild(released, handed_in)

    assert [cell["source"] for cell in rebuilt["cells"]] == ["mine", 'check("relu")']
