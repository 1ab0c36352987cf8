"""Frames over a connected stream socket; every size is checked before anything is allocated.

frame = u32 length of the tree, u32 number of buffers, u64 size of each buffer, tree, buffers
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from typing import Any

from autograder.sandbox.wire import MAX_BYTES, Memory, WireError

MAX_TREE = 8 << 20
MAX_BUFFERS = 100_000
_ALONE = 1 << 18  # frames below this size go out in one piece

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Channel:
    """One end of a conversation.

    wait: called before every read; sets the socket's time limit from the deadline of the whole
    request, or raises TimeoutError. Bytes that drip in one by one therefore win no time.
    """

    def __init__(
        self,
        sock: socket.socket,
        wait: Callable[[], None] = lambda: None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._sock, self._wait, self._max_bytes = sock, wait, max_bytes
        self._ahead = b""

    def send(self, tree: Any, bufs: list) -> None:
        """Send one frame."""
        text = _encode(tree).encode()
        sizes = [len(buf) for buf in bufs]
        head = struct.pack(f"<II{len(sizes)}Q", len(text), len(sizes), *sizes) + text
        if sum(sizes) < _ALONE:
            self._write(b"".join([head, *bufs]))
            return
        for part in (head, *bufs):
            self._write(part)

    def receive(self) -> tuple[Any, list[Memory]]:
        """The next frame; EOFError at the end, WireError for anything that is not a frame."""
        length, count = struct.unpack("<II", self._exactly(8))
        if length > MAX_TREE or count > MAX_BUFFERS:
            raise WireError(f"a message too large ({length} bytes of text, {count} arrays)")
        sizes = struct.unpack(f"<{count}Q", self._exactly(8 * count))
        if sum(sizes) > self._max_bytes:
            raise WireError(f"a message too large ({sum(sizes) >> 20} MiB)")
        try:
            tree = json.loads(bytes(self._exactly(length)))
        except (ValueError, RecursionError) as error:
            raise WireError(f"not a valid message ({type(error).__name__})") from None
        return tree, [self._exactly(size) for size in sizes]

    def _write(self, data: Any) -> None:
        view = memoryview(data)
        while view:
            self._wait()
            try:
                view = view[self._sock.send(view) :]
            except TimeoutError:
                continue

    def _read(self, into: memoryview) -> int:
        while True:
            self._wait()
            try:
                got = self._sock.recv_into(into)
            except TimeoutError:
                continue
            if not got:
                raise EOFError
            return got

    def _exactly(self, size: int) -> Memory:
        """The next bytes, in memory of their own."""
        if len(self._ahead) < size < 1 << 16:
            self._fill(size)
        out = Memory(size)
        taken = min(size, len(self._ahead))
        out[:taken], self._ahead = self._ahead[:taken], self._ahead[taken:]
        view = memoryview(out)
        while taken < size:
            taken += self._read(view[taken:])
        return out

    def _fill(self, size: int) -> None:
        """Read ahead, so that a small frame costs one system call."""
        room = bytearray(1 << 16)
        while len(self._ahead) < size:
            got = self._read(memoryview(room))
            self._ahead += room[:got]
