"""The locked-down process of one session: serves requests about the student's code.

Untrusted from the moment that code is imported: it may send any bytes it likes.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import socket
import sys
from typing import Any, NoReturn

from autograder.sandbox.channel import Channel
from autograder.sandbox.server import Message, Output, Server

OUTPUT, SOCKET, TRACE = 1, 3, 4


class Worker:
    """Reads requests from the socket and answers them. To be made before the walls go up."""

    def __init__(self) -> None:
        self._channel = Channel(socket.socket(fileno=SOCKET))
        self._server = Server(self._call_back, Output(_write), (BaseException,))

    def run(self, layers: list[str]) -> NoReturn:
        """Serve until the other side hangs up."""
        try:
            self._channel.send({"op": "hello", "layers": layers}, [])
            self._serve()
        except (EOFError, ConnectionError):
            os._exit(0)
        os._exit(0)

    def _serve(self) -> Message:
        """Answer requests; return the answer to a callback when it comes."""
        while True:
            tree, bufs = self._channel.receive()
            if tree["op"] in ("ret", "raise"):
                return tree, bufs
            self._channel.send(*self._server.execute(tree, bufs))

    def _call_back(self, tree: Any, bufs: list) -> Message:
        try:
            self._channel.send(tree, bufs)
            return self._serve()
        except (EOFError, ConnectionError):
            os._exit(0)


def prepare() -> None:
    """What has to happen before the walls go up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable(file=TRACE, all_threads=False)
    faulthandler.register(signal.SIGUSR1, file=TRACE, all_threads=False)  # "where are you?"
    os.environ.clear()
    sys.argv[:], sys.orig_argv[:], sys.path[:] = ["submission"], [], []
    sys.path_importer_cache.clear()
    sys.stdin = None
    sys.stdout = sys.stderr = Output(_write)


def _write(text: str) -> None:
    os.write(OUTPUT, text.encode("utf-8", "replace"))
