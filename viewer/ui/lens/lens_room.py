"""When the lens is there: while a button that has the magnifier is held, or until it is switched off."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt

from viewer.tools.table import any_image
from viewer.tools.tool import Pointer
from viewer.ui.actions.view_rows import LENS
from viewer.ui.lens.lens import Lens
from viewer.ui.reading import Reading
from viewer.ui.viewport.viewport_widget import ViewportWidget

MAGNIFIER = "magnifier"  # the tool
FACTORS = (2.0, 3.0, 4.0, 6.0, 8.0)  # of the wheel, while a button is held
STEPS = (2.0, 3.0, 4.0)  # of the key; after the last one the lens goes away
BUTTONS = {Qt.MouseButton.RightButton: "right", Qt.MouseButton.MiddleButton: "middle"}


class LensRoom:
    """One lens for each viewport, of which one is seen at a time."""

    def __init__(self, reading: Reading, say: Callable[[str], None]) -> None:
        self._reading, self._say = reading, say
        self._lenses: dict[ViewportWidget, Lens] = {}
        self._shown: Lens | None = None
        self._held: Qt.MouseButton | None = None
        self._factor = FACTORS[0]  # while a button is held; the wheel changes it, and it stays so
        self._fixed: float | None = None  # switched on, and how large
        self._at = Pointer(0.0, 0.0)
        for viewport in reading.furniture.grid.viewports:
            self._attach(viewport)
        reading.made.connect(lambda number: self._attach(reading.furniture.grid.viewports[number]))

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {LENS.name: self.step}

    @property
    def lens(self) -> Lens | None:
        """Return the lens that is seen."""
        return self._shown

    def step(self) -> None:
        """Switch the lens on in the active viewport, then make it larger, then switch it off."""
        reason = any_image(self._reading.room.desk.pane.state.image)
        if reason:
            self._say(reason)
            return
        self._forget_gone()
        later = [factor for factor in STEPS if self._fixed is None or factor > self._fixed]
        self._fixed = later[0] if later else None
        if self._fixed is None:
            self._hide()
        elif self._shown is None:
            viewport = self._reading.furniture.grid.viewports[self._reading.room.desk.active]
            wide, high = viewport.device_size
            self._show(viewport, Pointer(wide / 2, high / 2))
        else:
            self._show(self._viewport_of(self._shown), self._at)

    def _attach(self, viewport: ViewportWidget) -> None:
        viewport.pressed.connect(lambda pointer, button, _: self._press(viewport, pointer, button))
        viewport.moved.connect(lambda pointer: self._move(viewport, pointer))
        viewport.released.connect(lambda pointer, button: self._release(viewport, pointer, button))
        viewport.takes_wheel = self._wheel
        self._forget_gone()
        self._lenses[viewport] = Lens(viewport)

    def _press(self, viewport: ViewportWidget, pointer: Pointer, button: Qt.MouseButton) -> None:
        hands = self._reading.room.hands
        tool = (
            hands.tool if button is Qt.MouseButton.LeftButton else hands.buttons.get(BUTTONS.get(button, ""))
        )
        if tool == MAGNIFIER and self._held is None:
            self._held = button
            self._show(viewport, pointer)

    def _move(self, viewport: ViewportWidget, pointer: Pointer) -> None:
        if self._held is not None or self._fixed is not None:
            self._show(viewport, pointer)

    def _release(self, viewport: ViewportWidget, pointer: Pointer, button: Qt.MouseButton) -> None:
        if button is self._held:
            self._held = None
            if self._fixed is None:
                self._hide()
            else:
                self._show(viewport, pointer)

    def _wheel(self, by: int) -> bool:
        """Take the wheel while a button is held: towards the reader is smaller. Else it scrolls."""
        if self._held is None or self._shown is None:
            return False
        place = FACTORS.index(self._factor) - by
        self._factor = FACTORS[min(max(place, 0), len(FACTORS) - 1)]
        self._show(self._viewport_of(self._shown), self._at)
        return True

    def _show(self, viewport: ViewportWidget, pointer: Pointer) -> None:
        lens = self._lenses[viewport]
        if self._shown is not None and self._shown is not lens:
            self._shown.hide()
        self._shown, self._at = lens, pointer
        factor = self._fixed if self._held is None and self._fixed is not None else self._factor
        lens.show_at(pointer.x, pointer.y, factor)

    def _hide(self) -> None:
        if self._shown is not None:
            self._shown.hide()
            self._shown = None

    def _viewport_of(self, lens: Lens) -> ViewportWidget:
        return next(viewport for viewport, own in self._lenses.items() if own is lens)

    def _forget_gone(self) -> None:
        """Forget the lenses of viewports that the layout no longer has."""
        there = self._reading.furniture.grid.viewports
        self._lenses = {viewport: lens for viewport, lens in self._lenses.items() if viewport in there}
        if self._shown not in self._lenses.values():
            self._shown = None
