"""Benchmarks: figures side by side in one run. They judge nothing; `make bench` prints them."""

from __future__ import annotations

# Name of a benchmark -> module with `run(project, rounds) -> Iterator[str]`, the lines to print.
BENCHES = {
    "marking": "autograder.bench.marking",
    "overhead": "autograder.bench.overhead",
    "memory": "autograder.bench.memory",
    "kernels": "autograder.bench.kernels",
}
LONG = ("memory",)  # only when it is asked for by name
