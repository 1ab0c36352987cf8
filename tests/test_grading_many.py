"""The run over many hand-ins: any executor, few at a time, how far it is."""

from __future__ import annotations

import io
import os
import signal
import threading
import weakref
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from fault_runs import hand_in_class, results

from autograder.cli import main
from autograder.errors import UserError
from autograder.grading.grade import grader_error
from autograder.grading.intake import Submission, find, locate
from autograder.grading.processes import Pool
from autograder.grading.result import GRADED
from autograder.grading.run_all import grade_all
from autograder.grading.store import Store
from autograder.interrupts import heard, without_interruption
from autograder.reports.progress import EVIDENCE, PLAIN_SECONDS, Progress, duration
from autograder.reports.screen import Screen


class Serial(Executor):
    """Does each task at once, in the caller's thread."""

    def submit(self, function, /, *args, **kwargs):
        future: Future = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Breaking(Serial):
    """Breaks for good after so many tasks."""

    def __init__(self, after: int) -> None:
        self.left = after

    def submit(self, function, /, *args, **kwargs):
        self.left -= 1
        if self.left < 0:
            raise BrokenProcessPool("gone")
        return super().submit(function, *args, **kwargs)


class Later(Future):
    """Does its task when it is asked for the result; holds on to nothing after that."""

    def __init__(self, waiting: list[Future], task) -> None:
        super().__init__()
        self.set_result(None)
        self._waiting, self._task = waiting, task

    def result(self, timeout=None):
        self._waiting.remove(self)
        task, self._task = self._task, None
        return task()


class Shy(Serial):
    """Does a task only when it is asked for the result; remembers how many were waiting."""

    def __init__(self) -> None:
        self.waiting: list[Future] = []
        self.most = 0

    def submit(self, function, /, *args, **kwargs):
        self.waiting.append(Later(self.waiting, partial(function, *args, **kwargs)))
        self.most = max(self.most, len(self.waiting))
        return self.waiting[-1]


@pytest.fixture
def folder(tmp_path):
    return hand_in_class(tmp_path / "in", 5)


@pytest.fixture
def alone(mini, folder, tmp_path):
    """What a run without any executor gives, and a store with the same secret."""
    grade_all(find(folder, mini), mini, Store(tmp_path / "alone"))
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "secret").write_bytes((tmp_path / "alone" / "secret").read_bytes())
    return results(tmp_path / "alone")


@pytest.mark.parametrize(
    "executor",
    [Serial, lambda: ThreadPoolExecutor(3), Shy, lambda: Breaking(2)],
    ids=["serial", "threads", "shy", "breaking"],
)
def test_every_executor_gives_the_same_bytes(executor, mini, folder, alone, tmp_path):
    course = tmp_path / "course"
    with executor() as pool:
        found = grade_all(find(folder, mini), mini, Store(course), executor=pool)

    assert [result.student for result in found] == ["s000", "s001", "s002", "s003", "s004"]
    assert results(course) == alone


def test_results_are_in_order_and_can_be_sliced(mini, folder, tmp_path):
    found = grade_all(find(folder, mini), mini, Store(tmp_path / "course"))

    assert len(found) == 5
    assert [result.student for result in found[1:3]] == ["s001", "s002"]
    assert found[-1].student == "s004"
    with pytest.raises(IndexError):
        found[5]


def test_hand_ins_are_read_when_their_turn_comes(mini, folder, tmp_path):
    read: list[str] = []

    def take(place):
        submission = place()
        read.append(submission.student)
        return submission

    seen = []
    grade_all(
        (take(place) for place in locate(folder, mini)),
        mini,
        Store(tmp_path / "course"),
        on_result=lambda submission, *_: seen.append((submission.student, len(read))),
    )

    # The first two are read at once: one alone would not be worth a process.
    assert seen == [("s000", 2), ("s001", 2), ("s002", 3), ("s003", 4), ("s004", 5)]


# ---- memory


