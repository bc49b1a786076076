"""`python -m tests.faults [kill|calls|full|…] [-n N] [--seed S]`: faults, and what became of the promises."""

import argparse
import importlib
import random
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = {"kill": 200, "calls": 0, "full": 20, "power": 1000, "starts": 1000, "rot": 200, "recovery": 100_000}


def main() -> int:
    """Run one kind of fault, or all of them one after another; return 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="which; all when none is named")
    parser.add_argument("-n", type=int, default=0, metavar="N", help="how often")
    parser.add_argument("--seed", type=int, metavar="S", help="of all that is chosen by chance")
    args = parser.parse_args()
    seed = time.time_ns() % 1_000_000 if args.seed is None else args.seed
    sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "cache")]
    names = [args.name] if args.name else list(NAMES)
    return max(_run(name, args.n or NAMES[name], seed) for name in names)


def _run(name: str, count: int, seed: int) -> int:
    """Run one kind of fault; all that it chooses by chance follows from the seed, which is said first."""
    print(f"(seed {seed})", flush=True)  # noqa: T201
    random.seed(seed)
    return int(importlib.import_module(name).run(count))


if __name__ == "__main__":
    sys.exit(main())
