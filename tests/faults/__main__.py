"""`python -m tests.faults [kill|calls|full|…] [-n N]`: faults, and what became of the promises."""

import argparse
import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = {"kill": 200, "calls": 0, "full": 20, "power": 1000, "starts": 1000, "rot": 200, "recovery": 100_000}


def main() -> int:
    """Run one kind of fault, or all of them one after another; return 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("name", nargs="?", choices=NAMES, help="which; all when none is named")
    parser.add_argument("-n", type=int, default=0, metavar="N", help="how often")
    args = parser.parse_args()
    sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "cache")]
    names = [args.name] if args.name else list(NAMES)
    return max(importlib.import_module(name).run(args.n or NAMES[name]) for name in names)


if __name__ == "__main__":
    sys.exit(main())
