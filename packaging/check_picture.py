"""Exit with 1 unless each picture named shows an image: a window with text or an error alone does not."""

import sys
from pathlib import Path

from PySide6.QtGui import QImage

BRIGHT = 64  # of 255: above every panel and ground of the dark interface
SHARE = 0.05  # of the pixels; the window without an image has 0.003, the demonstration 0.2
FEWEST_GREYS = 16


def fault(path: Path) -> str:
    """Return what is wrong with a picture, "" when nothing is."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_Grayscale8)
    if image.isNull():
        return "is not a picture"
    values = bytes(image.constBits())
    if len(set(values)) < FEWEST_GREYS or sum(value > BRIGHT for value in values) < SHARE * len(values):
        return "shows no image"
    return ""


def main(names: list[str]) -> int:
    """Check the pictures and return the exit status."""
    faults = {name: fault(Path(name)) for name in names}
    for name, words in faults.items():
        print(f"{name}: {words or 'shows an image'}")
    return int(any(faults.values()) or not names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
