"""Whose images are on the screen: the strip at the top, the colours of the frames, the warning of several."""

from collections.abc import Callable
from dataclasses import replace

from viewer.dicom.records import StudyRecord
from viewer.dicom.tree import patient_key
from viewer.ui import theme
from viewer.ui.furniture import Furniture
from viewer.ui.rail.rail_nodes import hue, identity
from viewer.ui.room import Room
from viewer.ui.viewport.patient_warning import Named
from viewer.viewing.persons import Person, named, persons
from viewer.viewing.shelf import Shelf

Known = tuple[StudyRecord | None, tuple[StudyRecord, ...], int]


class Whose:
    """Looks whose images hang, and says so wherever that is said."""

    def __init__(self, room: Room, furniture: Furniture, shelf: Callable[[], Shelf]) -> None:
        self._room, self._furniture, self._shelf = room, furniture, shelf
        self._known: Known | None = None
        self._hues: dict[StudyRecord, str] = {}
        self.people: tuple[Person, ...] = ()

    def look(self) -> None:
        """Say whose image is the active one, and warn when the screen shows several patients."""
        desk = self._room.desk
        studies = tuple(dict.fromkeys(pane.hung.series.study for pane in desk.panes if pane.hung is not None))
        study = desk.pane.hung.series.study if desk.pane.hung else None
        known = (study, studies, len(self._shelf()))
        if known != self._known:
            self._known = known
            self._meet(study, studies)
        self._furniture.grid.warn(
            tuple(Named(named(person.studies[0]), self._hues[person.studies[0]]) for person in self.people),
            linked=desk.links.patients,
        )

    def _meet(self, study: StudyRecord | None, studies: tuple[StudyRecord, ...]) -> None:
        before, self.people = self.people, persons(studies)
        self._hues = _hues(self.people, self._shelf())
        looks, desk = self._room.looks, self._room.desk
        looks.hues = self._hues if len(self.people) > 1 else {}
        looks.company = tuple(self._hues[person.studies[0]] for person in self.people)
        who = identity(study, self._hues.get(study, "")) if study is not None else None
        self._furniture.strip.set_identity(who)
        if desk.links.patients and [p.studies[0] for p in before] != [p.studies[0] for p in self.people]:
            desk.link(replace(desk.links, patients=False))  # it was said of others


def _hues(people: tuple[Person, ...], shelf: Shelf) -> dict[StudyRecord, str]:
    """Return the colour of each study: that of the patient in the list, one of its own if that is taken."""
    numbers = {patient_key(patient.record): number for number, patient in enumerate(shelf.patients())}
    free = [hue(number) for number in range(len(theme.PATIENT_HUES))]
    found: dict[StudyRecord, str] = {}
    for person in people:
        own = hue(numbers.get(patient_key(person.patient), 0))
        color = own if own in free or not free else free[0]
        free = [other for other in free if other != color]
        found |= dict.fromkeys(person.studies, color)
    return found
