"""The modalities to find a study by: as many as there is room for, the others in a menu."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from viewer.ui import theme
from viewer.ui.plain_text import single_line
from viewer.ui.studies.study_chip import chip

COMMON = ("CT", "MR", "CR", "DX", "US", "MG", "PT", "NM", "XA", "RF")  # first; then by their names


class StudyKinds(QObject):
    """Chips in a row of the filter bar; any of those that are chosen fits."""

    changed = Signal()
    grew = Signal()  # they want to be fitted anew

    def __init__(self, bar: QWidget) -> None:
        super().__init__(bar)
        self._bar = bar
        self.row = QHBoxLayout()
        self.row.setSpacing(theme.GRID)
        self.chips: dict[str, QToolButton] = {}
        self.chosen: tuple[str, ...] = ()
        self._more = chip("More", bar, menu=True)
        self._more.setMenu(QMenu(self._more))
        self._more.setAccessibleName("More modalities")
        self.row.addWidget(self._more)
        self._more.hide()

    def set_modalities(self, modalities: Sequence[str]) -> None:
        """Offer these; one that is chosen stays, also when no study has it any more."""
        names = {single_line(name) for name in (*modalities, *self.chosen)} - {""}
        ordered = sorted(
            names, key=lambda name: (COMMON.index(name) if name in COMMON else len(COMMON), name)
        )
        if ordered == list(self.chips):
            return
        for old in self.chips.values():
            self.row.removeWidget(old)
            old.deleteLater()
        self.chips = {}
        self._more.menu().clear()
        for number, name in enumerate(ordered):
            made = chip(name, self._bar)
            made.setToolTip(f"Only studies with {name}")
            made.clicked.connect(lambda _=False, name=name: self._toggle(name))
            self.row.insertWidget(number, made)
            self.chips[name] = made
            action = QAction(name, self._more.menu(), checkable=True)
            action.triggered.connect(lambda _=False, name=name: self._toggle(name))
            self._more.menu().addAction(action)
        self._mark()

    def clear(self) -> None:
        """Choose none, which is all."""
        self.chosen = ()
        self._mark()

    def _toggle(self, name: str) -> None:
        there = name in self.chosen
        self.chosen = tuple(n for n in self.chosen if n != name) if there else (*self.chosen, name)
        self._mark()
        self.changed.emit()

    def _mark(self) -> None:
        for name, made in self.chips.items():
            made.setChecked(name in self.chosen)
        for action in self._more.menu().actions():
            action.setChecked(action.text() in self.chosen)
        self.grew.emit()

    def fit(self, room: int) -> None:
        """Show as many as there is room for, in logical pixels; the rest is behind "More"."""
        widths = [made.sizeHint().width() + theme.GRID for made in self.chips.values()]
        fits = sum(widths) <= room
        room -= 0 if fits else self._more.sizeHint().width() + theme.GRID
        hidden = []
        for (name, made), width in zip(self.chips.items(), widths, strict=True):
            room -= width
            made.setVisible(room >= 0)
            hidden += [] if room >= 0 else [name]
        chosen = [name for name in hidden if name in self.chosen]
        self._more.setVisible(not fits)
        self._more.setText(f"More: {', '.join(chosen)}" if chosen else "More")
