"""Playing: buttons, the frame's slider, the wanted rate, and what rate is really reached."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from viewer.ui import fonts, icons, theme

MODES = (("loop", "Loop", "starts again at the end"), ("sweep", "Sweep", "turns round at both ends"),
         ("once", "Once", "stops at the last image"))  # fmt: skip
FASTEST = 240.0  # images a second that may be asked for


@dataclass(frozen=True, slots=True)
class CineState:
    """What the bar shows. Frames count from 1."""

    playing: bool = False
    frame: int = 1
    frames: int = 1
    rate: float = 10.0  # wanted, images a second
    mode: str = "loop"  # a name in MODES
    actual_rate: float | None = None  # reached, None while not playing
    frame_time: float | None = None  # ms, of the frame that is shown


class CineBar(QWidget):
    """Shows a CineState and tells what the reader wants; it changes nothing by itself."""

    play_wanted = Signal(bool)  # play or pause
    frame_wanted = Signal(int)  # a frame, counted from 1
    step_wanted = Signal(int)  # this many frames on
    rate_wanted = Signal(float)
    mode_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = CineState()
        self._first = self._button("first", "First image (Home)")
        self._back = self._button("step-back", "Previous image")
        self._play = self._button("play", "Play or pause (C)")
        self._on = self._button("step-forward", "Next image")
        self._last = self._button("last", "Last image (End)")
        self._mode = self._button("loop", "Loop")
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setAccessibleName("Image")
        self._slider.setMinimumWidth(80)
        self._rate = QDoubleSpinBox(self)
        self._position = QLabel(self)
        self._reached = QLabel(self)
        self._dress()
        self._connect()
        self._show_symbols()
        self.set_state(self._state)

    @property
    def state(self) -> CineState:
        """Return what is shown."""
        return self._state

    def set_state(self, state: CineState) -> None:
        """Show `state`; tells nobody."""
        before, self._state = self._state, state
        with QSignalBlocker(self._slider), QSignalBlocker(self._rate):
            self._slider.setRange(1, max(state.frames, 1))
            self._slider.setValue(state.frame)
            if self._rate.value() != state.rate and not self._rate.hasFocus():
                self._rate.setValue(state.rate)
        self._position.setText(f"{state.frame} / {state.frames}")
        self._reached.setText(reached_words(state))
        if before.playing != state.playing or before.mode != state.mode:
            self._show_symbols()
        several = state.frames > 1
        for control in (self._first, self._back, self._play, self._on, self._last, self._slider, self._rate):
            control.setEnabled(several)

    # ------------------------------------------------------------------------------- how it is made
    def _button(self, symbol: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(self._icon(symbol))
        button.setIconSize(QSize(theme.ICON, theme.ICON))
        button.setFixedSize(theme.TARGET, theme.TARGET)
        button.setToolTip(words)
        button.setAccessibleName(words.partition(" (")[0])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAutoRepeat(symbol.startswith("step"))
        return button

    def _icon(self, symbol: str) -> QIcon:
        colours = theme.colours_of(self.palette())
        return icons.icon(symbol, colours.text, colours=colours)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons again in other colours."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_reached"):
            fixed = (self._first, self._back, self._on, self._last)
            for button, symbol in zip(fixed, ("first", "step-back", "step-forward", "last"), strict=True):
                button.setIcon(self._icon(symbol))
            self._show_symbols()

    def _dress(self) -> None:
        self._rate.setRange(0.1, FASTEST)
        self._rate.setDecimals(1)
        self._rate.setSuffix(" fps")
        self._rate.setAccessibleName("Wanted images a second")
        self._rate.setToolTip("Wanted images a second")
        self._rate.setKeyboardTracking(False)
        self._rate.setFixedSize(92, theme.ROW)
        self._reached.setToolTip("Images a second that are reached, and the time of this image")
        for label, sample in ((self._position, "88888 / 88888"), (self._reached, "888.8 fps · 8888.8 ms")):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(fonts.sized(self.font(), fonts.BODY))
            label.setFixedWidth(label.fontMetrics().horizontalAdvance(sample))
            label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._position.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._reached.setForegroundRole(self._reached.palette().ColorRole.PlaceholderText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self._first, self._back, self._play, self._on, self._last):
            row.addWidget(button)
        for widget, stretch in ((self._slider, 1), (self._position, 0), (self._rate, 0), (self._mode, 0)):
            row.addSpacing(theme.GAP)
            row.addWidget(widget, stretch)
        row.addSpacing(theme.GAP)
        row.addWidget(self._reached)

    def _connect(self) -> None:
        self._play.clicked.connect(lambda: self.play_wanted.emit(not self._state.playing))
        self._first.clicked.connect(lambda: self.frame_wanted.emit(1))
        self._last.clicked.connect(lambda: self.frame_wanted.emit(self._state.frames))
        self._back.clicked.connect(lambda: self.step_wanted.emit(-1))
        self._on.clicked.connect(lambda: self.step_wanted.emit(1))
        self._slider.valueChanged.connect(self.frame_wanted)
        self._rate.valueChanged.connect(self.rate_wanted)
        self._mode.clicked.connect(lambda: self.mode_wanted.emit(next_mode(self._state.mode)))

    def _show_symbols(self) -> None:
        self._play.setIcon(self._icon("pause" if self._state.playing else "play"))
        self._play.setAccessibleName("Pause" if self._state.playing else "Play")
        name, title, clause = next(row for row in MODES if row[0] == self._state.mode)
        self._mode.setIcon(self._icon(name))
        self._mode.setToolTip(f"{title} — {clause}; click for the next way")
        self._mode.setAccessibleName(f"At the end: {title}")


def next_mode(mode: str) -> str:
    """Return the way of playing after `mode`."""
    names = [name for name, _, _ in MODES]
    return names[(names.index(mode) + 1) % len(names)]


def reached_words(state: CineState) -> str:
    """Return the rate that is reached and the frame's time, as far as they are known."""
    words = []
    if state.actual_rate is not None:
        words.append(f"{state.actual_rate:.1f} fps")
    if state.frame_time is not None:
        words.append(f"{state.frame_time:.1f} ms")
    return " · ".join(words)
