"""Benchmarks: figures side by side in one run. They judge nothing; `make bench` prints them."""

from __future__ import annotations

# Name of a benchmark -> module with `run(project, rounds) -> Iterator[str]`, the lines to print.
BENCHES = {
    "marking": "autograder.bench.marking",
    "kernels": "autograder.bench.kernels",
}
