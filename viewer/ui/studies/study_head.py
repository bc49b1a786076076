"""The head of the study browser: where is looked, how much was found, and the way back to the images."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from viewer.ui import fonts, icons, theme
from viewer.ui.plain_text import single_line, tooltip
from viewer.ui.studies.remote_marks import Mark

DOT = 12  # logical pixels of the sign beside a peer
ROOM = 150  # logical pixels that the words keep when there are many sources
LONGEST = 24  # letters of a name
ADD = "Add a PACS or another peer, or change one"


class StudyHead(QWidget):
    """One button for each source; those that there is no room for are in a menu."""

    chosen = Signal(int)  # the number of a source
    import_wanted = Signal()
    peers_wanted = Signal()  # to be added, or changed
    left = Signal()

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._sources = QButtonGroup(self)
        self._sources.idClicked.connect(self.chosen)
        self._names: tuple[str, ...] = ()
        self._buttons: list[QToolButton] = []
        self._marks: dict[str, Mark] = {}
        self.more = _button("More", "", "More places to look in", self)
        self.add = _button("+", "", ADD, self)
        self._words = QLabel()
        self._take = _button("Import …", "open-folder", "Copy a folder, a CD or a zip to this computer", self)
        self._back = _button("Images", "layout-2x2", "Back to the images (Esc)", self)
        self._lay_out()
        self.set_sources(names)
        self.setFixedHeight(theme.TARGET + theme.GRID)

    def _lay_out(self) -> None:
        self._row.setContentsMargins(theme.GAP, theme.GRID // 2, theme.GRID, theme.GRID // 2)
        self._row.setSpacing(theme.GRID)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(QMenu(self.more))
        self.more.menu().setToolTipsVisible(True)
        self.add.setAccessibleName(ADD)
        self.add.setMinimumWidth(theme.TARGET)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setFont(fonts.sized(self.font(), fonts.BODY))
        self._words.setForegroundRole(self._words.palette().ColorRole.PlaceholderText)
        self._words.setContentsMargins(theme.GAP, 0, 0, 0)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._row.addWidget(self.more)
        self._row.addWidget(self.add)
        self._row.addWidget(self._words, 1)
        self._row.addWidget(self._take)
        self._row.addWidget(self._back)
        self.add.clicked.connect(self.peers_wanted)
        self._take.clicked.connect(self.import_wanted)
        self._back.clicked.connect(self.left)

    def set_sources(self, names: Sequence[str], current: int = 0) -> None:
        """Offer these sources."""
        for button in self._buttons:
            self._sources.removeButton(button)
            self._row.removeWidget(button)
            button.deleteLater()
        self.more.menu().clear()
        self._names, self._buttons = tuple(names), []
        for number, name in enumerate(names):
            button = _button(_short(name), "", "", self)
            button.setCheckable(True)
            button.setChecked(number == current)
            self._sources.addButton(button, number)
            self._buttons.append(button)
            self._row.insertWidget(number, button)
            action = QAction(_short(name).replace("&", "&&"), self.more.menu(), checkable=True)
            action.triggered.connect(lambda _=False, number=number: self._choose(number))
            self.more.menu().addAction(action)
        for name in names:
            self.set_mark(name, self._marks.get(name))
        self._fit()

    def set_mark(self, name: str, mark: Mark | None) -> None:
        """Show whether a peer answers; None for a place of which nobody asks that."""
        if mark is not None:
            self._marks[name] = mark
        for number, source in enumerate(self._names):
            if source != name:
                continue
            button, action = self._buttons[number], self.more.menu().actions()[number]
            words = single_line(name)
            tip = f"{words}: {mark.words}" if mark is not None else f"Studies of: {words}"
            button.setToolTip(tooltip(tip))
            button.setAccessibleName(words)
            button.setAccessibleDescription(single_line(tip))
            action.setToolTip(tooltip(tip))
            if mark is not None:
                dot = _dot(mark, theme.colours_of(self.palette()))
                action.setIcon(dot)
                button.setIcon(dot)
                button.setIconSize(QSize(DOT, DOT))
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fit()

    def select(self, number: int) -> None:
        """Show that this source is looked in, and say so."""
        self._choose(number)

    def say(self, words: str) -> None:
        """Say how much was found."""
        self._words.setText(single_line(words))
        self._words.setToolTip(tooltip(words))

    def _choose(self, number: int) -> None:
        button = self._sources.button(number)
        if button is not None:
            button.setChecked(True)
            self._fit()
            self.chosen.emit(number)

    def _fit(self) -> None:
        """Show as many sources as there is room for, and the chosen one always; the others are in a menu."""
        others = (self.add, self._take, self._back)
        room = self.width() - ROOM - sum(one.sizeHint().width() + theme.GRID for one in others)
        buttons = self._buttons
        widths = [button.sizeHint().width() + theme.GRID for button in buttons]
        fits = sum(widths) <= room
        current = self._sources.checkedId()
        if not fits:
            room -= self.more.sizeHint().width() + theme.GRID
            room -= widths[current] if 0 <= current < len(widths) else 0
        for number, (button, width) in enumerate(zip(buttons, widths, strict=True)):
            room -= width if number != current or fits else 0
            button.setVisible(fits or number == current or room >= 0)
        for number, action in enumerate(self.more.menu().actions()):
            action.setChecked(number == current)
            action.setVisible(buttons[number].isHidden())
        self.more.setVisible(not fits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See how many sources there is room for."""
        super().resizeEvent(event)
        self._fit()


def _short(name: str) -> str:
    words = single_line(name)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def _dot(mark: Mark, colours: theme.Colours) -> QIcon:
    """Return a full dot for a peer that answers, a crossed ring for one that does not, else a quiet ring."""
    made = QIcon()
    for scale in (1.0, 1.5, 2.0):
        drawn = QPixmap(round(DOT * scale), round(DOT * scale))
        drawn.setDevicePixelRatio(scale)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if mark.answers:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent))
            painter.drawEllipse(QRectF(3, 3, DOT - 6, DOT - 6))
        else:
            known = mark.answers is not None
            painter.setPen(QPen(QColor(colours.amber if known else colours.disabled), 1.5))
            painter.drawEllipse(QRectF(2.5, 2.5, DOT - 5, DOT - 5))
            if known:
                painter.drawLine(QPointF(2, DOT - 2), QPointF(DOT - 2, 2))
        painter.end()
        made.addPixmap(drawn)
    return made


def _button(words: str, symbol: str, tip: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(words.replace("&", "&&"))
    button.setToolTip(tip)
    button.setMinimumHeight(theme.TARGET)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if symbol:
        colours = theme.colours_of(parent.palette())
        button.setIcon(icons.icon(symbol, colours.text, colours=colours))
        button.setIconSize(QSize(theme.ICON, theme.ICON))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button
