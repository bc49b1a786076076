"""How large the pixels of the monitor are on which the window is, and pictures at true size."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget

from viewer.ui.actions.view_rows import CALIBRATE_MONITOR, TRUE_SIZE
from viewer.ui.reading import Reading
from viewer.ui.settings.preferences import Preferences
from viewer.ui.true_size.calibration_panel import CalibrationPanel
from viewer.viewing.monitors import Monitor, Pitch, Screen, with_monitor, without_monitor
from viewer.viewing.true_size import NO_PITCH, at_true_size, no_true_size


class SizeRoom:
    """Knows the monitor of each viewport: several windows may be on several monitors."""

    def __init__(self, reading: Reading, say: Callable[[str], None], window: QWidget) -> None:
        self._reading, self._say, self._window = reading, say, window
        self._preferences: Preferences | None = None
        self.panel: CalibrationPanel | None = None
        reading.room.looks.pitch = self.pitch
        for number in range(len(reading.furniture.grid.viewports)):
            self._attach(number)
        reading.made.connect(self._attach)

    def begin(self, preferences: Preferences) -> None:
        """Have what is set hold from now on."""
        self._preferences = preferences
        preferences.changed.connect(lambda _: self._reading.refresh())

    def pitch(self, number: int) -> Pitch | None:
        """Return what is known of the pixels of the monitor on which a viewport is."""
        viewports = self._reading.furniture.grid.viewports
        if number >= len(viewports):
            return None
        return Pitch.of(screen_of(viewports[number].screen()), self._monitors)

    def _attach(self, number: int) -> None:
        viewport = self._reading.furniture.grid.viewports[number]
        viewport.screen_changed.connect(self._reading.refresh)

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {TRUE_SIZE.name: self.show_true_size, CALIBRATE_MONITOR.name: self.calibrate}

    def show_true_size(self) -> None:
        """Show the active picture so that 1 mm on the screen is 1 mm of it."""
        pitch = self.pitch(self._reading.room.desk.active)
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
            self.panel.moved.connect(self._tell)
        self._tell()
        if not self.panel.isVisible():
            self.panel.move(self._panel_screen().availableGeometry().center() - self.panel.rect().center())
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
        """Return the screen on which the panel is, and before it is anywhere that of the active viewport."""
        if self.panel is not None and self.panel.isVisible():
            return self.panel.screen()
        return self._reading.furniture.grid.viewports[self._reading.room.desk.active].screen()

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
