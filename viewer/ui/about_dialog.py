"""About: what this is, that it is not a medical device, and on whose work it stands."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import QSize, Qt, qVersion
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from viewer import __version__
from viewer.paths import NAME
from viewer.ui import fonts, theme

NOTICE = (
    "This software is not a medical device. It has no FDA clearance, CE mark or other approval, and must not "
    "be used for primary diagnosis, treatment decisions or the reading of mammograms. It does not calibrate "
    "monitors."
)


@dataclass(frozen=True, slots=True)
class Part:
    """A library that the program is made with."""

    package: str  # as it is installed
    title: str
    licence: str


PARTS = (
    Part(
        "PySide6-Essentials",
        "Qt for Python",
        "LGPL-3.0; its libraries stand beside the program and may be replaced",
    ),
    Part("pydicom", "pydicom", "MIT"),
    Part("numpy", "NumPy", "BSD-3-Clause"),
    Part("opencv-python-headless", "OpenCV", "Apache-2.0"),
    Part("Pillow", "Pillow", "MIT-CMU"),
    Part("imagecodecs", "imagecodecs", "BSD-3-Clause"),
    Part("simplejpeg", "simplejpeg", "MIT; libjpeg-turbo: IJG and BSD-3-Clause"),
    Part("pylibjpeg", "pylibjpeg", "MIT"),
    Part("pylibjpeg-openjpeg", "pylibjpeg-openjpeg", "MIT; OpenJPEG: BSD-2-Clause"),
    Part("pylibjpeg-rle", "pylibjpeg-rle", "MIT"),
    Part("SimpleITK", "SimpleITK", "Apache-2.0"),
    Part("platformdirs", "platformdirs", "MIT"),
)


class AboutDialog(QDialog):
    """A page of plain text; every word of it can be copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"About {NAME}")
        self.setAccessibleName(f"About {NAME}")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 16, 24, 16)
        column.setSpacing(theme.GAP)
        column.addWidget(self._label(f"{NAME} {__version__}", fonts.TITLE, strong=True))
        column.addWidget(self._label("A desktop workstation for reading DICOM studies. MIT licence."))
        notice = self._label(NOTICE)
        notice.setContentsMargins(12, 8, 12, 8)
        colours = theme.colours_of(self.palette())
        notice.setStyleSheet(f"border-left: 3px solid {colours.amber}; background: {colours.raised};")
        column.addWidget(notice)
        column.addWidget(self._label("Made with", fonts.STRONG, strong=True))
        column.addWidget(self._label("\n".join(credit(part) for part in PARTS)))
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        buttons.setContentsMargins(24, 0, 24, 16)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll, 1)
        whole.addWidget(buttons)

    def _label(self, words: str, size: int = fonts.BODY, *, strong: bool = False) -> QLabel:
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(fonts.sized(self.font(), size, strong=strong))
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def sizeHint(self) -> QSize:
        """Return the room of the page."""
        return QSize(560, 520)


def credit(part: Part) -> str:
    """Return one line: title, version, licence."""
    try:
        which = version(part.package)
    except PackageNotFoundError:  # a frozen program may carry no metadata
        which = ""
    if part.package.startswith("PySide6"):
        which = f"{which} (Qt {qVersion()})".strip()
    return f"{part.title} {which} — {part.licence}".replace("  ", " ")
