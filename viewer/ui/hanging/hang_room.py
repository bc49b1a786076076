"""Studies are hung by their protocols, stage by stage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from viewer.dicom.tree import Study
from viewer.hanging.load import Loaded
from viewer.hanging.match import Verdict, choose, ranked
from viewer.hanging.protocol import Protocol
from viewer.jobs.queue import JobQueue
from viewer.ui.hanging.hang_reader import HangReader
from viewer.ui.hanging.together import Together
from viewer.ui.reading import Reading
from viewer.viewing.hang_items import candidates, earlier, items_of
from viewer.viewing.hang_slots import Subject, arranged, first_of_use, is_of_use
from viewer.viewing.loader import Loader
from viewer.viewing.presets import Preset
from viewer.viewing.shelf import Shelf

NO_STUDY = "Open a study first."
NO_PROTOCOL = "No hanging protocol is in force: choose one (Shift+G)."
ONE_STAGE = "This hanging protocol has no further stage with images."


@dataclass(frozen=True, slots=True)
class InForce:
    """The protocol by which a study hangs, and at which stage it is."""

    protocol: Protocol
    stage: int
    study: Study


class HangRoom:
    """Hangs studies, and knows by which protocol and at which stage."""

    def __init__(
        self,
        queue: JobQueue,
        loader: Loader,
        reading: Reading,
        shelf: Callable[[], Shelf],
        say: Callable[[str], None],
    ) -> None:
        self.presets: tuple[Preset, ...] = ()
        self.in_force: InForce | None = None
        self._together = Together(reading)
        self.reader = HangReader(queue, loader, say)
        self._reading, self._shelf, self.say = reading, shelf, say
        reading.hang_study = self._opened

    @property
    def busy(self) -> bool:
        """Tell whether a study is about to be hung."""
        return self.reader.busy

    @property
    def loaded(self) -> Loaded:
        """Return the protocols as they were read last."""
        return self.reader.loaded

    def forget(self) -> None:
        """Let nothing of what was open reach what is opened next."""
        self.reader.forget()
        self.in_force = None
        self._together.forget()

    # ------------------------------------------------------------------------------------- a study was opened
    def _opened(self, study: Study) -> bool:
        """Take over to hang a study by the protocol for it.

        It is dropped when the reader arranges something before; of what nobody arranged yet, the latest
        study of the patient goes before the first one that was read, where its protocol shows earlier ones.
        """
        asked_for = self._reading.touched

        def choose_one() -> None:
            later = None if asked_for else self._latest(study)
            if asked_for or not self._reading.touched:
                self._with_facts(later or study, partial(self._choose, later, study, asked_for))

        self.reader.when_read(choose_one)
        return True

    def _latest(self, study: Study) -> Study | None:
        """Return the latest study of the patient that was opened, where it is another one."""
        shelf = self._shelf()
        later = [
            other
            for patient in shelf.patients()
            for other in patient.studies
            if any(each.record == study.record for each in earlier(shelf, other))
        ]
        return later[-1] if later else None

    def _choose(self, later: Study | None, study: Study, asked_for: bool) -> None:  # noqa: FBT001  passed on
        """Hang the latest study where its protocol is about earlier ones, else the one that is seen."""
        if self._reading.touched and not asked_for:
            return
        subject = self._subject(later or study)
        found = choose(subject.candidates, self.loaded.protocols)
        if later is not None and (found is None or not found.about_priors):
            self._with_facts(study, partial(self._choose, None, study, asked_for))
        else:
            asks = found is not None and found.count > 0
            stage = first_of_use(found, subject.candidates) if found is not None and asks else None
            if found is None or stage is None:  # it is for any study, or can place nothing of this one
                self._side_by_side(study)
            else:
                self._hang(found, stage, later or study, subject)
        self._reading.signs.select_again()

    def _side_by_side(self, study: Study) -> None:
        """Hang the first series of a study, in which what is seen already stays where it is."""
        stacks, first = self._shelf().study_stacks(study), self._reading.room.desk.pane.hung
        if stacks:
            self._reading.place_stacks(stacks, first if first in stacks else None, first_stays=False)

    # ------------------------------------------------------------------------------------------------ hanging
    def _with_facts(self, study: Study, then: Callable[[], None]) -> None:
        self.reader.with_facts(items_of(self._shelf(), study), then)

    def _subject(self, study: Study) -> Subject:
        items = items_of(self._shelf(), study)
        return Subject(items, candidates(items, self.reader.facts), self.reader.facts, self.presets)

    def study(self) -> Study | None:
        """Return the study that protocols are chosen for: the one in force, else that of the active image."""
        hung = self._reading.room.desk.pane.hung
        found = self._shelf().study_of(hung.series) if hung is not None else None
        if self.in_force is None or found is None:
            return found
        same = any(
            each.record == found.record for each in (self.in_force.study, *self.earlier(self.in_force.study))
        )
        return self._now(self.in_force.study) if same else found

    def _now(self, study: Study) -> Study:
        """Return a study with what came since."""
        return self._shelf().study_of(study.series[0].record) or study

    def earlier(self, study: Study) -> tuple[Study, ...]:
        """Return the studies of the patient before one, the latest first."""
        return earlier(self._shelf(), study)

    def adopt(self, protocol: Protocol) -> None:
        """Take what was just saved as the protocol by which the study hangs: it looks so already."""
        study = self.study()
        others = [each for each in self.loaded.protocols if each.name.casefold() != protocol.name.casefold()]
        self.reader.loaded = replace(self.loaded, protocols=(protocol, *others))
        if study is not None:
            self.in_force = InForce(protocol, 0, study)

    def verdicts(self, then: Callable[[list[Verdict]], None]) -> None:
        """Read the protocols afresh and call with all of them, those that fit this study first."""

        def known() -> None:
            study = self.study()
            if study is None:
                self.say(NO_STUDY)
                return
            self._with_facts(
                study, lambda: then(ranked(self._subject(study).candidates, self.loaded.protocols))
            )

        self.reader.read(known)

    def hang(self, protocol: Protocol) -> None:
        """Hang the study that is seen by a protocol of the reader's choice."""
        study = self.study()
        if study is None:
            self.say(NO_STUDY)
            return
        subject = self._subject(study)
        stage = first_of_use(protocol, subject.candidates)
        if stage is None:
            self.say(f"Nothing of this study fits into “{protocol.name}”.")
            return
        self._reading.touched = True
        self._hang(protocol, stage, study, subject)
        self._say_stage()

    def turn_stage(self, by: int) -> None:
        """Go to the next stage that shows something, or to the one before."""
        if self.in_force is None:
            self.say(NO_PROTOCOL)
            return
        protocol, study = self.in_force.protocol, self.in_force.study
        subject = self._subject(self._now(study))
        number = self.in_force.stage + by
        while 0 <= number < len(protocol.stages):
            if is_of_use(protocol, number, subject.candidates):
                self._reading.touched = True
                self._hang(protocol, number, study, subject)
                self._say_stage()
                return
            number += by
        self.say(ONE_STAGE)

    def _say_stage(self) -> None:
        if self.in_force is None:
            return
        protocol, number = self.in_force.protocol, self.in_force.stage
        stage = protocol.stages[number]
        place = f", {stage.name or 'stage'} ({number + 1} of {len(protocol.stages)})"
        self.say(protocol.name + (place if len(protocol.stages) > 1 else ""))

    def _hang(self, protocol: Protocol, number: int, study: Study, subject: Subject) -> None:
        found = arranged(protocol, number, subject)
        self.in_force = InForce(protocol, number, study)
        self._reading.place(found.rows, found.columns, found.placed)
        self._together.apply(protocol.stages[number])
        for words in found.notices:
            self.say(words)

    def reasons(self) -> Mapping[str, str]:
        """Return why stages cannot be turned."""
        stages = self.in_force is not None and len(self.in_force.protocol.stages) > 1
        why = "" if stages else ONE_STAGE if self.in_force is not None else NO_PROTOCOL
        return {name: why for name in ("next-stage", "previous-stage") if why}
