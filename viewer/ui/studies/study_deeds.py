"""What can be done with studies of the cache: pin, delete and undo, restore, show their files."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from viewer.cache import facts, trash
from viewer.cache.export import Exported, export
from viewer.cache.store import Store
from viewer.cache.study_list import StudyKey
from viewer.cache.trash import Emptied
from viewer.cache.verify import Verified, verify
from viewer.dicom.text import shown_path
from viewer.jobs.queue import Job
from viewer.ui.chores import Chores
from viewer.ui.furniture import Furniture
from viewer.ui.studies.study_browser import StudyBrowser
from viewer.ui.study_words import counted, size
from viewer.viewing.local_studies import LocalStudies

NOT_READ = "Not all of the chosen studies are read yet; wait a moment."
NO_FILES = "None of its files is there any more; the list of problems says more."
IN_USE = "it is open, or waits to be sent"


class StudyDeeds(QObject):
    """Acts on what is chosen in a browser that shows the cache."""

    changed = Signal()  # the list is another one now
    send_wanted = Signal(object)  # StudyKeys

    def __init__(
        self,
        local: LocalStudies,
        browser: StudyBrowser,
        chores: Chores,
        furniture: Furniture,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._local, self._browser = local, browser
        self._chores, self._furniture = chores, furniture
        self.no_sending: Callable[[], str] = str  # why nothing can be sent; "" where something can
        browser.menu_wanted.connect(self.offer)
        self._last: tuple[StudyKey, ...] = ()  # what was deleted last, and not brought back
        browser.remove_wanted.connect(self.delete)
        browser.undo_wanted.connect(lambda: self._restore(self._last))
        browser.restore_wanted.connect(self.restore)
        browser.empty_wanted.connect(self.empty)

    @property
    def _store(self) -> Store:
        return self._local.store

    def _say(self, words: str) -> None:
        self._furniture.say(words, busy=False)

    def _keys(self) -> tuple[StudyKey, ...]:
        """Return what is chosen; nothing while that is not known yet, and nothing of another source."""
        if self._browser.source is not self._local:
            return ()
        if self._browser.table.choice.unread:
            self._say(NOT_READ)
            return ()
        return self._browser.chosen

    # ------------------------------------------------------------------------------------------------- menu
    def offer(self, at: QPoint) -> None:
        """Show what can be done with what is chosen."""
        if self._keys():
            menu = self.menu()
            menu.exec(at)
            menu.deleteLater()

    def menu(self) -> QMenu:
        """Return what can be done with what is chosen."""
        menu = QMenu(self._window)
        menu.setToolTipsVisible(True)
        browser, writable = self._browser, not self._store.read_only
        if browser.filter.asked.deleted:
            _add(menu, "Restore", self.restore, on=writable)
            _add(menu, "Show files", self.show_files)
            return menu
        _add(menu, "Open\tEnter", browser.table.opened.emit)
        _add(menu, "Open beside what is open\tShift+Enter", browser.table.opened_beside.emit)
        menu.addSeparator()
        _add(
            menu,
            "Export …",
            self.export,
            tip="Copies the files with a DICOMDIR, each read back, to an empty folder",
        )
        reason = self.no_sending()
        _add(menu, "Send …", self.send, on=not reason, tip=reason or "To a PACS or another peer")
        pages = browser.model.pages
        chosen = [pages.study(row) for row in pages.rows_of(browser.chosen)]
        unpin = bool(chosen) and all(study is not None and study.pinned for study in chosen)
        _add(menu, "Unpin" if unpin else "Pin", lambda: self.pin(on=not unpin), on=writable,
             tip="Pinned studies are never removed to make room")  # fmt: skip
        _add(menu, "Show files", self.show_files)
        _add(menu, "Verify", self.verify, tip="Reads back every file of what is chosen")
        menu.addSeparator()
        _add(menu, "Delete\tDel", self.delete, on=writable, tip="Can be undone until the trash is emptied")
        return menu

    # ------------------------------------------------------------------------------------------------ trash
    def delete(self) -> None:
        """Put what is chosen into the trash; the sentence that says so can undo it."""
        keys = self._keys()
        if keys and not self._browser.filter.asked.deleted:
            self._chores.quick(lambda: trash.delete(self._store, keys), lambda _: self._deleted(keys))

    def _deleted(self, keys: tuple[StudyKey, ...]) -> None:
        self._last = keys
        self._browser.table.choice.leave(keys)
        self.changed.emit()
        words = f"Deleted {counted(len(keys), 'study', 'studies')}."
        self._furniture.say(words, busy=False, answer="Undo", answered=lambda: self._restore(keys))

    def restore(self) -> None:
        """Take what is chosen out of the trash."""
        self._restore(self._keys())

    def _restore(self, keys: Sequence[StudyKey]) -> None:
        def done(_: object) -> None:
            self._last = ()
            self._browser.table.choice.choose(keys)
            self.changed.emit()
            self._say(f"Restored {counted(len(keys), 'study', 'studies')}.")

        if keys:
            self._chores.quick(lambda: trash.restore(self._store, keys), done)

    def empty(self) -> None:
        """Remove what is in the trash for good, after asking."""
        count = counted(self._browser.model.pages.total, "study", "studies")
        where = "Files that are linked where they are stay; copies in the cache are removed."
        if self._confirm("Empty trash", f"Remove {count} for good? This cannot be undone.\n{where}"):
            self._chores.run(
                "Emptying the trash",
                lambda job: trash.empty(self._store, cancelled=job.is_cancelled),
                self._emptied,
            )

    def _emptied(self, emptied: Emptied) -> None:
        self._last = ()
        self.changed.emit()
        words = f"Removed {counted(emptied.studies, 'study', 'studies')}, {size(emptied.bytes)}."
        kept = len(emptied.kept)
        self._say(f"{words} {counted(kept, 'study stays', 'studies stay')}: {IN_USE}." if kept else words)

    def _confirm(self, title: str, words: str) -> bool:
        box = QMessageBox(
            QMessageBox.Icon.NoIcon, title, words, QMessageBox.StandardButton.NoButton, self._window
        )
        yes = box.addButton(title, QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is yes

    # -------------------------------------------------------------------------------------- marks and files
    def pin(self, *, on: bool) -> None:
        """Keep what is chosen from being removed to make room, or no longer."""
        keys = self._keys()

        def work() -> None:
            for key in keys:
                facts.pin(self._store, key, pinned=on)

        if keys:
            self._chores.quick(work, lambda _: self.changed.emit())

    # ------------------------------------------------------------------------------------- long work
    def send(self) -> None:
        """Have it asked to whom what is chosen is sent."""
        keys = self._keys()
        if keys:
            self.send_wanted.emit(keys)

    def export(self) -> None:
        """Ask for an empty folder, and copy what is chosen there."""
        keys = self._keys()
        folder = QFileDialog.getExistingDirectory(self._window, "Export to an empty folder") if keys else ""
        if folder:
            self.export_to(keys, folder)

    def export_to(self, keys: Sequence[StudyKey], folder: str) -> None:
        """Copy studies to an empty folder; each copy is read back."""
        local = self._local

        def work(job: Job) -> Exported:
            records = [record for key in keys for record in local.records(key, job.is_cancelled)]
            return export(records, Path(folder), report=job.report, cancelled=job.is_cancelled)

        self._chores.run("Exporting", work, lambda done: self._say(_exported(done, folder)))

    def verify(self) -> None:
        """Read back every file of what is chosen, and say what is not whole."""
        keys = self._keys()

        def work(job: Job) -> Verified:
            return verify(self._store, keys=keys, report=job.report, cancelled=job.is_cancelled)

        def done(verified: Verified) -> None:
            self.changed.emit()
            self._say(" ".join(verified.sentences()))

        if keys:
            self._chores.run("Verifying", work, done)

    def show_files(self) -> None:
        """Open the folder of the first file of what is chosen; where that cannot be, copy its name."""
        keys = self._keys()
        if keys:
            self._chores.quick(lambda: _folder(self._local, keys[0]), self._show)

    def _show(self, folder: str) -> None:
        if not folder:
            self._say(NO_FILES)
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            QGuiApplication.clipboard().setText(folder)
            self._say(f"The name of the folder was copied: {shown_path(folder)}")


def _folder(local: LocalStudies, key: StudyKey) -> str:
    return next((str(Path(record.path).parent) for record in local.records(key, lambda: False)), "")


def _exported(done: Exported, folder: str) -> str:
    words = (
        f"{counted(len(done.files), 'file', 'files')}, {size(done.bytes)}, exported to {shown_path(folder)}."
    )
    if not done.failed:
        return words
    first = done.failed[0]
    lost = counted(len(done.failed), "file could", "files could")
    return f"{words} {lost} not be read; the first: {first.path}: {first.reason}"


def _add(menu: QMenu, words: str, call: Callable[[], object], *, on: bool = True, tip: str = "") -> None:
    action = menu.addAction(words)
    action.triggered.connect(lambda _=False: call())
    action.setEnabled(on)
    action.setToolTip(tip or words.partition("\t")[0])
