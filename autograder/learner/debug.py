"""`make test EX=... PDB=1`: the debugger in the learner's own code, the failing inputs at hand.

The first check that fails is run again in this process. Where the code crashed, the debugger opens
at the line that did. Where it gave a wrong answer, it stops at the first line of each call that the
check makes, so that the arguments are there to be looked at.
"""

from __future__ import annotations

import bdb
import linecache
import pdb
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import practice_program
from autograder.engine.run import collect, run_suite
from autograder.learner import code
from autograder.learner.standing import practise_and_record
from autograder.manifest import Chapter, Exercise, earlier_chapters
from autograder.reports.practice import ChapterReport, failure_lines, table_lines
from autograder.sandbox import LocalSession, StudentFailure
from autograder.sandbox.server import Output, Server

_HELP = """
The debugger is in your code. p x shows x, a the arguments, n runs a line, s steps into a call,
l shows the lines around, c goes on{to}, q leaves.
"""


def debug(chapter: Chapter, exercise: Exercise, *, hidden: bool = False) -> int:
    """Stop in the learner's code at the first check of an exercise that fails; exit status."""
    report = practise_and_record(chapter, exercise.name, hidden)
    failure = report.first_failure
    print("\n".join(table_lines(report)))
    if failure is None:
        print(f"nothing to stop at: {_why_not(report, exercise)}")
        return 0
    print("\n".join(["", *failure_lines(report)]))
    crashed = failure.status == "crashed"
    print(_HELP.format(to="" if crashed else " to the next call of the check"), flush=True)
    debugger = _Pdb(chapter)
    session = _DebugSession(debugger, stops=not crashed)
    run_suite(_only(chapter, failure, session, hidden))
    if crashed and not debugger.look_at(session.last_error):
        print("there is no line of yours to stop at: the file cannot be loaded")
    return 1


def _why_not(report: ChapterReport, exercise: Exercise) -> str:
    if report.first_open is None:
        return f"{exercise.name} passes"
    return report.first_open.message or f"{exercise.name} is not written yet"


def _only(chapter: Chapter, check: CheckOutcome, session: LocalSession, hidden: bool) -> Task:
    """Return the task that runs one check, without a time limit."""
    task = Task(
        chapter,
        practice_program(chapter),
        lambda: session,
        hidden=hidden,
        exercises=(check.exercise,),
        in_process=True,
        debug=True,
    )
    task.skip = frozenset(one.id for one in collect(task)) - {check.id}
    return task


class _Pdb(pdb.Pdb):
    """The standard debugger, at the terminal whatever the checks do with standard output."""

    def __init__(self, chapter: Chapter) -> None:
        super().__init__(nosigint=True)
        self.stdout = sys.__stdout__ or sys.stdout
        self.left = False
        files = [each.stub_file for each in (*earlier_chapters(chapter), chapter)]
        self._files = {path.name: str(path) for path in files}
        for path in files:
            text = code.read_text(path)
            lines = text.splitlines(keepends=True)
            linecache.cache[path.name] = len(text), None, lines, str(path)

    def canonic(self, filename: str) -> str:
        """Return where a file lies; the learner's code carries plain names."""
        return self._files.get(Path(filename).name, "") or super().canonic(filename)

    def cmdloop(self, intro: Any = None) -> None:
        assert sys.__stdout__ is not None
        with redirect_stdout(sys.__stdout__), redirect_stderr(sys.__stdout__):
            super().cmdloop(intro)

    def do_quit(self, arg: str) -> bool | None:
        self.left = True
        return super().do_quit(arg)

    do_q = do_exit = do_EOF = do_quit  # noqa: N815 (the names are pdb's)

    def look_at(self, error: BaseException | None) -> bool:
        """Open at the last line of the learner's that an error came through; False without one."""
        trace = _own_frames(error, set(self._files)) if error else None
        if trace is not None:
            self.reset()
            self.interaction(None, trace)
        return trace is not None


def _own_frames(error: BaseException, files: set[str]) -> TracebackType | None:
    """Return an error's traceback with the learner's frames only."""
    frames, trace = [], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in files:
            frames.append(trace)
        trace = trace.tb_next
    own: TracebackType | None = None
    for one in reversed(frames):
        own = TracebackType(own, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return own


class _DebugServer(Server):
    """A server that enters the debugger at each call; of many in a row, at the first."""

    debugger: _Pdb
    stops = True
    last_error: BaseException | None = None

    def _do_call(self, owner: Any, name: str | None, args: list, kwargs: dict) -> Any:
        function = getattr(owner, name) if name else owner
        return self._entered(function, args, kwargs)

    def _do_map(self, owner: Any, name: str | None, many: list) -> list:
        function = getattr(owner, name) if name else owner
        first = [self._entered(function, args, {}) for args in many[:1]]
        return first + [function(*args) for args in many[1:]]

    def _entered(self, function: Any, args: list, kwargs: dict) -> Any:
        if not self.stops:
            return function(*args, **kwargs)
        try:
            if not self.debugger.left:
                return self.debugger.runcall(function, *args, **kwargs)
        except bdb.BdbQuit:
            pass
        raise StudentFailure("left in the debugger")

    def _describe(self, error: BaseException, load: bool) -> dict:
        self.last_error = error
        return super()._describe(error, load)


class _DebugSession(LocalSession):
    """A local session that runs on a server with a debugger."""

    def __init__(self, debugger: _Pdb, *, stops: bool) -> None:
        super().__init__()
        self._server: _DebugServer = _DebugServer(
            self._direct_callback, Output(self._text.append), (Exception, SystemExit)
        )
        self._server.debugger, self._server.stops = debugger, stops

    @property
    def last_error(self) -> BaseException | None:
        return self._server.last_error
