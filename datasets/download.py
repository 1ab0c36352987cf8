"""One file from the net: verified, put in place in one step, resumed where it broke off.

pooch looks whether the file is there, compares its SHA-256 and moves it into place. It always
begins a transfer from the start, so the transfer is ours: what has arrived stays in NAME.part, and
the next attempt, at any mirror, asks for the rest only.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import UserError
from datasets.files import File, readable

if TYPE_CHECKING:
    import requests

CONNECT = 10.0  # seconds until a server must have answered
STALL = 30.0  # seconds without a byte, or with too few of them, after which it is given up
SLOWEST = 1000  # bytes per second
TRIES = 5  # how often one mirror may break off, if something arrives each time
PIECE = 1 << 16

Show = Callable[[int], None]  # told how many bytes of the file are there


class Failed(Exception):
    """A mirror could not give the file; the text says why."""


class Unreachable(Failed):
    """It did not answer at all: asking it for another file is a waste of time."""


class BrokeOff(Failed):
    """It stopped in the middle: the rest may be asked for."""


def fetch(file: File, folder: Path, address: str, show: Show) -> None:
    """Put the file into `folder`; raise Failed if this address does not give exactly that file.

    Raises UserError where the folder cannot be written to: no other mirror would help.
    """
    for left in reversed(range(TRIES)):
        before = _size(_part(folder, file))
        try:
            _whole(file, folder, address, show)
            return
        except BrokeOff:
            if not left or _size(_part(folder, file)) <= before:
                raise


def _whole(file: File, folder: Path, address: str, show: Show) -> None:
    pooch = _pooch()
    transfer = _Transfer(file, folder, show)
    try:
        pooch.retrieve(address, f"sha256:{file.sha256}", file.name, folder, downloader=transfer)
    except ValueError:  # pooch's answer to another digest
        if not transfer.resumed:
            raise Failed("sent another file of the same size") from None
        # What was there before may be what is wrong: once more, from the start.
        transfer.part.unlink(missing_ok=True)
        _whole(file, folder, address, show)
    except BrokenPipeError:  # whoever reads what `show` prints has gone
        raise
    except OSError as error:
        raise unwritable(folder / file.name, file, error) from None


def unwritable(target: Path, file: File, error: OSError) -> UserError:
    """Return the error that says why a file cannot be written, and what it needs."""
    return UserError(
        f"{target}: cannot be written ({error.strerror or error}); "
        f"{readable(file.size)} are needed there, and what has arrived is kept"
    )


def _pooch() -> Any:
    try:
        import pooch
    except ImportError:
        raise UserError(
            "fetching needs the package pooch: `make data` installs it, or pip install -e '.[data]'"
        ) from None
    pooch.get_logger().setLevel("ERROR")
    return pooch


def _part(folder: Path, file: File) -> Path:
    return folder / f"{file.name}.part"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


class _Transfer:
    """Brings a file to the place that pooch names: a `downloader` of pooch."""

    def __init__(self, file: File, folder: Path, show: Show) -> None:
        self.file, self.part, self.show = file, _part(folder, file), show
        self.resumed = False

    def __call__(self, address: str, output_file: str, pooch: object) -> None:
        have = _size(self.part)
        self.resumed = have > 0
        if have < self.file.size:
            self._receive(address, have)
        self.part.replace(output_file)

    def _receive(self, address: str, have: int) -> None:
        with _ask(address, have) as response:
            start = self._start(response, have)
            if start is not None:
                self.resumed = start > 0
                return self._write(response, start)
        self.part.unlink()
        return self._receive(address, 0)

    def _start(self, response: requests.Response, have: int) -> int | None:
        """The byte at which the answer begins; None if what we have is of no use to this server."""
        if response.status_code == 200:
            length = response.headers.get("Content-Length", str(self.file.size))
            if length != str(self.file.size):
                kind = response.headers.get("Content-Type", "unknown type")
                raise Failed(f"sent {length} bytes ({kind}) instead of {self.file.size}")
            return 0
        if have and response.status_code == 206:
            rest = rf"bytes {have}-\d+/({self.file.size}|\*)"
            return have if re.fullmatch(rest, response.headers.get("Content-Range", "")) else None
        if have and response.status_code == 416:
            return None
        raise Failed(f"answered {response.status_code} {response.reason}".rstrip())

    def _write(self, response: requests.Response, start: int) -> None:
        there = start
        with self.part.open("ab" if start else "wb") as stream:
            self.show(there)
            for piece in self._pieces(response):
                there += len(piece)
                if there > self.file.size:
                    raise Failed(f"sent more than the {self.file.size} bytes of the file")
                stream.write(piece)
                self.show(there)
        if there < self.file.size:
            raise BrokeOff(f"broke off after {self._so_far(there)}")

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        """What arrives, as it arrives, until the server ends; raises BrokeOff if it dawdles."""
        import urllib3.exceptions as errors

        pace = _Pace()
        try:
            # As sent: a .gz file stays packed even if it is declared as an encoding.
            while piece := response.raw.read1(PIECE, decode_content=False):
                yield piece
                if pace.is_too_slow(len(piece)):
                    raise BrokeOff(f"sent less than {SLOWEST} bytes a second for {STALL:g} s")
        except errors.ReadTimeoutError:
            raise BrokeOff(f"sent nothing for {STALL:g} s") from None
        except errors.HTTPError:
            return

    def _so_far(self, there: int) -> str:
        return f"{readable(there)} of {readable(self.file.size)}"


class _Pace:
    """Watches that each stretch of STALL seconds brings something."""

    def __init__(self) -> None:
        self.began, self.got = time.monotonic(), 0

    def is_too_slow(self, size: int) -> bool:
        self.got += size
        now = time.monotonic()
        if now - self.began < STALL:
            return False
        slow = self.got < SLOWEST * STALL
        self.began, self.got = now, 0
        return slow


def _ask(address: str, have: int) -> requests.Response:
    """Return the answer to a request for all bytes, or for those from `have` on."""
    import requests

    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        return requests.get(address, headers=headers, stream=True, timeout=(CONNECT, STALL))
    except requests.TooManyRedirects:
        raise Failed("redirects in a circle") from None
    except requests.ConnectTimeout:
        raise Unreachable(f"gave no connection within {CONNECT:g} s") from None
    except requests.Timeout:
        raise Unreachable(f"gave no answer within {STALL:g} s") from None
    except requests.exceptions.SSLError:
        raise Unreachable("has a certificate that is not accepted") from None
    except requests.ConnectionError:
        raise Unreachable("could not be reached") from None
    except requests.RequestException as error:
        raise Failed(f"could not be asked ({type(error).__name__})") from None
