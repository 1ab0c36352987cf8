"""The session whose student code runs in a locked-down worker."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import select
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from autograder.errors import UserError
from autograder.sandbox.channel import Channel
from autograder.sandbox.errors import (
    StudentCrash,
    StudentFailure,
    StudentProtocol,
    StudentTimeout,
    clean,
)
from autograder.sandbox.server import MAX_PRINTED, Message
from autograder.sandbox.session import Session
from autograder.sandbox.wire import Packer, WireError

if TYPE_CHECKING:
    from autograder.sandbox.box import Sandbox

START_SECONDS = 30.0
END_SECONDS = 2.0  # what a process that hung up may take to end by itself
TRACE_SECONDS = 1.0  # what it may take to write down where it is
MAX_EXTENSION = 20  # times the budget, on a machine that is busy otherwise
# A trace is complete with the fork server's own first line, or with too many frames.
_TRACE_ENDS = ('File "<string>", line 1 in <module>\n', "  ...\n")
_TRACED = re.compile(r'File "([^"\n]{1,200})", line (\d{1,7}) in (\S{1,100})')


class Process:
    """One worker as the grader sees it."""

    def __init__(self, box: Sandbox, limits: dict[str, int]) -> None:
        self._box = box
        self.sock, theirs = socket.socketpair()
        self.output, self.trace = os.memfd_create("output"), os.memfd_create("trace")
        with theirs:
            fds = [theirs.fileno(), self.output, self.trace]
            try:
                self.pid, self.handle = box.fork(fds, limits)
            except BaseException:
                self._close(self.output, self.trace)
                raise

    def _close(self, *fds: int) -> None:
        self.sock.close()
        for fd in fds:
            os.close(fd)

    def clear(self) -> None:
        """Forget what was printed and traced."""
        for fd in (self.output, self.trace):
            os.ftruncate(fd, 0)
            os.lseek(fd, 0, os.SEEK_SET)

    def printed(self) -> str:
        return os.pread(self.output, 4 * MAX_PRINTED, 0).decode("utf-8", "replace")

    def traced(self) -> str:
        return os.pread(self.trace, 1 << 16, 0).decode("utf-8", "replace")

    def ended(self, seconds: float) -> bool:
        return bool(select.select([self.handle], [], [], seconds)[0])

    def waited(self) -> float:
        """Seconds in which the worker, or this process, could have run but had no processor."""
        total = 0
        for pid in (self.pid, "self"):
            with contextlib.suppress(OSError, IndexError, ValueError):
                total += int(Path(f"/proc/{pid}/schedstat").read_text().split()[1])
        return total / 1e9

    def ask_where(self) -> None:
        """Let the worker write down where it is; it may refuse."""
        self._signal(signal.SIGUSR1)
        end = time.monotonic() + TRACE_SECONDS
        while time.monotonic() < end and not self.ended(0.002):
            if self.traced().endswith(_TRACE_ENDS):
                return

    def end(self, ended: bool = False) -> int | None:
        """Kill and reap it; the status it ended with, None if that is not known.

        ended: it had ended already, so SIGKILL was not ours; a worker cannot send it to itself.
        """
        self._signal(signal.SIGKILL)
        status = self._box.wait(self.pid)
        if ended and (status is None or os.WTERMSIG(status) == signal.SIGKILL):
            self._box.lost += 1
        self._close(self.handle, self.output, self.trace)
        return status

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, number)


class SandboxSession(Session):
    """Student code in a locked-down worker; a dead worker is replaced at the next start."""

    def __init__(self, box: Sandbox, limits: dict[str, int]) -> None:
        super().__init__()
        self._box, self._limits = box, limits
        self._process: Process | None = None
        self._failure: StudentFailure | None = None
        self._text = ""
        self._asking = 0
        self._budget = self._left = self._deadline = self._waited = self._extended = 0.0

    def close(self) -> None:
        """End the worker; handles of this session are of no use afterwards."""
        self._end()
        super().close()

    def __enter__(self) -> SandboxSession:
        return self

    def ensure_worker(self) -> list[str]:
        """Have a worker that is ready; its layers. UserError when its walls are too low."""
        if self._process is not None:
            return self.isolation
        self._failure = None
        self._process = process = Process(self._box, self._limits)
        self._channel = Channel(process.sock, self._tick)
        self._budget, self._deadline = START_SECONDS, time.monotonic() + START_SECONDS
        self._waited, self._extended = process.waited(), 0.0
        try:
            layers = self._channel.receive()[0]["layers"]
            self.isolation = self._box.accept(layers)
            return self.isolation
        except (OSError, EOFError, WireError):
            text = clean(process.printed(), 500)
            self._end(process.ended(END_SECONDS))
            raise UserError(f"the sandbox could not start a worker: {text or 'it ended'}") from None
        except BaseException:
            self._end()
            raise

    def _begin(self, budget: float) -> None:
        if self._process is not None and self._process.ended(0):
            self._end(ended=True)
        self.ensure_worker()
        assert self._process is not None
        self._process.clear()
        gc.collect(1)  # an exception and its frames hold each other, and the large answer in them
        self._budget = self._left = budget
        self._waited, self._extended = self._process.waited(), 0.0

    def _exchange(self, tree: dict, bufs: list) -> Message:
        __tracebackhide__ = True
        if self._failure is not None:
            raise self._failure
        if self._process is None:
            raise RuntimeError("no program is loaded in this session: call start() first")
        if not self._asking:
            self._deadline = time.monotonic() + self._left
        self._asking += 1
        try:
            return self._converse(tree, bufs)
        finally:
            self._asking -= 1
            if not self._asking:
                self._left = self._deadline - time.monotonic()

    def _read(self, answer: dict, bufs: list, pack: Packer) -> tuple[Any, Exception | None]:
        """Reading a large answer costs the one who sent it."""
        start = time.monotonic()
        try:
            return super()._read(answer, bufs, pack)
        finally:
            self._left -= time.monotonic() - start

    def _converse(self, tree: dict, bufs: list) -> Message:
        """Send a request and take what comes until its answer. A failure ends the worker."""
        __tracebackhide__ = True
        try:
            self._channel.send(tree, bufs)
            while True:
                answer, back = self._channel.receive()
                if not isinstance(answer, dict) or "op" not in answer:
                    raise WireError("neither an answer nor a call")
                if answer["op"] != "cb":
                    return answer, back
                self._channel.send(*self._run_callback(answer, back))
        except TimeoutError:
            self._time_out()
        except (EOFError, ConnectionError):
            self._crash()
        except WireError as error:
            raise self._malformed(error) from None
        except BaseException:  # out of a callback: the worker still waits for its answer
            self._end()
            self._failure = self._failure or StudentCrash("was interrupted")
            raise

    def _tick(self) -> None:
        """Set the time that is left for the whole request on the socket."""
        assert self._process is not None
        left = self._deadline - time.monotonic()
        if left <= 0:
            left = self._extend()
        if left <= 0:
            raise TimeoutError
        self._process.sock.settimeout(left)

    def _extend(self) -> float:
        """Give back the time in which the machine was busy with others; return what is left."""
        assert self._process is not None
        waited = self._process.waited()
        lost = min(waited - self._waited, MAX_EXTENSION * self._budget - self._extended)
        self._waited = waited
        self._extended += lost
        self._deadline += lost
        return self._deadline - time.monotonic()

    def _time_out(self) -> NoReturn:
        __tracebackhide__ = True
        assert self._process is not None
        self._process.ask_where()
        at, function = self._where()
        self._end()
        self._failure = StudentTimeout(f"did not finish within {self._budget:g} s{function}", at)
        raise self._failure from None

    def _crash(self) -> NoReturn:
        __tracebackhide__ = True
        assert self._process is not None
        ended = self._process.ended(END_SECONDS)
        at, function = self._where()
        status = self._end(ended)
        why = _reason(status) if ended else "closed its connection to the grader"
        self._failure = StudentCrash(f"{why}{function}", at)
        raise self._failure from None

    def _malformed(self, error: Exception) -> BaseException:
        self._end()
        reason = error if isinstance(error, WireError) else type(error).__name__
        self._failure = StudentProtocol(f"sent something that is not an answer: {clean(reason)}")
        return self._failure

    def _where(self) -> tuple[str | None, str]:
        """The line where the student's code was, and its outermost function for the message."""
        assert self._process is not None
        found = _TRACED.findall(self._process.traced())
        own = [place for place in found if place[0] in self._usable]
        if not own:
            return None, ""
        file, line, _ = own[0]
        return f"{file}:{line}", f" (in {clean(own[-1][2], 100)} of {own[-1][0]})"

    def _end(self, ended: bool = False) -> int | None:
        if self._process is None:
            return None
        process, self._process = self._process, None
        self._text = process.printed()
        return process.end(ended)

    def _printed(self) -> str:
        return self._process.printed() if self._process is not None else self._text


def _reason(status: int | None) -> str:
    if status is None:
        return "ended the Python process"
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"ended the Python process (exit status {code})"
    return f"its process was killed by {signal.Signals(-code).name}"
