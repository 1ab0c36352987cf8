"""The sandbox: owns the fork server and hands out sessions with locked-down workers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from autograder.errors import UserError
from autograder.sandbox import lockdown
from autograder.sandbox.remote import SandboxSession

LIMITS = {"memory": 1 << 30, "cpu": 600, "output": 1 << 20}
NOBODY = 65_534 - 4_242  # an id without an entry in any list of users
NOT_ISOLATED = "not isolated"  # stands first among the layers when a minimum was not asked for
START_SECONDS = 30.0  # for the fork server, on a busy machine


class Sandbox:
    """Starts workers; a context manager.

    layers: those to try, default all. unsafe: go on below the minimum for marks, which is
    otherwise refused with a UserError. `isolation` is what a worker reports to be in force.
    lost: how many workers ended by no doing of theirs or of ours; what they worked on when this
    grew has to be done again.
    """

    def __init__(self, layers: list[str] | None = None, unsafe: bool = False) -> None:
        self._wanted = list(lockdown.LAYERS if layers is None else layers)
        self._unsafe = unsafe
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._owner = os.getpid()
        self._isolation: list[str] | None = None
        self.lost = 0

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *args: Any) -> None:
        self.close()

    @property
    def isolation(self) -> list[str]:
        """The layers that a worker reports to be in force."""
        if self._isolation is None:
            with self.session() as session:
                self._isolation = session.ensure_worker()
        return self._isolation

    def session(self, **limits: int) -> SandboxSession:
        """A session; limits: memory and output in bytes, cpu in seconds."""
        return SandboxSession(self, {**LIMITS, **limits})

    def close(self) -> None:
        """End the fork server, and with it every worker."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None

    def fork(self, fds: list[int], limits: dict[str, int]) -> tuple[int, int]:
        """A new worker that takes over the descriptors: its id, and a descriptor to signal it."""
        message = {"op": "fork", "layers": self._wanted, "limits": limits, "uid": self._uid()}
        for last in (False, True):
            try:
                answer, handles = self._ask(message, fds)
            except OSError as error:  # the fork server is gone; a new one will do
                if last:
                    raise UserError(
                        f"the sandbox's fork server does not stay up: {error}"
                    ) from None
            else:
                return answer["pid"], handles[0]
        raise AssertionError

    def wait(self, pid: int) -> int | None:
        """The exit status of a worker that was ended; None if the fork server is gone."""
        try:
            return self._ask({"op": "wait", "pid": pid}, [], restart=False)[0]["status"]
        except OSError:
            return None

    def accept(self, layers: list[str]) -> list[str]:
        """The layers to report; UserError if they are too few and that was not asked for."""
        lacking = lockdown.missing_for_marks(layers)
        if self._unsafe:
            return [NOT_ISOLATED, *layers]
        if lacking:
            raise UserError(
                f"this machine lacks {' and '.join(lacking)} to hold student code safely: see "
                "`dlfs doctor`, use another machine, or pass --unsafe to mark without isolation"
            )
        return layers

    def _uid(self) -> int | None:
        if os.getuid() != 0:
            return None
        if "uid" not in self._wanted and not self._unsafe:
            raise UserError("student code must not run as root: leave the layer 'uid' on")
        return NOBODY

    def _ask(self, message: dict, fds: list[int], restart: bool = True) -> tuple[dict, list[int]]:
        with self._lock:
            if self._owner != os.getpid():  # this process was forked: the server is its parent's
                self._control = self._process = None
            if self._control is None and not restart:
                raise ConnectionError
            try:
                if self._control is None:
                    self._launch()
                assert self._control is not None
                socket.send_fds(self._control, [json.dumps(message).encode()], fds)
                return _receive(self._control)
            except OSError:
                self._stop()
                raise

    def _launch(self) -> None:
        """Start the fork server with nothing of this process but one socket."""
        if sys.platform != "linux":
            raise UserError("the sandbox needs Linux: use WSL2, a container or a virtual machine")
        root = str(Path(__file__).resolve().parents[2])
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        start = (
            f"import sys; sys.path.insert(0, {root!r}); from autograder.sandbox import zygote; "
            f"del sys.path[0]; zygote.main({theirs.fileno()})"
        )
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-B", "-c", start],
                pass_fds=[theirs.fileno()],
                env=_environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the grader, which ends it
            )
        self._control, self._owner = ours, os.getpid()
        ours.settimeout(START_SECONDS)
        ours.send(json.dumps({"pid": os.getpid()}).encode())
        _receive(ours)


def _environment() -> dict[str, str]:
    # One BLAS thread: a worker may start no other, and would wait for it for ever.
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    fixed = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
    return {**fixed, **dict.fromkeys(threads, "1")}


def _receive(control: socket.socket) -> tuple[dict, list[int]]:
    text, fds, _, _ = socket.recv_fds(control, 1 << 16, 1)
    if not text:
        raise ConnectionError("the fork server ended")
    return json.loads(text), fds
