"""Every action by its name: short cuts, tool bar, menu, key sheet and palette all come here."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow

from viewer.tools.commands import COMMANDS
from viewer.tools.table import TOOLS
from viewer.ui.actions.action_row import ActionRow
from viewer.ui.actions.comparing_rows import COMPARING
from viewer.ui.actions.film_rows import FILMS
from viewer.ui.actions.hang_rows import HANGING
from viewer.ui.actions.measuring_rows import MEASURING
from viewer.ui.actions.view_rows import VIEWING
from viewer.ui.actions.window_rows import CINE, DRAWING, LAYOUT, OPEN, PEERS, STACK, STUDIES, WINDOW
from viewer.ui.hands import CROSSHAIR

TOOL_ROWS = (
    *(
        ActionRow(row.name, row.title, row.key, row.icon, row.tip, True, "tools", family=row.family)
        for row in TOOLS
    ),
    ActionRow(CROSSHAIR, "Cross-hair", "J", "crosshair", "finds a point in every viewport", True, "tools"),
)
COMMAND_ROWS = tuple(
    ActionRow(row.name, row.title, row.key, row.icon, row.tip, row.is_on is not None, "view", False)
    for row in COMMANDS
)
ALL_ROWS = (
    *STUDIES,
    *PEERS,
    *OPEN,
    *TOOL_ROWS,
    *COMMAND_ROWS,
    *VIEWING,
    *STACK,
    *LAYOUT,
    *HANGING,
    *COMPARING,
    *CINE,
    *FILMS,
    *DRAWING,
    *MEASURING,
    *WINDOW,
)
BAR_NAMES = (
    *(row.name for row in TOOL_ROWS),
    "fit", "one-to-one", "invert", "rotate-right", "flip-horizontal", "reset",
    "layout", "link", "unlink", "link-offset", "reference-lines", "hang", "mpr",
    "cine", "undo", "redo", "save-state", "corner-text",
)  # fmt: skip
ANYWHERE = {row.name for row in (*STUDIES, *PEERS, *OPEN)} | {"palette", "keys", "about", "full-screen"}
OTHER_KEYS = {
    "redo": ("Ctrl+Y",),
    "zoom-in": ("=",),
    "keys": ("H", "?"),
    "palette": ("F10",),
    "delete": ("Backspace",),
}


class Dispatcher(QObject):
    """Runs actions by name. `handlers` has one call for every row."""

    def __init__(self, window: QMainWindow, handlers: Mapping[str, Callable[[], object]]) -> None:
        super().__init__(window)
        missing = {row.name for row in ALL_ROWS} - handlers.keys()
        assert not missing, missing  # noqa: S101  a row without a deed is a fault of the program
        self._handlers = handlers
        self._actions: dict[str, QAction] = {}
        self.rows = ALL_ROWS  # with the keys that hold
        for row in ALL_ROWS:
            action = QAction(row.title, window)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.triggered.connect(lambda _=False, name=row.name: self.run(name))
            window.addAction(action)
            self._actions[row.name] = action
        self.set_keys(own_keys())

    def set_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Give every action its keys, by its name; the first is the one that is shown."""
        for name, action in self._actions.items():
            action.setShortcuts([QKeySequence(key) for key in keys[name]])
        self.rows = tuple(replace(row, key=next(iter(keys[row.name]), "")) for row in ALL_ROWS)

    def run(self, name: str) -> None:
        """Do what an action says."""
        self._handlers[name]()

    def browse(self, *, on: bool) -> None:
        """Leave the keys of the images to the list of studies while that is in sight."""
        for row in ALL_ROWS:
            self._actions[row.name].setEnabled(not on or row.name in ANYWHERE)

    def check(self, name: str, *, on: bool) -> None:
        """Tick an action in the menu, or take the tick away."""
        self._actions[name].setCheckable(True)
        self._actions[name].setChecked(on)

    @property
    def actions(self) -> list[QAction]:
        """Return every action, for a further window in which the keys are to hold too."""
        return [*self._actions.values()]

    def action(self, name: str) -> QAction:
        """Return the action of a row, for a menu."""
        return self._actions[name]


def own_keys() -> dict[str, tuple[str, ...]]:
    """Return the keys that the tables give to each action."""
    return {
        row.name: tuple(key for key in (row.key, *OTHER_KEYS.get(row.name, ())) if key) for row in ALL_ROWS
    }


def bar_rows() -> tuple[ActionRow, ...]:
    """Return the rows that have a button, in the order of the bar."""
    rows = {row.name: row for row in ALL_ROWS}
    return tuple(rows[name] for name in BAR_NAMES)
