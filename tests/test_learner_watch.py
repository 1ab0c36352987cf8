"""The watch loop at a terminal: driven through a pseudo-terminal, by what it shows."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest
from learner_workspace import HALF, replaced, workspace, write

from autograder.learner import state
from autograder.manifest import Chapter, load_chapter

PATIENCE = 30.0  # seconds until a test gives up on a busy machine; nothing waits that long
RIGHT = {'raise NotImplementedError("quadruple")': "return 4.0 * x"}
ENDLESS = {'raise NotImplementedError("double")': "while True:\n        pass"}


class Terminal:
    """`dlfs watch` at a pseudo-terminal of its own."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        self.handle, self.other = pty.openpty()
        self.before = termios.tcgetattr(self.other)
        program = "from autograder.cli import main; raise SystemExit(main())"
        names = ("NO_COLOR", "FORCE_COLOR", "COLUMNS")
        env = {key: value for key, value in os.environ.items() if key not in names}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", program, "watch", *words],
            cwd=folder,
            stdin=self.other,
            stdout=self.other,
            stderr=self.other,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=env | {"TERM": "xterm"} | environment,
        )
        self.text = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.handle)
        os.close(self.other)

    def press(self, keys: str) -> None:
        os.write(self.handle, keys.encode())

    def sees(self, pattern: str) -> str:
        """Wait until a text is shown that was not seen before; return all up to its end."""
        until = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.text)):
            ready, _, _ = select.select([self.handle], [], [], max(0, until - time.monotonic()))
            assert ready, f"{pattern!r} did not appear in:\n{self.text}"
            self.text += os.read(self.handle, 65536).decode()
        seen, self.text = self.text[: found.end()], self.text[found.end() :]
        return seen

    def page(self, pattern: str) -> str:
        """Wait for a whole page with this text on it."""
        return self.sees(pattern) + self.sees("q quit\r\n")

    def ends(self) -> int:
        """Wait for the end; the terminal must be as it was. Return the exit status."""
        status = self.process.wait(PATIENCE)
        assert termios.tcgetattr(self.other) == self.before
        return status


@pytest.fixture
def mini(tmp_path) -> Chapter:
    return load_chapter(workspace(tmp_path / "project", "untouched"), "ch01_mini")


def save(chapter: Chapter, changes: dict[str, str]) -> None:
    """Save as an editor does that writes a new file and moves it into place."""
    text = chapter.stub_file.read_text(encoding="utf-8")
    write(chapter.stub_file.with_suffix(".new"), replaced(text, changes))
    chapter.stub_file.with_suffix(".new").replace(chapter.stub_file)


def test_a_save_gives_a_verdict_and_only_a_key_moves_on(mini):
    with Terminal(mini.project.root) as terminal:
        page = terminal.page("double  .*not started")
        assert "open: assignments/ch01_mini/mini.py:" in page

        save(mini, HALF)
        page = terminal.page("double  .*passed")
        assert "Everything that grows begins with doubling." in page
        assert "1 of 2 exercises, 60 of 100 points" in page
        assert "n goes on with quadruple" in page

        save(mini, RIGHT)  # of another exercise: the one at hand is run, nothing moves
        assert "quadruple  " not in terminal.page("double  .*passed")

        terminal.press("n")
        terminal.page("quadruple  .*passed")
        terminal.press("q")
        assert terminal.ends() == 0


def test_every_key_does_its_work(mini):
    save(mini, HALF)
    with Terminal(mini.project.root, "double") as terminal:
        terminal.page("double  .*passed")
        terminal.press("h")
        terminal.page("double, hint 1 of 3: what to look at\r\n  Look.")
        terminal.press("h")
        terminal.page("double, hint 2 of 3: the idea")
        terminal.press("l")
        assert "ch02_more" in terminal.page("path through the chapters")
        terminal.press("c")
        terminal.page("1 of 2 public checks pass; 2 more run at grading")
        terminal.press("x\x1b[A")  # no keys of ours
        terminal.press("r")
        terminal.page("put the stub of double back")
        terminal.press("q")  # an answer here, and it is no
        terminal.page("1 of 2 public checks pass")
        terminal.press("r")
        terminal.page("put the stub of double back")
        terminal.press("y")
        assert "backups/ch01_mini/mini-1.py" in terminal.page("double  .*not started")
        terminal.press("n")
        terminal.page("quadruple  .*not started")
        terminal.press("q")
        assert terminal.ends() == 0
    assert 'NotImplementedError("double")' in mini.stub_file.read_text(encoding="utf-8")
    assert state.read(mini.project).of("ch01_mini", "double").hints == 2


