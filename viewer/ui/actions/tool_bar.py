"""The tools as a row of icons, made from rows; what does not fit is in a menu at the end."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QIcon, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from viewer.ui import icons, theme
from viewer.ui.actions.action_row import ActionRow
from viewer.ui.plain_text import tooltip

CHEVRON, CHEVRON_WIDTH = 10, 18  # logical pixels: the drawing, and the button that opens a family


class ToolBar(QWidget):
    """A row of buttons. It only tells what was asked for; the owner says what is checked."""

    triggered = Signal(str)  # the name of a row

    def __init__(self, rows: Sequence[ActionRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = {row.name: row for row in rows}
        self._told: dict[str, tuple[bool, str]] = {}  # what each row was said to be
        self._actions = {row.name: self._made(row) for row in rows}
        self._buttons = {name: self._button(action) for name, action in self._actions.items()}
        self._families = {row.family: row.name for row in reversed(rows) if row.family}  # who is in front
        self._chevrons = {family: self._chevron(family) for family in self._families}
        self._menu = QMenu("More tools", self)
        self._more = QToolButton(self)
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.setMenu(self._menu)
        self._more.setToolTip("More tools")
        self._more.setAccessibleName("More tools")
        self._more.setIconSize(QSize(theme.ICON, theme.ICON))
        self._groups = self._exclusive_groups(rows)
        self._draw_icons()
        self._arrange()

    def set_rows(self, rows: Iterable[ActionRow]) -> None:
        """Show the keys that hold now; rows without a button mean nothing here."""
        self._told.clear()
        for row in rows:
            if row.name in self._rows:
                self._rows[row.name] = row
                self._actions[row.name].setToolTip(tooltip(row.tooltip))
                self._actions[row.name].setText(_named(row))

    def set_checked(self, name: str, *, on: bool = True) -> None:
        """Show a row as on or off; an exclusive row that is on puts the others of its group off."""
        row, group = self._rows[name], self._groups.get(self._rows[name].group)
        if not row.checkable:
            return
        if group is not None:
            group.setExclusive(on)  # an exclusive group does not let its one go off
        self._actions[name].setChecked(on)
        if group is not None:
            group.setExclusive(True)
        if on and row.family and self._families[row.family] != name:
            self._families[row.family] = name
            self._arrange()

    def set_enabled(self, name: str, *, on: bool, reason: str = "") -> None:
        """Let a row be used or not; the tooltip then says why not."""
        if self._told.get(name) == (on, reason):  # each step through a stack says it all again
            return
        self._told[name] = (on, reason)
        row, action = self._rows[name], self._actions[name]
        action.setEnabled(on)
        words = row.tooltip if on or not reason else f"{row.tooltip}\n{reason}"
        action.setToolTip(tooltip(words))
        self._buttons[name].setAccessibleDescription(row.tip if on else reason or row.tip)

    def action(self, name: str) -> QAction:
        """Return the action of a row, for a menu that shows it too."""
        return self._actions[name]

    def place_of(self, name: str) -> QPoint:
        """Return the global place of the top left corner of a row's button, or of the menu that it is in."""
        button = self._buttons[self._families.get(self._rows[name].family, name)]
        shown = button if button.isVisible() else self._more
        return shown.mapToGlobal(QPoint(0, 0))

    # ------------------------------------------------------------------------------- how it is made
    def _made(self, row: ActionRow) -> QAction:
        action = QAction(_named(row), self)
        action.setObjectName(row.name)
        action.setCheckable(row.checkable)
        action.setToolTip(tooltip(row.tooltip))
        action.triggered.connect(lambda: self.triggered.emit(row.name))
        return action

    def _button(self, action: QAction) -> QToolButton:
        row = self._rows[action.objectName()]
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setAccessibleName(row.title)
        button.setAccessibleDescription(row.tip)
        button.setIconSize(QSize(theme.ICON, theme.ICON))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if not row.icon:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        return button

    def _chevron(self, family: str) -> QToolButton:
        """Return the narrow button beside the front of a family, with all of it in a menu."""
        members = [row for row in self._rows.values() if row.family == family]
        menu = QMenu(self)
        menu.addActions([self._actions[row.name] for row in members])
        chevron = QToolButton(self)
        chevron.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        chevron.setMenu(menu)
        chevron.setIconSize(QSize(CHEVRON, CHEVRON))
        chevron.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        words = f"More of {', '.join(row.title for row in members[:3])} …"
        chevron.setToolTip(words)
        chevron.setAccessibleName(words)
        return chevron

    def _exclusive_groups(self, rows: Iterable[ActionRow]) -> dict[str, QActionGroup]:
        groups: dict[str, QActionGroup] = {}
        for row in rows:
            if row.checkable and row.exclusive and row.group:
                if row.group not in groups:
                    groups[row.group] = QActionGroup(self)
                groups[row.group].addAction(self._actions[row.name])
        return groups

    def _draw_icons(self) -> None:
        colours = theme.colours_of(self.palette())
        for name, row in self._rows.items():
            made = icons.icon(row.icon, colours.text, colours=colours) if row.icon else QIcon()
            self._actions[name].setIcon(made)
        self._more.setIcon(icons.icon("more", colours.text, colours=colours))
        for chevron in self._chevrons.values():
            chevron.setIcon(icons.icon("chevron-down", colours.secondary, colours=colours))

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons again in other colours."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_more"):
            self._draw_icons()

    # --------------------------------------------------------------------------- where things stand
    def _places(self) -> list[tuple[str, int, int]]:
        """Return (name, left, width) of all buttons, were there room for all."""
        places, left, group = [], 0, None
        for name, row in self._rows.items():
            if row.family and self._families[row.family] != name:
                continue
            if group is not None and row.group != group:
                left += theme.GAP
            group = row.group
            width = theme.TARGET
            if not row.icon:
                width = max(self._buttons[name].sizeHint().width(), theme.TARGET)
            width += CHEVRON_WIDTH if row.family else 0
            places.append((name, left, width))
            left += width
        return places

    def _arrange(self) -> None:
        places = self._places()
        needed = sum(places[-1][1:]) if places else 0
        room = self.width() if needed <= self.width() else self.width() - theme.TARGET
        self._menu.clear()
        end, group = 0, ""
        for button in (*self._buttons.values(), *self._chevrons.values()):
            button.hide()
        for name, left, width in places:
            fits = left + width <= room
            self._place(name, left, width, fits=fits)
            if fits:
                end = left + width
                continue
            if not self._menu.isEmpty() and self._rows[name].group != group:
                self._menu.addSeparator()
            group = self._rows[name].group
            family = self._rows[name].family
            members = [row.name for row in self._rows.values() if family and row.family == family] or [name]
            self._menu.addActions([self._actions[member] for member in members])
        self._more.setVisible(not self._menu.isEmpty())
        self._more.setGeometry(end, 0, theme.TARGET, theme.TARGET)

    def _place(self, name: str, left: int, width: int, *, fits: bool) -> None:
        """Put a button where it belongs, and the menu of its family beside it."""
        chevron = self._chevrons.get(self._rows[name].family)
        own = width - (CHEVRON_WIDTH if chevron is not None else 0)
        self._buttons[name].setGeometry(left, 0, own, theme.TARGET)
        self._buttons[name].setVisible(fits)
        if chevron is not None:
            chevron.setGeometry(left + own, 0, CHEVRON_WIDTH, theme.TARGET)
            chevron.setVisible(fits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Move what no longer fits into the menu."""
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        """Return the room that all buttons need."""
        places = self._places()
        return QSize(sum(places[-1][1:]) if places else 0, theme.TARGET)

    def minimumSizeHint(self) -> QSize:
        """Return the room of the menu's button."""
        return QSize(theme.TARGET, theme.TARGET)


def _named(row: ActionRow) -> str:
    """Return the title of a row and its key, as a menu shows them."""
    return f"{row.title}\t{row.key}" if row.key and row.icon else row.title
