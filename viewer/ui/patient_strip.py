"""One line that says whose pictures these are."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from viewer.ui import fonts, theme
from viewer.ui.plain_text import single_line, tooltip

BAR = 4  # width of the patient's colour
SEPARATION = 10.0  # on both sides of the dot between two facts
NAME_SHARE = 0.5  # of the width: the name gets at least this much before it is cut


@dataclass(frozen=True, slots=True)
class Identity:
    """Who and what, as a person reads it; what is not known is ""."""

    name: str
    patient_id: str = ""
    born: str = ""
    sex: str = ""
    study: str = ""
    date: str = ""
    hue: str = ""  # the patient's colour

    @property
    def facts(self) -> tuple[str, ...]:
        """Return everything that is known, on one line each, in the order of the strip."""
        known = (self.name, self.patient_id, self.born, self.sex, self.study, self.date)
        return tuple(single_line(fact) for fact in known if fact)


class PatientStrip(QWidget):
    """The strip at the top of the window. Each fact is painted by itself: no script reorders another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._identity: Identity | None = None
        self._words = ""
        self._right = QHBoxLayout(self)
        self._right.setContentsMargins(0, 0, theme.GRID, 0)
        self._right.setSpacing(theme.GRID)
        self._right.addStretch(1)
        self._first_right = self._right.count()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Patient")

    def set_identity(self, identity: Identity | None, words: str = "") -> None:
        """Show who this is, or `words` when there is nobody, or more than one."""
        self._identity, self._words = identity, words
        spoken = ", ".join(identity.facts) if identity else words
        self.setAccessibleDescription(spoken)
        self.setToolTip(tooltip("\n".join(identity.facts) if identity else ""))
        self.update()

    def add_right(self, widget: QWidget) -> None:
        """Put a widget at the right end."""
        self._right.addWidget(widget)

    def event(self, event: QEvent) -> bool:
        """Paint again when the widgets at the right take more or less room."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._right.activate()
            self.update()
        return super().event(event)

    def sizeHint(self) -> QSize:
        """Return one row of buttons."""
        return QSize(480, theme.TARGET + theme.GRID)

    def _room(self) -> QRectF:
        """Return where the words may stand."""
        item = self._right.itemAt(self._first_right)
        end = item.geometry().left() if item is not None else self.width()
        left = BAR + 2 * theme.GAP
        return QRectF(left, 0, max(end - theme.GAP - left, 0), self.height())

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paint the colour and the facts from left to right; what does not fit ends in "…"."""
        painter = QPainter(self)
        colours = theme.colours_of(self.palette())
        painter.fillRect(self.rect(), QColor(colours.panel))
        room = self._room()
        if self._identity is None:
            self._paint_text(painter, room, self._words, colours.secondary)
        else:
            if self._identity.hue:
                painter.fillRect(0, 0, BAR, self.height(), QColor(self._identity.hue))
            self._paint_facts(painter, room, self._identity, colours)
        painter.end()

    def _paint_facts(
        self, painter: QPainter, room: QRectF, identity: Identity, colours: theme.Colours
    ) -> None:
        name, *others = identity.facts or ("",)
        plain = fonts.sized(self.font(), fonts.BODY)
        metrics = QFontMetricsF(plain)
        needed = sum(metrics.horizontalAdvance(fact) + 2 * SEPARATION for fact in others)
        painter.setFont(fonts.sized(self.font(), fonts.STRONG, strong=True))
        for_name = QRectF(room)
        for_name.setWidth(max(room.width() - needed, room.width() * NAME_SHARE))
        left = room.left() + self._paint_text(painter, for_name, name, colours.text)
        painter.setFont(plain)
        for fact in others:
            place = QRectF(left + 2 * SEPARATION, 0, room.right() - left - 2 * SEPARATION, room.height())
            number = any(character.isdigit() for character in fact)
            least = metrics.horizontalAdvance(fact if number else "…" * 4)  # half a number is another number
            if place.width() < min(least, metrics.horizontalAdvance(fact)):
                self._paint_text(painter, place, "…", colours.secondary)
                break
            painter.setPen(QColor(colours.disabled))
            painter.drawText(
                QRectF(left, 0, 2 * SEPARATION, room.height()), int(Qt.AlignmentFlag.AlignCenter), "·"
            )
            taken = self._paint_text(painter, place, fact, colours.text)
            left = place.left() + taken

    def _paint_text(self, painter: QPainter, place: QRectF, text: str, color: str) -> float:
        """Paint one fact and return its width."""
        metrics = QFontMetricsF(painter.font())
        shown = metrics.elidedText(single_line(text), Qt.TextElideMode.ElideRight, place.width())
        painter.setPen(QColor(color))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, int(left | Qt.TextFlag.TextSingleLine), shown)
        return metrics.horizontalAdvance(shown)