def test_it_resumes_where_one_was(mini):
    with Terminal(mini.project.root, "quadruple") as terminal:
        terminal.page("quadruple  .*not started")
        terminal.press("q")
        assert terminal.ends() == 0

    with Terminal(mini.project.root) as terminal:
        terminal.page("quadruple  .*not started")


def test_the_status_is_that_of_the_last_verdict(mini):
    save(mini, {'raise NotImplementedError("double")': "return x"})
    with Terminal(mini.project.root) as terminal:
        terminal.page("double  .*failed")
        terminal.press("q")
        assert terminal.ends() == 1


def test_an_endless_loop_neither_holds_the_keys_nor_outlives_the_end(mini):
    save(mini, ENDLESS)
    with Terminal(mini.project.root) as terminal:
        terminal.sees(r"checking double \.\.\. 1 s")
        assert children_of(mini)
        terminal.press("h")
        terminal.page("hint 1 of 3")
        began = time.monotonic()
        terminal.press("q")
        assert terminal.ends() == 0
        assert time.monotonic() - began < 3.0  # the check's own limit is 5 s
        assert not children_of(mini)


def children_of(chapter: Chapter) -> list[str]:
    """The processes that check this chapter: its folder is on their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if os.fsencode(chapter.project.root) in entry.read_bytes():
                found.append(entry.parent.name)
    return found


def test_a_save_during_a_run_starts_it_again(mini):
    save(mini, ENDLESS)
    with Terminal(mini.project.root) as terminal:
        terminal.sees("checking double")
        save(mini, {"while True:\n        pass": "return 2.0 * x"})
        assert "out of time" not in terminal.page("double  .*passed")


def test_the_terminal_is_restored_after_ctrl_c(mini):
    with Terminal(mini.project.root) as terminal:
        terminal.page("not started")
        assert termios.tcgetattr(terminal.other) != terminal.before
        terminal.press("\x03")
        terminal.sees("interrupted")
        assert terminal.ends() == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_terminal_is_restored_after_a_signal(mini, number):
    with Terminal(mini.project.root) as terminal:
        terminal.page("not started")
        terminal.process.send_signal(number)
        assert terminal.ends() == 128 + number


def test_the_terminal_is_restored_after_an_error_of_ours(mini):
    with Terminal(mini.project.root) as terminal:
        terminal.page("not started")
        (mini.project.suites / "ch02_more" / "chapter.toml").write_text("title = ", "utf-8")
        terminal.press("l")
        terminal.sees(r"chapter.toml:1: not valid TOML")
        assert terminal.ends() == 1


def test_a_broken_suite_or_a_missing_file_is_a_page(mini):
    with Terminal(mini.project.root) as terminal:
        terminal.page("not started")
        mini.stub_file.rename(mini.stub_file.with_suffix(".away"))
        terminal.page("mini.py is missing")
        mini.stub_file.with_suffix(".away").rename(mini.stub_file)
        terminal.page("not started")


def test_colours_are_left_out_where_nobody_wants_them(mini):
    save(mini, HALF)
    with Terminal(mini.project.root) as terminal:
        assert "\x1b[32mpassed" in terminal.page("passed")
    with Terminal(mini.project.root, NO_COLOR="1") as terminal:
        assert "\x1b[3" not in terminal.page("double  passed")
    with Terminal(mini.project.root, TERM="dumb") as terminal:
        assert "\x1b" not in terminal.page("double  passed")
