"""What a measurement needs: processor time and memory of a whole family of processes."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and seconds of processor time of this process and all below it."""

    wall: float
    cpu: float

    def per(self, count: int) -> Cost:
        """Return the share of one of `count`."""
        return Cost(self.wall / count, self.cpu / count)


def cost(step: Callable[[], object]) -> Cost:
    """Return what a step costs."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    step()
    return Cost(time.perf_counter() - wall, cpu_seconds() - cpu)


def median(costs: list[Cost]) -> Cost:
    """Return the median of each kind of seconds."""
    return Cost(
        statistics.median(each.wall for each in costs), statistics.median(c.cpu for c in costs)
    )


def cpu_seconds() -> float:
    """Return the processor time of this process and of all below it, those that ended included."""
    return sum(_cpu(pid) for pid in family(os.getpid()))


def memory(pid: int) -> int:
    """Return the bytes of memory of a process and of all below it."""
    return sum(_resident(each) for each in family(pid))


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    return [pid, *(below for child in children(pid) for below in family(child))]


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that are still there."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:  # it has just ended
        pass
    return found


def load() -> str:
    """Say how busy the machine is: figures of a busy one are worth less."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0
