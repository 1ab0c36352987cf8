"""A web server on this machine that gives files, and gives them badly when told to.

with DataServer({"/mnist/a.gz": content}) as server:
    server.next(cut(1000), status(500))      # how the next requests are answered; then: well
    ...
    server.seen                              # [Seen(path, range, sent), ...]
"""

from __future__ import annotations

import hashlib
import random
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import datasets

# What the fixtures `server` and `backup` have at /text/text.txt.
CONTENT = random.Random(0).randbytes(300_000)
FILE = datasets.File("text.txt", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


def in_place(landing: Path) -> bool:
    """Say whether the file is there, and nothing else but the lock."""
    names = sorted(path.name for path in landing.parent.iterdir())
    return landing.read_bytes() == CONTENT and names == [".lock", landing.name]


@dataclass
class Seen:
    """A request, and how many bytes of the file went out."""

    path: str
    range: str | None
    sent: int = 0


class DataServer:
    """Serves `files` by path until the block ends; `address` is its root."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.seen: list[Seen] = []
        self.answers: list[Answer] = []
        self.over = threading.Event()  # set at the end: whoever keeps a client waiting stops
        self.asked, self.go = threading.Event(), threading.Event()  # see held

    def __enter__(self) -> DataServer:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._http.data = self  # type: ignore[attr-defined]
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def next(self, *answers: Answer) -> None:
        """Answer the next requests so; those after them are answered well."""
        self.answers.extend(answers)

    def held(self, handler: _Handler, content: bytes) -> None:
        """Say by `asked` that the request is there, answer it when `go` is set."""
        self.asked.set()
        self.go.wait(60)
        well(handler, content)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.data: DataServer = self.server.data  # type: ignore[attr-defined]
        self.seen = Seen(self.path, self.headers["Range"])
        self.data.seen.append(self.seen)
        self.close_connection = True
        content = self.data.files.get(self.path)
        answer = self.data.answers.pop(0) if self.data.answers else well
        if content is None:
            answer = status(404)
        answer(self, content or b"")

    def head(self, code: int, length: int | None, **headers: str) -> None:
        self.send_response(code)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def body(self, content: bytes) -> None:
        # Counted first: the client may be done with it before this thread goes on.
        self.seen.sent += len(content)
        with suppress(ConnectionError):  # it has hung up
            self.wfile.write(content)

    def asked(self) -> int:
        """The byte that the client wants to begin with."""
        match = re.fullmatch(r"bytes=(\d+)-", self.seen.range or "")
        return int(match[1]) if match else 0

    def log_message(self, *args: object) -> None:
        pass


Answer = Callable[[_Handler, bytes], None]


def well(handler: _Handler, content: bytes) -> None:
    """What a good server does: the file, or the part that was asked for."""
    cut(len(content))(handler, content)


def cut(count: int) -> Answer:
    """Announce everything, send `count` bytes of it, hang up."""

    def answer(handler: _Handler, content: bytes) -> None:
        start = handler.asked()
        if start >= len(content) > 0:
            handler.head(416, 0, Content_Range=f"bytes */{len(content)}")
        elif start:
            span = f"bytes {start}-{len(content) - 1}/{len(content)}"
            handler.head(206, len(content) - start, Content_Range=span)
        else:
            handler.head(200, len(content))
        handler.body(content[start:][:count])

    return answer


def status(code: int) -> Answer:
    """Refuse."""
    return lambda handler, content: handler.head(code, 0)


def page(handler: _Handler, content: bytes) -> None:
    """An error page that says 200, as captive portals send it."""
    text = b"<!DOCTYPE html><title>Please log in</title>"
    handler.head(200, len(text), Content_Type="text/html")
    handler.body(text)


def page_without_length(handler: _Handler, content: bytes) -> None:
    """The same from a server that does not say how long it is."""
    handler.head(200, None, Content_Type="text/html")
    handler.body(b"<!DOCTYPE html><title>Please log in</title>")


def circle(handler: _Handler, content: bytes) -> None:
    """Redirect to itself, again and again."""
    handler.data.answers.insert(0, circle)
    handler.head(302, 0, Location=handler.path)


def moved(path: str) -> Answer:
    """Redirect to another path."""
    return lambda handler, content: handler.head(302, 0, Location=path)


def without_ranges(handler: _Handler, content: bytes) -> None:
    """Send everything, whatever part was asked for."""
    handler.head(200, len(content))
    handler.body(content)


def other_range(handler: _Handler, content: bytes) -> None:
    """Send another part than was asked for, and say so."""
    handler.head(206, len(content) - 1, Content_Range=f"bytes 1-{len(content) - 1}/{len(content)}")
    handler.body(content[1:])


def other_bytes(handler: _Handler, content: bytes) -> None:
    """Send a file of the same size."""
    well(handler, bytes(len(content)))


def too_long(handler: _Handler, content: bytes) -> None:
    """Send more than the file, without saying how much."""
    handler.head(200, None)
    handler.body(content + b"more")


def labelled(handler: _Handler, content: bytes) -> None:
    """Send the file and call its packing an encoding, as some servers do with .gz files."""
    handler.head(200, len(content), Content_Encoding="gzip")
    handler.body(content)


def stall(count: int) -> Answer:
    """Send `count` bytes, then nothing for as long as the server lives."""

    def answer(handler: _Handler, content: bytes) -> None:
        cut(count)(handler, content)
        handler.data.over.wait()

    return answer


def drip(handler: _Handler, content: bytes) -> None:
    """Send ten bytes of the beginning, whatever was asked for, and nothing more."""
    handler.head(200, len(content))
    handler.body(content[:10])
    handler.data.over.wait()


def mute(handler: _Handler, content: bytes) -> None:
    """Take the request and never answer."""
    handler.data.over.wait()
