"""How large the pixels of the monitor are on which the window is, and pictures at true size."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget

from viewer.ui.reading import Reading
from viewer.ui.settings.preferences import Preferences
from viewer.ui.true_size.calibration_panel import CalibrationPanel
from viewer.ui.view_rows import CALIBRATE_MONITOR, TRUE_SIZE
from viewer.viewing.monitors import Monitor, Pitch, Screen, with_monitor, without_monitor
from viewer.viewing.true_size import NO_PITCH, at_true_size, no_true_size

MOVED = {QEvent.Type.ScreenChangeInternal, QEvent.Type.DevicePixelRatioChange, QEvent.Type.Show}


class SizeRoom(QObject):
    """Keeps `looks.pitch` that of the monitor on which the window is."""

    def __init__(self, reading: Reading, say: Callable[[str], None], window: QWidget) -> None:
        super().__init__(window)
        self._reading, self._say, self._window = reading, say, window
        self._preferences: Preferences | None = None
        self.panel: CalibrationPanel | None = None
        window.installEventFilter(self)

    def begin(self, preferences: Preferences) -> None:
        """Have what is set hold from now on."""
        self._preferences = preferences
        preferences.changed.connect(lambda _: self.look())
        self.look()

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {TRUE_SIZE.name: self.show_true_size, CALIBRATE_MONITOR.name: self.calibrate}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the window came to another monitor, or that the monitor changed."""
        if event.type() in MOVED:
            self.look()
        return super().eventFilter(watched, event)

    def look(self) -> None:
        """See what is known of the monitor on which the window is."""
        pitch = Pitch.of(screen_of(self._window.screen()), self._monitors)
        if pitch != self._reading.room.looks.pitch:
            self._reading.room.looks.pitch = pitch
            self._reading.refresh()

    def show_true_size(self) -> None:
        """Show the active picture so that 1 mm on the screen is 1 mm of it."""
        pitch = self._reading.room.looks.pitch
        reason = no_true_size(self._reading.room.desk.pane.state.image) or ("" if pitch else NO_PITCH)
        if reason or pitch is None:
            self._say(reason)
        else:
            self._reading.view(lambda state: at_true_size(state, pitch))

    def calibrate(self) -> None:
        """Open the panel for the monitor on which the window is; it does not stand in the way."""
        if self.panel is None:
            self.panel = CalibrationPanel(self._window)
            self.panel.measured.connect(self._keep)
            self.panel.forgotten.connect(self._forget)
        self._tell()
        self.panel.show()
        self.panel.raise_()
        self.panel.activateWindow()
        self.panel.frame.setFocus()

    @property
    def _monitors(self) -> tuple[Monitor, ...]:
        return self._preferences.now.monitors if self._preferences is not None else ()

    def _tell(self) -> None:
        screen = screen_of(self._panel_screen())
        pitch = Pitch.of(screen, self._monitors)
        if self.panel is not None:
            self.panel.show_screen(screen, pitch.mm if pitch is not None else None, _known(screen, pitch))

    def _panel_screen(self) -> QScreen:
        """Return the screen on which the panel is, and before it is anywhere that of the window."""
        if self.panel is not None and self.panel.isVisible():
            return self.panel.screen()
        return self._window.screen()

    def _keep(self, pitch: float) -> None:
        """Keep what was measured, for the monitor on which the panel is."""
        screen = screen_of(self._panel_screen())
        found = Monitor(screen.key, round(pitch, 6), date.today().isoformat())  # noqa: DTZ011  the reader's day
        self._change(lambda monitors: with_monitor(monitors, found))
        self._say(f"{found.pitch:.4f} mm a pixel on {screen.key}.")

    def _forget(self) -> None:
        key = screen_of(self._panel_screen()).key
        self._change(lambda monitors: without_monitor(monitors, key))

    def _change(self, edit: Callable[[tuple[Monitor, ...]], tuple[Monitor, ...]]) -> None:
        if self._preferences is not None:
            self._preferences.change(lambda now: replace(now, monitors=edit(now.monitors)))
        self._tell()


def screen_of(screen: QScreen) -> Screen:
    """Return what Qt says of a screen; its pixels are those of the device, however the system scales."""
    ratio, size, millimetres = screen.devicePixelRatio(), screen.geometry(), screen.physicalSize()
    return Screen(
        screen.name(),
        " ".join(part for part in (screen.manufacturer(), screen.model()) if part),
        screen.serialNumber(),
        round(size.width() * ratio),
        round(size.height() * ratio),
        millimetres.width(),
        millimetres.height(),
    )


def _known(screen: Screen, pitch: Pitch | None) -> str:
    own = f"It says {screen.pitch:.4f} mm a pixel." if screen.pitch else "It does not say how large it is."
    if pitch is None or not pitch.measured:
        return f"Not calibrated. {own}"
    return f"Calibrated on {pitch.measured}: {pitch.mm:.4f} mm a pixel. {own}"
