"""`dlfs doctor`: can marks be given on this machine, and which walls does it have?"""

from __future__ import annotations

import argparse
import platform
import sys

from autograder.errors import UserError
from autograder.project import Project

HELP = "say which isolation layers this machine has, and whether marks can be given on it"

_ADVICE = {
    "user": "not needed; used when marking as an ordinary user, where the kernel allows it",
    "net": "needs root or user namespaces; sockets are denied by seccomp as well",
    "ipc": "needs root or user namespaces; not needed",
    "uts": "needs root or user namespaces; not needed",
    "uid": "not needed; used when marking as root, to become an unprivileged user",
    "rlimits": "the machine refuses resource limits: use another one",
    "caps": "capabilities could not be dropped",
    "landlock": "needs Linux 5.13 or later with landlock switched on (boot with lsm=landlock,...)",
    "seccomp": "the kernel or the container refuses system call filters: allow seccomp",
    "no-open": "needs seccomp",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(args: argparse.Namespace, project: Project) -> int:
    """Print one line per layer and the verdict; 0 if marks can be given, 1 otherwise."""
    import numpy as np

    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.platform()}")
    layers, problem = _probe()
    if layers:
        print("isolation of a worker that was started just now:")
        print("\n".join(_table(layers)))
    if problem:
        print(problem)
    print(f"marks can be given on this machine: {'no' if problem else 'yes'}")
    return 1 if problem else 0


def _probe() -> tuple[list[str], str | None]:
    """The layers that a real worker reports, and what stands in the way of marks."""
    if sys.platform != "linux":
        return [], "marks need Linux: use WSL2, a container or a virtual machine"
    from autograder.sandbox import Sandbox
    from autograder.sandbox.lockdown import missing_for_marks

    try:
        with Sandbox(unsafe=True) as box:
            layers = box.isolation
    except UserError as error:
        return [], str(error)
    lacking = missing_for_marks(layers)
    return layers, f"for marks this machine lacks {' and '.join(lacking)}" if lacking else None


def _table(layers: list[str]) -> list[str]:
    """One line per layer: in force, or missing and what to do."""
    from autograder.sandbox.lockdown import LAYERS

    lines = []
    for name in LAYERS:
        state = "in force" if name in layers else f"missing: {_ADVICE[name]}"
        lines.append(f"  {name:<10}{state}")
    return lines
