"""What a reader does with hanging protocols: chooses, turns stages, saves, renames and deletes them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.hanging.match import Verdict
from viewer.hanging.protocol import Protocol
from viewer.hanging.save import delete, restore, save
from viewer.jobs.queue import JobQueue, Priority
from viewer.ui.crossing import Reference
from viewer.ui.furniture import Furniture
from viewer.ui.hanging.hang_menu import HangMenu
from viewer.ui.hanging.hang_reader import own_folder
from viewer.ui.hanging.hang_room import HangRoom
from viewer.ui.hanging.save_form import SaveForm
from viewer.ui.room import Room
from viewer.viewing.hang_capture import Seen, captured
from viewer.viewing.linking import Links, Scrolling
from viewer.viewing.pane import Hung

FAULT = "The protocol could not be saved: a fault of the program."


class HangDeeds:
    """The actions of `hang_rows`."""

    def __init__(
        self, window: QWidget, queue: JobQueue, hanging: HangRoom, room: Room, furniture: Furniture
    ) -> None:
        self.menu: HangMenu | None = None
        self.form = SaveForm()
        self._window, self._queue, self._hanging = window, queue, hanging
        self._room, self._furniture = room, furniture
        self._folded = True  # the panel, before the form was shown
        furniture.panel.addTab(self.form, "Protocol")
        self._show_tab(on=False)
        self.form.wanted.connect(self._save)
        self.form.renamed.connect(self.rename)
        self.form.left.connect(self._leave_form)

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {
            "hang": self.choose,
            "next-stage": lambda: self._hanging.turn_stage(1),
            "previous-stage": lambda: self._hanging.turn_stage(-1),
            "save-protocol": self.ask,
        }

    # ---------------------------------------------------------------------------------------------- choosing
    def choose(self) -> None:
        """List the protocols, read afresh, above the tool bar."""
        self._hanging.verdicts(self._open_menu)

    def _open_menu(self, verdicts: list[Verdict]) -> None:
        if self.menu is not None:
            self.menu.deleteLater()
        menu = self.menu = HangMenu(self._window)
        hanging = self._hanging
        menu.list(verdicts, hanging.in_force, hanging.loaded.notices, hanging.hang)
        menu.addSeparator()
        why = hanging.reasons()
        for title, by in (("Next stage", 1), ("Previous stage", -1)):
            action = menu.addAction(self._with_key(title))
            action.setEnabled(not why)
            action.triggered.connect(lambda _=False, by=by: hanging.turn_stage(by))
        saving = menu.addAction(self._with_key("Save what I see as a protocol …"))
        saving.triggered.connect(lambda _=False: self.ask())
        menu.add_own(hanging.loaded.protocols, self._ask_name, self._delete, _edit)
        place = self._furniture.tools.place_of("hang")
        menu.popup(place - QPoint(0, menu.sizeHint().height()))

    def _with_key(self, title: str) -> str:
        """Return the title of an action with the key that it has now: keys can be changed."""
        keys = (action.shortcut().toString() for action in self._window.actions() if action.text() == title)
        return f"{title}\t{next(keys, '')}".rstrip()

    # ------------------------------------------------------------------------------------------------ saving
    def ask(self) -> None:
        """Show what is seen as a protocol, in the side panel."""
        try:
            protocol = self._captured()
        except ViewerError as error:
            self._hanging.say(str(error))
            return
        self._show_form()
        self.form.show_protocol(protocol, self._taken)

    def _show_form(self) -> None:
        if not self._furniture.panel.isTabVisible(self._furniture.panel.indexOf(self.form)):
            self._folded = not self._furniture.panel.isVisible()
        self._furniture.panel.show()
        self._show_tab(on=True)
        self._furniture.panel.setCurrentWidget(self.form)

    def _captured(self) -> Protocol:
        desk, study = self._room.desk, self._hanging.study()
        earlier = [each.record for each in self._hanging.earlier(study)] if study is not None else []

        def prior_of(hung: Hung) -> int | None:
            record = hung.series.study
            if study is not None and record == study.record:
                return 0
            return earlier.index(record) + 1 if record in earlier else None

        panes = tuple(desk.panes[box.start] for box in desk.layout.boxes)
        link = None if desk.links.scroll is Links().scroll else desk.links.scroll is not Scrolling.OFF
        lines = None if self._room.looks.crossing.reference is Reference.OFF else True
        return captured(Seen(desk.layout.rows, desk.layout.columns, panes, link, lines), prior_of)

    def _taken(self, name: str) -> str:
        found = self._named(name)
        if found is None:
            return ""
        return (
            "This takes the place of yours of that name." if found.own else "This takes the program's place."
        )

    def _named(self, name: str) -> Protocol | None:
        return next(
            (each for each in self._hanging.loaded.protocols if each.name.casefold() == name.casefold()), None
        )

    def _save(self, protocol: Protocol) -> None:
        """Write a protocol in a job; it is in force at once."""
        old, folder = self._named(protocol.name), own_folder()
        instead = old.path if old is not None and old.own else None

        def done(path: Path) -> None:
            self._leave_form()
            self._hanging.adopt(replace(protocol, own=True, path=path))
            self._hanging.say(f"Saved “{protocol.name}” as {printable(path.name)}: it can be edited as text.")

        self._queue.submit(
            lambda _: save(protocol, folder, instead),
            priority=Priority.VISIBLE,
            done=done,
            failed=lambda error: self.form.complain(_sentence(error)),
        )

    def _leave_form(self) -> None:
        self._show_tab(on=False)
        if self._folded:
            self._furniture.panel.hide()
        self._furniture.grid.setFocus()

    def _show_tab(self, *, on: bool) -> None:
        panel = self._furniture.panel
        panel.setTabVisible(panel.indexOf(self.form), on)

    # -------------------------------------------------------------------------------------------- one's own
    def _ask_name(self, protocol: Protocol) -> None:
        self._show_form()
        self.form.ask_name(protocol, partial(self._in_use, protocol))

    def _in_use(self, protocol: Protocol, name: str) -> str:
        """Return that another of the user's protocols has a name, in words; "" where it is free."""
        other = self._named(name)
        if other is None or not other.own or other.path == protocol.path:
            return ""
        return f"Another of your protocols is called “{other.name}” already."

    def rename(self, protocol: Protocol, name: str) -> None:
        """Give one of the user's protocols another name; its file keeps its own."""
        words = self._in_use(protocol, name)
        if words:
            self._hanging.say(words)
            return
        self._leave_form()
        renamed = replace(protocol, name=name)
        self._write(partial(_rewrite, renamed), f"Renamed “{protocol.name}” to “{name}”.")

    def _delete(self, protocol: Protocol) -> None:
        """Delete one of the user's protocols, and offer to bring it back."""
        path = protocol.path
        if path is None:
            return

        def done(content: str) -> None:
            back = partial(self._write, partial(restore, path, content), f"“{protocol.name}” is back.")
            self._furniture.say(f"Deleted “{protocol.name}”.", busy=False, answer="Undo", answered=back)

        self._queue.submit(lambda _: delete(path), priority=Priority.VISIBLE, done=done, failed=self._failed)

    def _write(self, work: Callable[[], None], words: str) -> None:
        self._queue.submit(
            lambda _: work(),
            priority=Priority.VISIBLE,
            done=lambda _: self._hanging.say(words),
            failed=self._failed,
        )

    def _failed(self, error: Exception) -> None:
        self._hanging.say(_sentence(error))


def _rewrite(protocol: Protocol) -> None:
    assert protocol.path is not None  # noqa: S101  one's own has a file
    save(protocol, protocol.path.parent, protocol.path)


def _edit(path: Path) -> None:
    """Open the text of a protocol in whatever program the system has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, ViewerError) else FAULT
