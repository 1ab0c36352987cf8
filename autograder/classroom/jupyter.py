"""JupyterLab for one purpose: started quietly on this machine, its address said, ended cleanly.

It runs as a child with a token of its own, its log in a file that is shown only when it does not
start. A folder of settings, made for each start, comes before the user's own: nbgrader finds the
course there, and what a purpose has no use for is left out of the menus.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote

from autograder.errors import UsageError, UserError

HOST = "127.0.0.1"
FIRST_PORT = 8888  # Jupyter's own

_PORTS = 50  # tried from the first one on, unless one is asked for
_PATIENCE = 90.0  # seconds for the start on a busy machine
_FAREWELL = 10.0  # seconds for kernels to end
_LOG = "jupyter.log"

# Parts of the page that nobody needs here: news from the network, and installing more parts.
_LEFT_OUT = (
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/extensionmanager-extension",
    "@jupyter/nbgrader:course-list",
    "@jupyter/nbgrader:create-assignment",
    # It runs the notebook and then says "Success": checks of ours report, they raise nothing.
    "@jupyter/nbgrader:validate-assignment",
    "jupyterlab-jupytext",
)
_SERVER_PARTS = (
    "jupyterlab_jupytext",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.validate_assignment",
)


@dataclass(frozen=True)
class Site:
    """What is served: a folder, the page to open in it, nbgrader's settings, what is left out."""

    folder: Path
    page: str
    settings: str = ""  # the text of an nbgrader_config.py
    left_out: tuple[str, ...] = ()
    server_left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Server:
    """A JupyterLab that answers."""

    process: subprocess.Popen[bytes]
    port: int
    token: str

    def address(self, page: str) -> str:
        """Return what to type into a browser to see a page.

        It goes through the log-in, which lets the browser see every page of the server: one
        that is asked for directly, with the token, may be the only one that it lets in to.
        """
        return f"http://{HOST}:{self.port}/login?next={quote(page)}&token={self.token}"


def require_jupyterlab() -> None:
    """Refuse, in one sentence, where JupyterLab is not installed."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise UserError(
            "this verb needs JupyterLab, which the small install leaves out: "
            "pip install -e '.[lab]', or run the verb through make"
        )


@contextlib.contextmanager
def running(site: Site, port: int | None = None, *, verbose: bool = False) -> Iterator[Server]:
    """Start JupyterLab and yield it once it answers; it is gone afterwards, whatever happens.

    port: this one or none at all; without it, the first one that is free.
    Inside, the closing of the terminal, and `kill`, do what Ctrl-C does.
    """
    require_jupyterlab()
    with tempfile.TemporaryDirectory(prefix="dlfs-lab-") as made, _signals_interrupt():
        home = Path(made)
        _write_settings(home, site)
        server = _start(home, site, _free_port(port), verbose)
        try:
            _wait_until_it_answers(server, home / _LOG)
            yield server
        finally:
            _stop(server.process)


def wait(server: Server) -> None:
    """Return when the server ends, or on Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        server.process.wait()


@contextlib.contextmanager
def _signals_interrupt() -> Iterator[None]:
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    names = ("SIGTERM", "SIGHUP", "SIGINT")
    numbers: list[Any] = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _free_port(wanted: int | None) -> int:
    if wanted is not None:
        return _asked_for(wanted)
    for port in range(FIRST_PORT, FIRST_PORT + _PORTS):
        if _is_free(port):
            return port
    last = FIRST_PORT + _PORTS - 1
    raise UserError(f"all ports from {FIRST_PORT} to {last} are taken: name another, PORT=...")


def _asked_for(port: int) -> int:
    if not 1 <= port <= 65535:
        raise UsageError(f"there is no port {port}: take one from 1024 to 65535")
    try:
        if _is_free(port):
            return port
    except PermissionError:
        raise UserError(f"port {port} is reserved by the system: take one above 1023") from None
    raise UserError(
        f"port {port} is taken, perhaps by another JupyterLab of yours: "
        "end that one, or leave PORT= out to take the next free one"
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":  # as the server does: a port that was just given back is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise
        except OSError:
            return False
    return True


def _write_settings(home: Path, site: Site) -> None:
    page = {"disabledExtensions": dict.fromkeys((*_LEFT_OUT, *site.left_out), True)}
    (home / "labconfig").mkdir()
    (home / "labconfig" / "page_config.json").write_text(json.dumps(page), encoding="utf-8")
    if site.settings:
        (home / "nbgrader_config.py").write_text(site.settings, encoding="utf-8")


def _start(home: Path, site: Site, port: int, verbose: bool) -> Server:
    token = secrets.token_hex(16)
    with (home / _LOG).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *_options(site, port)],
            cwd=site.folder,
            env=_environment(home, token),
            stdin=subprocess.DEVNULL,
            stdout=None if verbose else log,
            stderr=None if verbose else log,
            start_new_session=True,  # Ctrl-C is ours: it would ask whether it was meant
        )
    return Server(process, port, token)


def _options(site: Site, port: int) -> list[str]:
    parts = dict.fromkeys((*_SERVER_PARTS, *site.server_left_out), False)
    return [
        "--no-browser",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.base_url=/",
        f"--ServerApp.root_dir={site.folder}",
        f"--ServerApp.jpserver_extensions={parts}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LanguageServerManager.autodetect=False",
        "--FormgradeExtension.debug=False",  # else a page shows its whole configuration
    ]


def _environment(home: Path, token: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    before = [ours["JUPYTER_CONFIG_PATH"]] if ours.get("JUPYTER_CONFIG_PATH") else []
    programs = [str(Path(sys.executable).parent), ours.get("PATH", "")]
    return ours | {
        "JUPYTER_CONFIG_PATH": os.pathsep.join([str(home), *before]),
        "JUPYTER_PREFER_ENV_PATH": "1",  # this environment's kernel, not one of the user's
        "JUPYTER_TOKEN": token,  # not in the command line, which others on the machine can read
        "PATH": os.pathsep.join(programs),  # a new gradebook calls `alembic` by name
    }


def _wait_until_it_answers(server: Server, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while not _answers(server):
        if server.process.poll() is not None:
            raise UserError(f"JupyterLab did not start: {_reason(log)}")
        if time.monotonic() > end:
            raise UserError(
                f"JupyterLab has not answered for {_PATIENCE:.0f} s: "
                "try again with --verbose to see what it says"
            )
        time.sleep(0.1)


def _answers(server: Server) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{HOST}:{server.port}/api", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _reason(log: Path) -> str:
    """Return the line of the log that says most."""
    text = log.read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"ERROR|Error|\[[CE] ", line)]
    return (telling or lines or ["it said nothing"])[-1]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and, through it, its kernels; one that does not listen is killed."""
    process.terminate()
    try:
        process.wait(_FAREWELL)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
