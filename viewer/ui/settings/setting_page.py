"""A page of the settings: the lines of one subject."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from viewer.cache.eviction import Limits
from viewer.settings import Settings
from viewer.ui import theme
from viewer.ui.settings.setting_editor import SettingEditor
from viewer.ui.settings.setting_rows import OPTIONAL, SETTINGS, STUDIES, SettingRow, value_at, with_value

WIDEST = 640
AUTOMATIC = "Choose by the size of the disk"
UNKNOWN_DISK = Limits(50_000_000_000, 5_000_000_000)  # where there is no cache to ask


class SettingPage(QScrollArea):
    """Shows what is set of one subject; what a hand changes is told as an edit of the settings."""

    edited = Signal(object)  # Callable[[Settings], Settings]

    def __init__(self, page: str, automatic: Limits | None = None) -> None:
        """`automatic` is what holds of the cache where nothing is set."""
        super().__init__()
        self._automatic = automatic or UNKNOWN_DISK
        defaults = replace(Settings(), cache=self._automatic)
        rows = [row for row in SETTINGS if row.page == page]
        self._editors = {row.path: self._editor(row, defaults) for row in rows}
        self._box: QCheckBox | None = self._automatic_box() if page == STUDIES else None
        self._lay_out(rows)

    @property
    def editors(self) -> Mapping[str, SettingEditor]:
        """Return the line of each row, by its path."""
        return self._editors

    @property
    def box(self) -> QCheckBox | None:
        """Return the box that leaves the room of the cache to the program, on the page that has it."""
        return self._box

    def _lay_out(self, rows: Sequence[SettingRow]) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(*([2 * theme.GAP] * 4))
        column.setSpacing(2 * theme.GAP)
        for row in rows:
            if self._box is not None and _is_optional(row.path) and column.indexOf(self._box) < 0:
                column.addWidget(self._box)
            column.addWidget(self._editors[row.path])
        column.addStretch(1)
        page.setMaximumWidth(WIDEST)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(page)

    def _editor(self, row: SettingRow, defaults: Settings) -> SettingEditor:
        editor = SettingEditor(row, value_at(defaults, row.path))
        editor.edited.connect(lambda value: self._take(row.path, value))
        return editor

    def _take(self, path: str, value: object) -> None:
        automatic = self._automatic

        def edit(settings: Settings) -> Settings:
            if _is_optional(path) and settings.cache is None:
                settings = replace(settings, cache=automatic)
            changed: Settings = with_value(settings, path, value)
            return changed

        self.edited.emit(edit)

    def _automatic_box(self) -> QCheckBox:
        box = QCheckBox(AUTOMATIC)
        box.setMinimumHeight(theme.ROW)
        box.toggled.connect(self._choose)
        return box

    def _choose(self, on: bool) -> None:  # noqa: FBT001  as Qt tells it
        limits = None if on else self._automatic
        self.edited.emit(lambda settings: replace(settings, cache=limits))

    def load(self, settings: Settings) -> None:
        """Show what is set."""
        shown = replace(settings, cache=settings.cache or self._automatic)
        for path, editor in self._editors.items():
            editor.show_value(value_at(shown, path))
            editor.setEnabled(settings.cache is not None or not _is_optional(path))
        if self._box is not None:
            with QSignalBlocker(self._box):
                self._box.setChecked(settings.cache is None)


def _is_optional(path: str) -> bool:
    return path.partition(".")[0] == OPTIONAL
