"""`python -m tests.oracles [CORPUS]`: draw the corpus, compare with DCMTK, print the table of agreement."""

import os
import shutil
import sys
from collections import Counter
from pathlib import Path

from tests.oracles.agreement import Verdict, findings, table

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    """Return 1 when there is a difference that nobody has explained."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("VIEWER_CORPUS")
    corpus = Path(given or ROOT.parent / "shared" / "corpus")
    program = shutil.which("dcmj2pnm")
    if not corpus.is_dir() or program is None:
        sys.stderr.write(f"needed: the corpus ({corpus}) and DCMTK (Debian package dcmtk)\n")
        return 1
    found = list(findings(corpus, Path(program)))
    say(table(found))
    reasons = Counter(one.reason for one in found if one.verdict is Verdict.EXPLAINED)
    for reason, count in reasons.most_common():
        say(f"explained {count:4d}  {reason}")
    unexplained = [one for one in found if one.verdict is Verdict.UNEXPLAINED]
    for one in unexplained:
        say(f"UNEXPLAINED  {one.path}: {one.difference} {one.reason}")
    return int(bool(unexplained))


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
