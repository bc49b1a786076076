"""Collect the licences of everything a build contains, from what the packages say of themselves.

`python packaging/third_party_licenses.py negatoscope -o FILE` follows the requirements of a distribution
that is installed in this Python. `--packages FOLDER` takes all distributions of a folder instead. A licence
that would reach over the whole (GPL without an alternative) ends the build.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

TEXTS = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$|/licenses/", re.IGNORECASE)
OURS = "negatoscope"
REACHING = re.compile(r"\bA?GPL|General Public", re.IGNORECASE)  # LGPL has no word boundary before its GPL
ALTERNATIVE = re.compile(r"(?i:LGPL|Lesser|commercial)|\bOR\b")  # OR of an expression, not "-or-later"


def requirements(name: str, seen: set[str]) -> Iterator[Distribution]:
    """Yield an installed distribution and all that it requires, without extras."""
    plain = re.sub(r"[-_.]+", "-", name).lower()
    if plain in seen:
        return
    seen.add(plain)
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return  # for another system
    yield found
    for line in found.requires or ():
        word = re.match(r"[A-Za-z0-9._-]+", line)
        if word and "extra ==" not in line:
            yield from requirements(word[0], seen)


def name_of(one: Distribution) -> str:
    """Return the name of a distribution."""
    return one.metadata["Name"]


def licence(one: Distribution) -> str:
    """Return what a distribution says about its licence, in one line."""
    about = one.metadata
    if "License-Expression" in about:
        return about["License-Expression"]
    classes = [
        line.rsplit("::", 1)[-1].strip() for line in about.get_all("Classifier") or () if "License ::" in line
    ]
    words = (about.get_all("License") or [""])[0].strip().splitlines()
    return " / ".join(classes) or (words[0] if words else "not stated")


def texts(one: Distribution) -> Iterator[str]:
    """Yield the licence texts that a distribution brings."""
    for file in one.files or ():
        if TEXTS.search(str(file)) and file.suffix.lower() not in {".py", ".pyc", ".so", ".pyi"}:
            path = Path(str(file.locate()))
            if path.is_file():
                yield f"--- {file}\n\n{path.read_text(encoding='utf-8', errors='replace').strip()}\n"


def lesser(one: Distribution) -> str:
    """Return the texts of the LGPL, and of the GPL it refers to, for a distribution under it without them."""
    if "LGPL" not in licence(one):
        return ""
    folder = Path(__file__).resolve().parent / "licenses"
    names = ("LGPL-3.0.txt", "GPL-3.0.txt")
    return "\n".join(f"--- {name}\n\n{(folder / name).read_text(encoding='utf-8')}" for name in names)


def report(found: Iterable[Distribution]) -> str:
    """Return the whole document."""
    ordered = sorted(found, key=lambda one: name_of(one).lower())
    parts = ["Negatoscope contains the following packages of others.\n"]
    parts += [f"{name_of(one)} {one.version}: {licence(one)}" for one in ordered]
    for one in ordered:
        body = "\n".join(texts(one)) or lesser(one) or "(the package brings no licence text)\n"
        parts.append(f"\n{'=' * 100}\n{name_of(one)} {one.version}: {licence(one)}\n\n{body}")
    return "\n".join(parts)


def main() -> int:
    """Write the document; refuse a licence that would reach over the whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default=OURS)
    parser.add_argument("--packages", metavar="FOLDER")
    parser.add_argument("-o", "--output", type=Path, required=True)
    wanted = parser.parse_args()
    every = distributions(path=[wanted.packages]) if wanted.packages else requirements(wanted.name, set())
    found = [one for one in every if name_of(one).lower() != OURS]
    if not found:
        sys.exit("No packages were found; is the program installed in this Python?")
    wanted.output.write_text(report(found), encoding="utf-8")
    reaching = [
        f"{name_of(one)}: {licence(one)}"
        for one in found
        if REACHING.search(licence(one)) and not ALTERNATIVE.search(licence(one))
    ]
    if reaching:
        sys.exit("These licences reach over the whole program: " + "; ".join(reaching))
    print(f"{wanted.output}: {len(found)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
