"""What the verbs that open JupyterLab have in common: options, words, the browser, the end."""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.classroom.jupyter import Server, Site


def jupyter_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --port and --no-browser."""
    parser.add_argument(
        "--port", type=int, metavar="N", help="this port (default: the first free one from 8888)"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="say the address, open no browser"
    )


def serve(args: argparse.Namespace, site: Site, about: list[str]) -> int:
    """Show a site until it is ended; `about` are the lines below its address."""
    from autograder.classroom.jupyter import running, wait

    print("starting JupyterLab ...", file=sys.stderr, flush=True)
    with running(site, args.port, verbose=args.verbose) as server:
        address = server.address(site.page)
        print("\n".join([address, *about, *_ending(server)]), flush=True)
        if not args.no_browser:
            _open(address)
        wait(server)
    print("JupyterLab has ended; what was saved is kept")
    return 0


def _ending(server: Server) -> list[str]:
    if sys.stdin.isatty():
        return ["end it with Ctrl-C, after saving in the browser"]
    return [f"there is no terminal here: end it with `kill {os.getpid()}`"]


def _open(address: str) -> None:
    """Open a browser where there is a display, else say what to do."""
    if _has_display() and webbrowser.open(address):
        return
    print("no browser can be opened from here: open the address above in yours", flush=True)
    if "SSH_CONNECTION" in os.environ:
        port = address.split(":")[2].split("/")[0]
        print(
            f"from your own machine, first: ssh -L {port}:localhost:{port} THIS-MACHINE", flush=True
        )


def _has_display() -> bool:
    if not sys.stdout.isatty():
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
