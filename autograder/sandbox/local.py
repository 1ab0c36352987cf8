"""The session whose student code runs in the caller's own process."""

from __future__ import annotations

from autograder.sandbox.errors import StudentProtocol
from autograder.sandbox.server import Message, Output, Server
from autograder.sandbox.session import Session
from autograder.sandbox.wire import Memory, WireError


class LocalSession(Session):
    """Student code in the caller's process: the same values, copies and errors, but no walls.

    Time limits and a code that ends the process are the caller's business.
    """

    def __init__(self) -> None:
        super().__init__()
        self._text: list[str] = []
        self._server = Server(
            self._direct_callback, Output(self._text.append), (Exception, SystemExit)
        )

    def _begin(self, budget: float) -> None:
        self._text.clear()

    def _exchange(self, tree: dict, bufs: list) -> Message:
        __tracebackhide__ = True
        answer, back = self._server.execute(tree, [Memory(buf) for buf in bufs])
        return answer, [Memory(buf) for buf in back]

    def _direct_callback(self, tree: dict, bufs: list) -> Message:
        answer, back = self._run_callback(tree, [Memory(buf) for buf in bufs])
        return answer, [Memory(buf) for buf in back]

    def _printed(self) -> str:
        return "".join(self._text)

    def _malformed(self, error: Exception) -> BaseException:
        return StudentProtocol(str(error)) if isinstance(error, WireError) else error
