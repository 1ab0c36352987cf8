"""Fork server: a clean process that has imported NumPy and nothing of the grader's.

It is started by exec with a scrubbed environment, apart from everything secret: what it has in
memory is what every submission could read. It has one thread, so that forking is safe. JSON and
descriptors travel over a SEQPACKET socket; each message is answered by one.
"""

from __future__ import annotations

import array
import gc
import importlib
import json
import os
import signal
import socket
import sys
from typing import Any, NoReturn

CODECS = "ascii idna iso8859_1 iso8859_15 latin_1 cp1252 utf_8_sig utf_16 utf_16_le utf_16_be"
EXTRA = "linecache traceback tracemalloc numpy._core.arrayprint _strptime"


def main(fd: int) -> None:
    """Serve until the grader hangs up."""
    control = socket.socket(fileno=fd)
    try:
        _serve(control)
    except ConnectionError:  # the grader ended in the middle of something
        os._exit(0)


def _serve(control: socket.socket) -> NoReturn:
    from autograder.sandbox import lockdown

    hello = control.recv(1 << 16)
    if not hello or os.getppid() != json.loads(hello)["pid"]:
        os._exit(0)
    _preload()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lockdown.hide_memory()
    gc.collect()
    gc.freeze()  # keeps the collector of a worker from copying every page
    _send(control, {"ready": os.getpid()})
    while True:
        text, fds, _, _ = socket.recv_fds(control, 1 << 16, 3)
        if not text:
            os._exit(0)
        _answer(control, json.loads(text), fds)


def _preload() -> None:
    """Import what a solution may use, for a worker can open no file any more."""
    from autograder.sandbox.loader import ALLOWED

    codecs = [f"encodings.{name}" for name in CODECS.split()]
    for name in sorted(ALLOWED) + codecs + EXTRA.split():
        importlib.import_module(name)
    import numpy as np

    np.ones((64, 64)) @ np.ones((64, 64))
    np.random.default_rng(0).normal(size=3)
    np.linalg.svd(np.eye(3))
    repr(np.ones(3))
    importlib.import_module("autograder.sandbox.worker")


def _send(control: socket.socket, message: dict, fds: tuple[int, ...] = ()) -> None:
    socket.send_fds(control, [json.dumps(message).encode()], array.array("i", fds))


def _answer(control: socket.socket, message: dict, fds: list[int]) -> None:
    if message["op"] == "wait":
        _send(control, {"status": _status(message["pid"])})
        return
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _child(message, fds, parent)
    handle = os.pidfd_open(pid)
    _send(control, {"pid": pid}, (handle,))
    for fd in (handle, *fds):
        os.close(fd)


def _status(pid: int) -> int | None:
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:  # a worker of the fork server before this one
        return None


def _child(message: dict[str, Any], fds: list[int], parent: int) -> NoReturn:
    from autograder.sandbox import lockdown, worker

    try:
        os.setsid()
        _arrange(*fds)
        worker.prepare()
        server = worker.Worker()
        layers = lockdown.apply(message["layers"], message["limits"], message["uid"], parent)
        server.run(layers)
    except BaseException as error:
        os.write(worker.OUTPUT, f"the worker did not start: {error!r}".encode())
    os._exit(97)


def _arrange(sock: int, output: int, trace: int) -> None:
    """Descriptors: 0 nothing, 1 and 2 what is printed, 3 the socket, 4 traces of a crash."""
    null = os.open("/dev/null", os.O_RDONLY)
    high = [os.dup2(fd, 200 + n) for n, fd in enumerate((null, output, output, sock, trace))]
    os.closerange(0, 200)
    for target, fd in enumerate(high):
        os.dup2(fd, target)
    os.closerange(5, 256)


if __name__ == "__main__":
    main(int(sys.argv[1]))