class Remembering(Shy):
    """Answers with made-up Results; knows which of them are still in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[weakref.ref] = []

    def submit(self, function, /, order):
        return super().submit(self.canned, order)

    def canned(self, order):
        result = replace(grader_error(order.submission, order.chapter, ""), status=GRADED)
        self.results.append(weakref.ref(result))
        return result, {}


def alive(things: list[weakref.ref]) -> int:
    return sum(thing() is not None for thing in things)


def test_of_a_large_class_only_what_is_under_way_is_in_memory(mini, tmp_path, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda handle: None)
    executor, hand_ins = Remembering(), []
    most = {"hand-ins": 0, "results": 0}

    def read_lazily():
        for number in range(120):
            most["hand-ins"] = max(most["hand-ins"], alive(hand_ins))
            most["results"] = max(most["results"], alive(executor.results))
            submission = Submission(f"s{number}", f"s{number}", Path(), {"mini.py": b"%d" % number})
            hand_ins.append(weakref.ref(submission))
            yield submission

    found = grade_all(read_lazily(), mini, Store(tmp_path / "course"), executor=executor)

    assert len(found) == len(executor.results) == 120
    assert executor.most <= 16
    assert most["hand-ins"] <= 18 and most["results"] <= 2
    assert alive(executor.results) <= 2


# ---- the grader itself


def test_a_grader_that_changes_while_it_works_is_noticed(mini, folder, tmp_path):
    course = tmp_path / "course"

    def change(submission, *_):
        if submission.student == "s001":
            with (mini.suite_dir / "test_hidden.py").open("a") as stream:
                stream.write("\n# changed\n")

    with pytest.raises(UserError, match="the grader of ch01_mini changed while it was at work"):
        grade_all(find(folder, mini), mini, Store(course), on_result=change)

    assert sorted(name.split("/")[1] for name in results(course)) == ["s000", "s001"]


def test_the_result_of_another_student_is_not_taken(mini, folder, tmp_path):
    """Two ids may share a folder once their odd characters are gone."""
    (one,) = find(folder / "s001", mini)
    store = Store(tmp_path / "course")
    twins = [replace(one, student="a b"), replace(one, student="a_b")]

    for twin in twins:
        grade_all([twin], mini, store)

    assert grade_all([twins[0]], mini, store)[0].student == "a b"


def test_marking_processes_end_with_the_pool(mini, folder):
    with Pool(1) as pool:
        pid = pool.submit(eval, "__import__('os').getpid()").result()
        handle = os.pidfd_open(pid)

    with pytest.raises(ProcessLookupError):
        signal.pidfd_send_signal(handle, 0)
    os.close(handle)


def test_ctrl_c_waits_for_what_must_not_be_torn():
    done = []

    def press():
        with without_interruption():
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        press()

    assert done == ["all of it"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_in_a_callback_of_python_is_told_again(capsys):
    class Touchy:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    def press():
        with heard():
            Touchy()
            threading.Event().wait(30)  # until it is told again

    with pytest.raises(KeyboardInterrupt):
        press()

    assert capsys.readouterr().err == ""


# ---- how far it is


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def watch(err: io.StringIO, total: int = 100):
    """Return a Progress whose clock is a list."""
    now = [0.0]
    out = io.StringIO()
    return Progress(total, "marked", out=out, err=err, clock=lambda: now[0]), now, out


def test_there_is_no_estimate_before_there_is_evidence():
    progress, now, _ = watch(io.StringIO())
    for _ in range(EVIDENCE - 1):
        now[0] += 2
        progress.step()
        assert progress.left() is None
    now[0] += 2
    progress.step()

    assert progress.left() == 2 * (100 - EVIDENCE)


def test_what_was_marked_before_says_nothing_about_the_time():
    progress, now, _ = watch(io.StringIO())
    for _ in range(90):
        progress.step(fresh=False)
    assert progress.left() is None
    for _ in range(5):
        now[0] += 3
        progress.step()

    assert progress.left() == 3 * 5


def test_a_terminal_has_one_line_below_the_others(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    err = Terminal()
    progress, now, out = watch(err)
    for number in range(6):
        progress.say(f"s{number}")
        now[0] += 60
        progress.step()
    progress.clear()

    assert out.getvalue() == "s0\ns1\ns2\ns3\ns4\ns5\n"
    assert "\r\x1b[K  6 of 100 marked, about 1 h 30 min left" in err.getvalue()
    assert err.getvalue().endswith("\r\x1b[K") and "\n" not in err.getvalue()


@pytest.mark.parametrize("err", [io.StringIO(), Terminal()])
def test_without_a_terminal_there_is_a_plain_line_now_and_then(err, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    progress, now, _ = watch(err)
    for _ in range(100):
        now[0] += PLAIN_SECONDS / 20
        progress.step()
    progress.clear()

    lines = err.getvalue().splitlines()
    assert lines[0] == "20 of 100 marked, about 2 min left"
    assert len(lines) == 4  # the last hand-in needs none
    assert "\r" not in err.getvalue() and "\x1b" not in err.getvalue()


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0, "less than a minute"),
        (54, "less than a minute"),
        (60, "about 1 min"),
        (1700, "about 28 min"),
        (5390, "about 1 h 30 min"),
        (8000, "about 2 h 10 min"),
    ],
)
def test_times_are_said_as_exactly_as_one_can_know(seconds, says):
    assert duration(seconds) == says


def test_the_screen_says_where_it_was_stopped(capsys):
    screen = Screen()
    assert screen.stopped() == "interrupted before anything was marked"

    screen.marking(3, "ch01_mini", 2)
    assert screen.stopped().startswith("interrupted: 0 of 3 are marked and kept; ")
    screen.booking(3)
    screen.booked()
    assert "1 of 3 were written into the gradebook; the same command goes on" in screen.stopped()


def test_of_a_large_class_only_what_is_new_is_listed(mini, folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("autograder.reports.screen.MANY", 4)
    monkeypatch.chdir(mini.project.root)
    words = ["grade", str(folder), "--chapter", mini.name, "--course", str(tmp_path / "course")]
    grade_all(find(folder, mini)[:3], mini, Store(tmp_path / "course"))

    assert main([*words, "--jobs", "1"]) == 0

    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said[:2]] == ["s003", "s004"]
    assert said[2:4] == ["3 of 5 as before, not listed again", "5 marked, mean 24 of 100"]
