"""Before studies are closed: what is in no presentation state, and what was not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QMessageBox, QWidget

from viewer.dicom.text import printable
from viewer.ui.seen.journal_room import JournalRoom
from viewer.ui.seen.seen_room import SeenRoom
from viewer.viewing.seen import Unseen

PLANES = "What is drawn on the three planes cannot be saved."
KEPT = (
    "Nothing of it is lost: it stays on this computer and is there when the study is opened again. But nobody"
    " else sees it until it is saved."
)
MOST = 8  # series named one by one


@dataclass(frozen=True, slots=True)
class Asking:
    """What the question is made of, and what becomes of the answers."""

    journal: JournalRoom
    seen: SeenRoom
    save: Callable[[], object]
    asks_unseen: Callable[[], bool]
    never_again: Callable[[], object]  # about images that were not seen


def may_leave(asking: Asking, window: QWidget) -> bool:
    """Ask, where there is something to ask about; tell whether the studies may be closed."""
    count, kept = asking.journal.new, asking.journal.keeps
    unseen = asking.seen.unseen() if asking.asks_unseen() else []
    if not count and not unseen:
        return True
    box = QMessageBox(window)
    box.setTextFormat(box.textFormat().PlainText)
    box.setWindowTitle("Not saved" if count else "Not seen")
    box.setText("\n\n".join(filter(None, (drawn_words(count, kept=kept), unseen_words(unseen)))))
    save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole) if count else None
    show = box.addButton("Show unseen", QMessageBox.ButtonRole.AcceptRole) if unseen else None
    lost = bool(count) and not kept
    role = QMessageBox.ButtonRole.DestructiveRole if lost else QMessageBox.ButtonRole.AcceptRole
    leave = box.addButton("Discard" if lost else "Close", role)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    never = QCheckBox("Do not ask about images that were not seen")
    if unseen:
        box.setCheckBox(never)
    box.exec()
    if unseen and never.isChecked():
        asking.never_again()
    clicked = box.clickedButton()
    if save is not None and clicked is save:
        asking.save()  # in the background: it says when it is done, and then nothing asks again
    elif show is not None and clicked is show:
        asking.seen.show_next()
    return clicked is leave


def drawn_words(count: int, *, kept: bool) -> str:
    """Return what is in no presentation state, and whether it would be lost; "" for nothing."""
    if not count:
        return ""
    what = "1 measurement is" if count == 1 else f"{count} measurements are"
    return f"{what} not in a presentation state. {KEPT if kept else PLANES}"


def unseen_words(unseen: Sequence[Unseen]) -> str:
    """Return what was not seen, series by series; "" for nothing."""
    if not unseen:
        return ""
    lines = [f"{_name(one)}: {one.count:,} of {one.of:,} images" for one in unseen[:MOST]]
    if len(unseen) > MOST:
        rest = sum(one.count for one in unseen[MOST:])
        lines.append(f"and {rest:,} images of {len(unseen) - MOST} more series")
    return "\n".join(("Not seen yet:", *lines))


def _name(one: Unseen) -> str:
    series = one.hung.series
    number = "" if series.series_number is None else f"Series {series.series_number}"
    words = (series.modality, series.series_description or number or "without a name")
    return printable(" ".join(word for word in words if word))
