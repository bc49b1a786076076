"""Playing: buttons, the frame's slider, the wanted rate, and what rate is really reached."""

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from viewer.ui import fonts, icons, theme
from viewer.ui.cine.cine_state import MODES, CineState, next_mode, rate_words, reached_words, time_words
from viewer.ui.cine.rate_box import RateBox
from viewer.ui.cine.trim_slider import TrimSlider
from viewer.ui.plain_text import tooltip

ASSUMED = "assumed"


class CineBar(QWidget):
    """Shows a CineState and tells what the reader wants; it changes nothing by itself."""

    play_wanted = Signal(bool)  # play or pause
    stop_wanted = Signal()  # and back to the first frame
    frame_wanted = Signal(int)  # a frame, counted from 1
    step_wanted = Signal(int)  # this many frames on
    rate_wanted = Signal(float)
    mode_wanted = Signal(str)
    trims_wanted = Signal(int, int)  # the first and the last frame that are played
    whole_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = CineState()
        self._first = self._button("first", "First image (Home)")
        self._back = self._button("step-back", "Previous image (Up)")
        self._play = self._button("play", "Play or pause (C)")
        self._on = self._button("step-forward", "Next image (Down)")
        self._last = self._button("last", "Last image (End)")
        self._stop = self._button("stop", "Stop, back to the first image (Shift+C)")
        self._begin = self._button("trim-begin", "Begin at this image (Shift+Home)")
        self._end = self._button("trim-end", "End at this image (Shift+End)")
        self._whole = self._button("trim-none", "Play the whole film (Ctrl+Home)")
        self._mode = self._button("loop", "Loop")
        self._slider = TrimSlider(self)
        self._rate = RateBox(self)
        self._position, self._time, self._assumed, self._reached = (QLabel(self) for _ in range(4))
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
        last = state.frames if state.last is None else state.last
        with QSignalBlocker(self._slider), QSignalBlocker(self._rate):
            self._slider.setRange(1, max(state.frames, 1))
            self._slider.setValue(state.frame)
            self._slider.set_trims(state.first, last)
            self._rate.usual = state.usual
            if self._rate.value() != state.rate and not self._rate.hasFocus():
                self._rate.setValue(state.rate)
        _say(self._position, f"{state.frame} / {state.frames}")
        _say(self._time, time_words(state))
        _say(self._reached, reached_words(state))
        if before.playing != state.playing or before.mode != state.mode:
            self._show_symbols()
        if (before.assumed, before.source, before.usual) != (state.assumed, state.source, state.usual):
            self._rate.setToolTip(tooltip(rate_words(state)))
            self._assumed.setToolTip(tooltip(rate_words(state)))
        _say(self._assumed, ASSUMED if state.assumed else "")
        if (before.skipped > 0) != (state.skipped > 0):
            self._color()
        if before.frames != state.frames or before.trimmed != state.trimmed:
            self._allow()

    def _allow(self) -> None:
        """Let be used what makes sense."""
        several = self._state.frames > 1
        buttons = (
            self._first,
            self._back,
            self._play,
            self._on,
            self._last,
            self._stop,
            self._begin,
            self._end,
        )
        for control in (*buttons, self._slider, self._rate, self._mode):
            control.setEnabled(several)
        self._whole.setEnabled(several and self._state.trimmed)

    def _color(self) -> None:
        """Warn of skipped frames and of an assumed rate, in the colours of the theme."""
        colours = theme.colours_of(self.palette())
        for label, color in (
            (self._assumed, colours.amber),
            (self._reached, colours.amber if self._state.skipped else colours.secondary),
            (self._time, colours.secondary),
        ):
            changed = QPalette(self.palette())
            changed.setColor(QPalette.ColorRole.WindowText, QColor(color))
            label.setPalette(changed)

    # ------------------------------------------------------------------------------- how it is made
    def _button(self, symbol: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(self._icon(symbol))
        button.setIconSize(QSize(theme.ICON, theme.ICON))
        button.setFixedSize(theme.TARGET, theme.TARGET)
        button.setToolTip(words)
        button.setAccessibleName(words.partition(" (")[0])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAutoRepeat(symbol.startswith("step-"))
        return button

    def _icon(self, symbol: str) -> QIcon:
        colours = theme.colours_of(self.palette())
        return icons.icon(symbol, colours.text, colours=colours)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons again in other colours."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_reached"):
            for button, symbol in self._fixed():
                button.setIcon(self._icon(symbol))
            self._show_symbols()
            self._color()

    def _fixed(self) -> tuple[tuple[QToolButton, str], ...]:
        return (
            (self._first, "first"), (self._back, "step-back"),
            (self._on, "step-forward"), (self._last, "last"), (self._stop, "stop"),
            (self._begin, "trim-begin"), (self._end, "trim-end"), (self._whole, "trim-none"),
        )  # fmt: skip

    def _dress(self) -> None:
        self._reached.setToolTip(
            tooltip(
                "Images a second that are reached, by how much faster than acquired, and what came too late"
            )
        )
        self._time.setToolTip("Time of this image since the first one, as acquired, and of them all")
        for label, sample in (
            (self._position, "8888 / 8888"),
            (self._time, "888.88 / 888.88 s"),
            (self._assumed, ASSUMED),
            (self._reached, "88.8 fps \u00b7 \u00d70.888 \u00b7 888 skipped"),
        ):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFont(fonts.sized(self.font(), fonts.BODY))
            label.setFixedWidth(label.fontMetrics().horizontalAdvance(sample))
            label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        for label in (self._position, self._time):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._color()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, theme.GAP, 0)
        row.setSpacing(0)
        for button in (self._first, self._back, self._play, self._on, self._last, self._stop):
            row.addWidget(button)
        row.addSpacing(theme.GAP)
        row.addWidget(self._slider, 1)
        for button in (self._begin, self._end, self._whole):
            row.addWidget(button)
        for widget in (self._position, self._time, self._rate, self._assumed, self._mode, self._reached):
            row.addSpacing(theme.GAP)
            row.addWidget(widget)

    def _connect(self) -> None:
        self._play.clicked.connect(lambda: self.play_wanted.emit(not self._state.playing))
        self._first.clicked.connect(lambda: self.frame_wanted.emit(1))
        self._last.clicked.connect(lambda: self.frame_wanted.emit(self._state.frames))
        self._back.clicked.connect(lambda: self.step_wanted.emit(-1))
        self._on.clicked.connect(lambda: self.step_wanted.emit(1))
        self._stop.clicked.connect(self.stop_wanted)
        self._begin.clicked.connect(lambda: self._trim(self._state.frame, None))
        self._end.clicked.connect(lambda: self._trim(None, self._state.frame))
        self._whole.clicked.connect(self.whole_wanted)
        self._slider.valueChanged.connect(self.frame_wanted)
        self._slider.trimmed.connect(self.trims_wanted)
        self._rate.valueChanged.connect(self.rate_wanted)
        self._mode.clicked.connect(lambda: self.mode_wanted.emit(next_mode(self._state.mode)))

    def _trim(self, first: int | None, last: int | None) -> None:
        """Ask for another beginning or end; the other one gives way where it must."""
        low = first if first is not None else self._state.first
        high = last if last is not None else self._state.last or self._state.frames
        if low > high:
            low, high = (low, self._state.frames) if first is not None else (1, high)
        self.trims_wanted.emit(low, high)

    def _show_symbols(self) -> None:
        self._play.setIcon(self._icon("pause" if self._state.playing else "play"))
        self._play.setAccessibleName("Pause" if self._state.playing else "Play")
        name, title, clause = next(row for row in MODES if row[0] == self._state.mode)
        self._mode.setIcon(self._icon(name))
        self._mode.setToolTip(f"{title} — {clause}; click for the next way")
        self._mode.setAccessibleName(f"At the end: {title}")


def _say(label: QLabel, words: str) -> None:
    """Write words that differ from those that stand there: 25 times a second, each writing is a layout."""
    if label.text() != words:
        label.setText(words)
