"""Everything that comparing is done with: actions on several viewports, the patient's other studies."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from viewer.cache.study_list import StudyKey
from viewer.dicom.tree import patient_key
from viewer.jobs.queue import JobQueue
from viewer.ui.actions.dispatcher import BAR_NAMES, Dispatcher
from viewer.ui.comparing.desk_deeds import DeskDeeds
from viewer.ui.comparing.priors import Priors
from viewer.ui.intake import Intake
from viewer.ui.reading import Reading
from viewer.ui.studies.study_door import hang_beside, stack_of
from viewer.ui.studies.study_room import StudyRoom


class Comparing(QObject):
    """Puts them together and into the window."""

    def __init__(
        self, queue: JobQueue, reading: Reading, studies: StudyRoom, intake: Intake, window: QWidget
    ) -> None:
        super().__init__(window)
        self._reading, self._studies, self._intake = reading, studies, intake
        self.deeds = DeskDeeds(window, reading, lambda: intake.shelf, intake.say)
        self.priors = Priors(queue, studies.local, reading.room.desk, self)
        self.priors.open_keys = self._open_keys
        self.priors.chosen.connect(self.open_beside)
        reading.furniture.strip.add_right(self.priors.button)
        intake.cleared.connect(self.priors.look)

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {**self.deeds.table(), "open-prior": self.offer_priors}

    def attach(self, dispatcher: Dispatcher) -> None:
        """Show in the menu and in the tool bar what is on."""

        def check(name: str, on: bool) -> None:  # noqa: FBT001  of a tick
            dispatcher.check(name, on=on)
            if name in BAR_NAMES:
                self._reading.furniture.tools.set_checked(name, on=on)

        self.deeds.attach(check)

    def offer_priors(self) -> None:
        """List the other studies of the patient, or say why there are none."""
        if self.priors.reason:
            self._intake.say(self.priors.reason)
        else:
            button = self.priors.button
            self.priors.menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    def open_beside(self, key: StudyKey) -> None:
        """Show another study beside the present one; nothing is closed for it."""
        if key in self._open_keys():
            hung = stack_of(self._intake.shelf, key, None)
            if hung is not None:
                hang_beside(self._reading, hung)
        else:
            self._studies.browser.opened.emit((key,), None, True)

    def _open_keys(self) -> set[StudyKey]:
        return {
            StudyKey(study.record.study_instance_uid, patient_key(patient.record))
            for patient in self._intake.shelf.patients()
            for study in patient.studies
        }
