"""What the window says of the desk: whose pictures, what hangs where, what can be done, what was measured."""

from collections.abc import Callable, Mapping

from viewer.dicom.records import StudyRecord
from viewer.tools.commands import COMMANDS
from viewer.tools.table import TOOLS, any_image
from viewer.ui.actions.comparing_reasons import comparing_reasons
from viewer.ui.actions.dispatcher import BAR_NAMES
from viewer.ui.actions.view_reasons import view_reasons
from viewer.ui.cine.cine_state import CineState
from viewer.ui.cine.film_reasons import film_reasons
from viewer.ui.furniture import Furniture
from viewer.ui.hands import CROSSHAIR
from viewer.ui.measuring.listing import Places, entries, rows
from viewer.ui.room import Room
from viewer.ui.whose import Whose
from viewer.viewing.crosshair import reason as no_place
from viewer.viewing.pane import Hung
from viewer.viewing.shelf import Shelf


class Signs:
    """Reads the desk and tells the furniture."""

    def __init__(self, room: Room, furniture: Furniture, shelf: Callable[[], Shelf]) -> None:
        self._room, self._furniture, self._shelf = room, furniture, shelf
        self.whose = Whose(room, furniture, shelf)
        self.of_hanging: Callable[[], Mapping[str, str]] = dict  # why its stages cannot be turned
        self.of_measuring: Callable[[], Mapping[str, str]] = dict  # why measurements cannot be changed
        self.tick: Callable[[], None] = lambda: None  # shows which links and lines are on
        self._selected = ""
        self._listed: StudyRecord | None = None
        self._places = Places()

    def reasons(self) -> dict[str, str]:
        """Return why each action cannot be used on the active image; what can is not listed."""
        desk = self._room.desk
        image = desk.pane.state.image
        hung = desk.pane.hung
        found = {row.name: row.reason(image) for row in TOOLS}
        found |= {row.name: row.reason(image) for row in COMMANDS}
        planes = any(pane.hung is not None and pane.hung.reformat is not None for pane in desk.panes)
        found[CROSSHAIR] = "" if planes else no_place(image)
        found |= film_reasons(desk, self._room.cinema)
        found["mpr"] = "" if planes else found["cine"]
        drawing = self._room.drawings.of(hung.series.study.study_instance_uid) if hung else None
        found["undo"] = "" if drawing is not None and drawing.can_undo else "Nothing was drawn yet."
        found["redo"] = "" if drawing is not None and drawing.can_redo else "Nothing was undone."
        found["save-state"] = any_image(image)
        found |= {**view_reasons(image), **self.of_hanging()}
        found |= {**comparing_reasons(desk, self._shelf()), **self.of_measuring()}
        return {name: reason for name, reason in found.items() if reason}

    def mark(self) -> None:
        """Show whose image is the active one, what hangs, and what can be done with it."""
        desk = self._room.desk
        hung = desk.pane.hung
        self.whose.look()
        study = hung.series.study if hung else None
        self._furniture.rail.rail_model.set_open(
            self._shelf().key_of(pane.hung).text for pane in desk.panes if pane.hung is not None
        )
        if hung is not None:
            self._select(hung)
        if study is not None and study != self._listed:
            self.list()
        reasons = self.reasons()
        tools = self._furniture.tools
        for name in BAR_NAMES:
            tools.set_enabled(name, on=name not in reasons, reason=reasons.get(name, ""))
        tools.set_checked(self._room.hands.tool)
        for row in COMMANDS:
            if row.is_on is not None and row.name in BAR_NAMES:
                tools.set_checked(row.name, on=row.is_on(desk.pane.state))
        self.tick()
        self.film()

    def _select(self, hung: Hung) -> None:
        """Bring the series of the active viewport into sight, once: the reader may look elsewhere then."""
        key = self._shelf().key_of(hung).text
        if key != self._selected and self._furniture.rail.rail_model.index_of(key).isValid():
            self._selected = key
            self._furniture.rail.select(key)

    def select_again(self) -> None:
        """Bring the series of the active viewport into sight once more: rows came in above it."""
        self._selected = ""
        self.mark()

    def film(self) -> None:
        """Show how the film runs; the bar is there for what can be played."""
        desk, cinema = self._room.desk, self._room.cinema
        pane = desk.pane
        self._room.looks.playing = cinema.playing
        film = cinema.is_film(pane)
        self._furniture.cine.setVisible(film)
        self._furniture.tools.set_checked("cine", on=cinema.playing)
        state = cinema.state() if film else CineState()
        if state != self._furniture.cine.state:
            self._furniture.cine.set_state(state)

    def list(self) -> None:
        """List what was measured in the study of the active viewport: never two patients in one list."""
        hung = self._room.desk.pane.hung
        study = self._listed = hung.series.study if hung is not None else None
        shapes = self._room.drawings.of(study.study_instance_uid).annotations if study is not None else ()
        listed = entries(shapes, self._room, self._shelf(), self._places)
        self._furniture.measurements.set_rows(rows(listed))
        selected = self._room.hands.selected
        if selected:
            self._furniture.measurements.select(selected)
