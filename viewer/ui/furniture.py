"""The parts of the window and where they stand."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui import icons, theme
from viewer.ui.actions.dispatcher import Dispatcher, bar_rows
from viewer.ui.actions.tool_bar import ToolBar
from viewer.ui.actions.window_rows import MENU
from viewer.ui.cine.cine_bar import CineBar
from viewer.ui.message import Message
from viewer.ui.panels.document_panel import DocumentPanel
from viewer.ui.panels.measurement_panel import MeasurementPanel
from viewer.ui.panels.pixel_panel import PixelPanel
from viewer.ui.panels.problem_panel import Problem, ProblemPanel
from viewer.ui.patient_strip import PatientStrip
from viewer.ui.plain_text import single_line
from viewer.ui.rail.series_rail import SeriesRail
from viewer.ui.viewport.layout_grid import LayoutGrid

RAIL_WIDTH, PANEL_WIDTH = 252, 340


class Furniture:
    """Builds and arranges; knows nothing of what the parts are for."""

    def __init__(self, window: QMainWindow) -> None:
        self.strip = PatientStrip()
        self.rail = SeriesRail()
        self.grid = LayoutGrid()
        self.tools = ToolBar(bar_rows())
        self.cine = CineBar()
        self.measurements = MeasurementPanel()
        self.problems = ProblemPanel()
        self.pixel = PixelPanel()
        self.document = DocumentPanel()
        self.panel = QTabWidget()
        self.windows = _button("Window  \u25be", "Windows of this image and presets (1 to 9)")
        self.menu = _button("", "Menu", "menu")
        self.studies = _button("Studies", "Studies of this computer (Ctrl+B)", "series")
        self.studies.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.room = _button("", "How much the studies of this computer take")
        self._words = Message()
        self._answer = _button("", "What can be done about it")
        self._answered: Callable[[], None] | None = None
        self._heads, self._pages = QStackedWidget(), QStackedWidget()
        self._warning = _button("", "Files that could not be used", "warning")
        self.moving = _button("", "Transfers", "transfers")  # what is fetched and sent
        self.below = QSplitter(Qt.Orientation.Vertical)  # the studies, and what folds out below them
        self._dress()
        window.setCentralWidget(self._whole())
        self.grid.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grid.setFocus()

    def _dress(self) -> None:
        self.panel.addTab(self.measurements, "Measurements")
        self.panel.addTab(self.problems, "Problems")
        self.panel.addTab(self.pixel, "Pixel")
        self.panel.addTab(self.document, "Document")
        self.panel.setTabVisible(self.panel.indexOf(self.document), False)  # until there is one
        self.panel.setDocumentMode(True)
        self.panel.setMinimumWidth(PANEL_WIDTH)
        self.panel.hide()
        self.cine.hide()
        self._answer.hide()
        self.room.hide()
        self._answer.clicked.connect(self._take_answer)
        self.moving.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.moving.hide()
        self._warning.hide()
        self._warning.clicked.connect(self.show_problems)

    def _columns(self) -> QSplitter:
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(2)
        for number, part in enumerate((self.rail, self.grid, self.panel)):
            self.splitter.addWidget(part)
            self.splitter.setStretchFactor(number, 1 if part is self.grid else 0)
            self.splitter.setCollapsible(number, part is not self.grid)
        self.splitter.setSizes([RAIL_WIDTH, 1200, PANEL_WIDTH])
        return self.splitter

    def _whole(self) -> QWidget:
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self.menu)
        top.addWidget(self._heads, 1)
        self.strip.add_right(self.studies)
        self._heads.addWidget(self.strip)
        self._heads.setFixedHeight(self.strip.sizeHint().height())
        self._pages.addWidget(self._columns())
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(_rule())
        column.addWidget(self._pages, 1)
        column.addWidget(_rule())
        column.addWidget(self.cine)
        column.addLayout(self._bottom())
        return whole

    def _bottom(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(theme.GRID, theme.GRID, theme.GAP, theme.GRID)
        row.setSpacing(theme.GAP)
        row.addWidget(self.windows)
        row.addWidget(self.tools)
        row.addWidget(self.room)
        row.addWidget(self._words, 1)
        row.addWidget(self._answer)
        row.addWidget(self.moving)
        row.addWidget(self._warning)
        self._words.setMinimumHeight(self.tools.sizeHint().height())  # the bar is as high without its tools
        return row

    # ------------------------------------------------------------------------------------- the two places
    def add_browser(self, head: QWidget, browser: QWidget) -> None:
        """Put the study browser in the place of the images, out of sight as yet."""
        self._heads.addWidget(head)
        self.below.setHandleWidth(2)
        self.below.addWidget(browser)
        self.below.setStretchFactor(0, 1)
        self.below.setCollapsible(0, False)
        self._pages.addWidget(self.below)

    @property
    def browsing(self) -> bool:
        """Tell whether the study browser is in sight."""
        return self._pages.currentIndex() > 0

    def browse(self, *, on: bool) -> None:
        """Show the study browser, or the images. The bar at the bottom is there for both."""
        for stack in (self._heads, self._pages):
            stack.setCurrentIndex(int(on))
        for part in (self.windows, self.tools):
            part.setVisible(not on)
        self.show_room()

    def show_room(self) -> None:
        """Say in the bar below the study browser how full the cache is, once that is known."""
        self.room.setVisible(self.browsing and bool(self.room.text()))

    def fill_menu(self, dispatcher: Dispatcher, windows: QMenu) -> None:
        """Give the menu button every action, and the window button its windows."""
        menu = QMenu(self.menu)
        for title, rows in MENU:
            under = menu.addMenu(title)
            for row in rows:
                under.addAction(dispatcher.action(row.name))
        self.menu.setMenu(menu)
        self.windows.setMenu(windows)

    def say(
        self, words: str, *, busy: bool, answer: str = "", answered: Callable[[], None] | None = None
    ) -> None:
        """Show a sentence at the lower right, perhaps with a button for what can be done about it."""
        self._words.say(words, busy=busy)
        self._answered = answered
        self._answer.setText(answer)
        self._answer.setAccessibleName(answer)
        self._answer.setVisible(answered is not None)

    def offer(self, answer: str, answered: Callable[[], None]) -> None:
        """Put a button beside the sentence that is shown, for as long as it is."""
        self.say(self._words.words, busy=False, answer=answer, answered=answered)

    def _take_answer(self) -> None:
        answered = self._answered
        self.say("", busy=False)
        if answered is not None:
            answered()

    def unsay(self, words: str) -> None:
        """Take a sentence away, unless another one came."""
        if self._words.words == single_line(words):
            self.say("", busy=False)

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """List the files that could not be used; their number stands in the bar."""
        self.problems.set_problems(problems)
        self._warning.setVisible(bool(problems))
        self._warning.setText(str(len(problems)))
        title = f"Problems ({len(problems)})" if problems else "Problems"
        self.panel.setTabText(self.panel.indexOf(self.problems), title)

    def toggle_pixel(self) -> None:
        """Open the panel at the pixel under the pointer, or fold it away from there."""
        shown = self.pixel.isVisible()
        self.panel.setCurrentWidget(self.pixel)
        self.panel.setVisible(not shown)

    def show_document(self) -> None:
        """Open the panel at the document, wide enough to read paragraphs."""
        self.panel.show()
        self.panel.setTabVisible(self.panel.indexOf(self.document), True)
        self.panel.setCurrentWidget(self.document)
        rail, grid, panel = self.splitter.sizes()
        more = min(max(self.document.sizeHint().width() - panel, 0), grid // 2)
        self.splitter.setSizes([rail, grid - more, panel + more])

    def toggle_panel(self) -> None:
        """Open the panel, at the problems where there is nothing else in it, or fold it away."""
        if (
            not self.panel.isVisible()
            and self._warning.text() not in {"", "0"}
            and not self.measurements.count
        ):
            self.panel.setCurrentWidget(self.problems)
        self.panel.setVisible(not self.panel.isVisible())

    def show_problems(self) -> None:
        """Open the panel at the files that could not be used."""
        self.panel.show()
        self.panel.setCurrentWidget(self.problems)


def _button(words: str, tip: str, symbol: str = "") -> QToolButton:
    button = QToolButton()
    button.setText(words)
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(" (")[0])
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMinimumHeight(theme.TARGET)
    button.setMinimumWidth(theme.TARGET)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if symbol:
        button.setIcon(icons.icon(symbol, theme.AMBER if symbol == "warning" else theme.TEXT))
        button.setIconSize(QSize(theme.ICON, theme.ICON))
        button.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if symbol == "warning"
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
    return button


def _rule() -> QFrame:
    line = QFrame()
    line.setFixedHeight(1)
    line.setStyleSheet(f"background: {theme.BORDER};")
    return line
