"""Run the corpus of hostile hand-ins on one set of walls: python tests/attack_run.py --help

Prints a JSON object: attack -> in what it got through. The tests start it as another user.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

BATCH = 10  # attacks between two honest submissions


def run_worker(
    layers: list[str] | None, every: int = 1, only: tuple[str, ...] = (), unsafe: bool = False
) -> dict[str, list]:
    """Run every n-th attack of a worker, or those named; return in what each got through."""
    from attack_arena import Arena, attacks

    found: dict[str, list] = {}
    with Arena(layers, unsafe) as arena:
        for number, attack in enumerate(chosen(attacks("worker"), every, only), 1):
            found[attack.name] = arena.run(attack)
            if number % BATCH == 0:
                found[attack.name] += arena.honest_again()
        found["the end"] = arena.honest_again()
    return found


def chosen(found: list, every: int, only: tuple[str, ...]) -> list:
    """Return every n-th attack, or those named."""
    return [attack for attack in found if attack.name in only] if only else found[::every]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", help="the walls, by comma; default all that this machine has")
    parser.add_argument("--every", type=int, default=1, help="only every n-th attack")
    parser.add_argument("--only", default="", help="these attacks, by comma")
    parser.add_argument("--unsafe", action="store_true", help="also with too few walls")
    args = parser.parse_args()
    layers = args.layers.split(",") if args.layers else None
    only = tuple(filter(None, args.only.split(",")))
    json.dump(run_worker(layers, args.every, only, args.unsafe), sys.stdout)


if __name__ == "__main__":
    main()
