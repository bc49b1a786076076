"""Ending the program in good order when the system asks for it."""

import signal

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

LOOK = 250  # ms between two chances for Python to handle a signal while Qt waits for events


def quit_on_signals(application: QApplication) -> None:
    """Leave the event loop on Ctrl+C and on the system's request: at once, and nothing asks a question."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: application.exit(128 + number))
    ticking = QTimer(application)
    ticking.timeout.connect(lambda: None)
    ticking.start(LOOK)
