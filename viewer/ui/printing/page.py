"""A page with one picture: who it is above, the picture as it was seen, and what it is not below."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPagedPaintDevice, QPainter

from viewer.dicom.image import ImageDescription
from viewer.paths import NAME
from viewer.ui.plain_text import single_line

NOT_FOR_DIAGNOSIS = "Printed for reference, not for diagnosis."
HEAD_MM, FOOT_MM, GAP_MM = 12.0, 6.0, 3.0
HEAD_POINTS, FOOT_POINTS = 10, 8
MM_PER_INCH = 25.4
WHO = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
WHAT = ("StudyDate", "StudyTime", "StudyDescription", "AccessionNumber", "SeriesDescription")


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on the paper."""

    who: str
    what: str
    foot: str
    picture: QImage


def page_of(image: ImageDescription, picture: QImage, now: datetime, position: str = "") -> Page:
    """Return the page of a picture. Identity stands on it also when the text on the picture is hidden."""
    who = [image.text.get(name, "") for name in WHO]
    what = [image.text.get(name, "") for name in WHAT]
    words = (f"{NOT_FOR_DIAGNOSIS}   {NAME}   {now:%Y-%m-%d %H:%M}", position)
    return Page(_joined(who) or "No patient is named", _joined(what), _joined(words), picture)


def _joined(parts: Iterable[str]) -> str:
    return "   ".join(part for part in parts if part)


def paint_page(device: QPagedPaintDevice, page: Page) -> None:
    """Paint a page onto a printer or into a PDF, the picture as large as there is room for it."""
    painter = QPainter(device)
    per_mm = device.logicalDpiX() / MM_PER_INCH
    room = QRectF(painter.viewport())
    head = QRectF(room.left(), room.top(), room.width(), HEAD_MM * per_mm)
    foot = QRectF(room.left(), room.bottom() - FOOT_MM * per_mm, room.width(), FOOT_MM * per_mm)
    gap = GAP_MM * per_mm
    painter.setPen(QColor(Qt.GlobalColor.black))
    _write(painter, head, page.who, HEAD_POINTS, strong=True)
    _write(painter, head.adjusted(0, head.height() / 2, 0, 0), page.what, HEAD_POINTS)
    _write(painter, foot, page.foot, FOOT_POINTS)
    space = QRectF(room.left(), head.bottom() + gap, room.width(), foot.top() - head.bottom() - 2 * gap)
    wide, high = page.picture.width(), page.picture.height()
    factor = min(space.width() / wide, space.height() / high)
    painter.drawImage(QRectF(space.left(), space.top(), wide * factor, high * factor), page.picture)
    painter.end()


def _write(painter: QPainter, place: QRectF, words: str, points: int, *, strong: bool = False) -> None:
    """Write one line, cut with "…" where it is too long for the paper."""
    font = QFont(painter.font())
    font.setPointSize(points)
    font.setBold(strong)
    painter.setFont(font)
    shown = painter.fontMetrics().elidedText(
        single_line(words), Qt.TextElideMode.ElideRight, round(place.width())
    )
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextSingleLine
    painter.drawText(place, int(flags), shown)
