"""The list of hanging protocols: those for this study with the reason, the others, and one's own."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from viewer.hanging.match import Verdict
from viewer.hanging.protocol import Protocol
from viewer.ui.hanging.hang_room import InForce
from viewer.ui.plain_text import single_line

MOST_WORDS = 90  # characters of a line; a file may say more


class HangMenu(QMenu):
    """Made anew each time it is opened: files and studies change."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setToolTipsVisible(True)
        self.setAccessibleName("Hanging protocols")

    def list(
        self,
        verdicts: Sequence[Verdict],
        in_force: InForce | None,
        notices: Sequence[str],
        hang: Callable[[Protocol], None],
    ) -> None:
        """List protocols; a chosen one is hung."""
        fitting = [verdict for verdict in verdicts if verdict.fits]
        others = [verdict for verdict in verdicts if not verdict.fits]
        self.addAction("For this study").setEnabled(False)
        for verdict in fitting:
            self._add(self, verdict, in_force, hang)
        if others:
            below = self.addMenu("Other protocols")
            below.setToolTipsVisible(True)
            for verdict in others:
                self._add(below, verdict, in_force, hang)
        for words in notices:
            action = self.addAction(_line(words))
            action.setEnabled(False)
            action.setToolTip(single_line(words))

    @staticmethod
    def _add(
        menu: QMenu, verdict: Verdict, in_force: InForce | None, hang: Callable[[Protocol], None]
    ) -> None:
        protocol = verdict.protocol
        mine = " (mine)" if protocol.own else ""
        action = menu.addAction(_line(f"{protocol.name}{mine} — {verdict.words}"))
        action.setCheckable(True)
        action.setChecked(in_force is not None and in_force.protocol == protocol)
        action.setToolTip(single_line(protocol.about))
        action.triggered.connect(lambda _=False: hang(protocol))

    def add_own(
        self,
        protocols: Sequence[Protocol],
        rename: Callable[[Protocol], None],
        delete: Callable[[Protocol], None],
        show: Callable[[Path], None],
    ) -> None:
        """List what can be done with the user's own protocols."""
        own = [protocol for protocol in protocols if protocol.own and protocol.path is not None]
        if not own:
            return
        mine = self.addMenu("My protocols")
        for protocol in own:
            below = mine.addMenu(_line(protocol.name))
            _call(below.addAction("Rename …"), partial(rename, protocol))
            _call(below.addAction("Delete"), partial(delete, protocol))
            if protocol.path is not None:
                _call(below.addAction("Edit as text …"), partial(show, protocol.path))


def _call(action: QAction, call: Callable[[], None]) -> None:
    action.triggered.connect(lambda _=False: call())


def _line(words: str) -> str:
    """Return words as one line of a menu: an ampersand is no key there."""
    plain = single_line(words)
    cut = plain if len(plain) <= MOST_WORDS else plain[: MOST_WORDS - 1] + "…"
    return cut.replace("&", "&&")
