"""How large a pixel of a monitor is, measured or as the monitor says, and what that is kept under."""

import math
from dataclasses import dataclass
from typing import Self

CARD_MM = 85.60  # the width of a bank card, ISO/IEC 7810 ID-1
SMALLEST, LARGEST = 0.03, 1.5  # mm of a pixel: from a phone's to a wall's
SQUARE = 0.05  # by how much the two sides of a pixel may differ in what a monitor says of itself


@dataclass(frozen=True, slots=True)
class Monitor:
    """What was measured on one monitor. It holds until it is measured again; the date says since when."""

    name: str  # as `Screen.key`
    pitch: float  # mm from device pixel to device pixel
    date: str = ""  # of the measurement, "2026-11-22"


@dataclass(frozen=True, slots=True)
class Screen:
    """What the system says of a monitor."""

    name: str = ""  # the connector, or the model
    model: str = ""
    serial: str = ""
    width: int = 0  # device pixels, whatever the system scales
    height: int = 0
    width_mm: float = 0.0  # as the monitor says (EDID); 0 where it says nothing
    height_mm: float = 0.0

    @property
    def key(self) -> str:
        """Return what a measurement is kept under: another resolution has other pixels."""
        who = " ".join(part for part in (self.model, self.serial) if part) or self.name
        return f"{who} {self.width}x{self.height}"

    @property
    def pitch(self) -> float | None:
        """Return the mm of a pixel as the monitor says; None where that cannot be.

        Televisions and projectors give the shape of the picture as its size, or nothing.
        """
        if min(self.width, self.height) < 1:
            return None
        across, down = self.width_mm / self.width, self.height_mm / self.height
        if not (math.isfinite(across) and SMALLEST <= across <= LARGEST):
            return None
        return across if abs(down - across) <= SQUARE * across else None


@dataclass(frozen=True, slots=True)
class Pitch:
    """How large a device pixel is, and how that is known."""

    mm: float
    measured: str = ""  # the date; "" when it is what the monitor says of itself

    @property
    def source(self) -> str:
        """Return the doubt for a person, "" when there is none."""
        return "" if self.measured else "monitor not calibrated"

    @classmethod
    def of(cls, screen: Screen, monitors: tuple[Monitor, ...]) -> Self | None:
        """Return what is known of a screen: what was measured on it, else what it says, else None."""
        for monitor in monitors:
            if monitor.name == screen.key and is_pitch(monitor.pitch):
                return cls(monitor.pitch, monitor.date or "date not known")
        return cls(screen.pitch) if screen.pitch is not None else None


def is_pitch(mm: float) -> bool:
    """Tell whether a monitor can have pixels of this size."""
    return math.isfinite(mm) and SMALLEST <= mm <= LARGEST


def with_monitor(monitors: tuple[Monitor, ...], new: Monitor) -> tuple[Monitor, ...]:
    """Return the measurements with another one, in the place of an older one of the same monitor."""
    return (*without_monitor(monitors, new.name), new)


def without_monitor(monitors: tuple[Monitor, ...], name: str) -> tuple[Monitor, ...]:
    """Return the measurements without that of one monitor."""
    return tuple(monitor for monitor in monitors if monitor.name != name)
