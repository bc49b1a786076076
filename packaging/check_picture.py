"""Exit with 1 unless every picture named shows something: it opens, has many values, and is not all dark."""

import sys
from pathlib import Path

from PySide6.QtGui import QImage

FEWEST_GREYS = 16  # a window with text alone has more, for its letters have soft edges
DARKEST_WHITE = 128  # the interface is dark, but its text is not


def fault(path: Path) -> str:
    """Return what is wrong with a picture, "" when nothing is."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_Grayscale8)
    if image.isNull():
        return "is not a picture"
    values = bytes(image.constBits())
    if len(set(values)) < FEWEST_GREYS or max(values) < DARKEST_WHITE:
        return "shows nothing"
    return ""


def main(names: list[str]) -> int:
    """Check the pictures and return the exit status."""
    faults = {name: fault(Path(name)) for name in names}
    for name, words in faults.items():
        print(f"{name}: {words or 'shows something'}")
    return int(any(faults.values()) or not names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
