"""The wanted rate of a film: images a second, or a factor of the usual rate such as "0.5x"."""

import re

from PySide6.QtCore import QLocale
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from viewer.ui import theme

FASTEST, SLOWEST = 240.0, 0.1  # images a second that may be asked for
WIDTH = 92
PART = re.compile(r"\s*[x\u00d7]?\s*(\d*[.,]?\d*)\s*[x\u00d7]?\s*(f|fp|fps)?\s*")


class RateBox(QDoubleSpinBox):
    """Tells of a rate when it is entered whole. `usual` is what a factor of 1 means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.usual = 1.0
        self.setLocale(QLocale.c())  # the point divides, whatever the country
        self.setRange(SLOWEST, FASTEST)
        self.setDecimals(1)
        self.setSuffix(" fps")
        self.setAccessibleName("Wanted images a second")
        self.setKeyboardTracking(False)
        self.setFixedSize(WIDTH, theme.ROW)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let numbers, factors and what may become one be typed."""
        found = PART.fullmatch(text.lower())
        if found is None:
            return QValidator.State.Invalid, text, position
        whole = found.group(1) not in {"", ".", ","}
        return (QValidator.State.Acceptable if whole else QValidator.State.Intermediate), text, position

    def valueFromText(self, text: str) -> float:
        """Return the rate that a text means."""
        found = PART.fullmatch(text.lower())
        number = found.group(1).replace(",", ".") if found is not None else ""
        if number in {"", "."}:
            return self.value()
        factor = self.usual if re.search("[x\u00d7]", text.lower()) else 1.0
        return min(max(float(number) * factor, SLOWEST), FASTEST)
