"""The mouse on the viewports: which button does what, and what a drag comes to."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal

from viewer.annotations.edits import Edit
from viewer.annotations.hit import TOLERANCE, Hit, find
from viewer.annotations.shapes import Annotation, Kind
from viewer.tools.dragging import Dragging
from viewer.tools.draw import is_far
from viewer.tools.edit import moving
from viewer.tools.mouse import Wheel
from viewer.tools.table import tool_row
from viewer.tools.tool import Outcome, Pointer, Preview, Step, Tool
from viewer.ui.cursors import cursor
from viewer.ui.viewport.viewport_widget import ViewportWidget
from viewer.viewing.desk import Desk
from viewer.viewing.drawings import Drawings
from viewer.viewing.viewport import ViewportState

CROSSHAIR = "crosshair"  # the tool of the three planes: it moves their common point
OTHER_BUTTONS = {Qt.MouseButton.RightButton: "right", Qt.MouseButton.MiddleButton: "middle"}
WORDED = {Kind.TEXT, Kind.CALIBRATION}  # are nothing without words, which are asked for when they are drawn
WHEEL_ZOOM = 1.15  # one notch with Ctrl

VoiInForce = Callable[[int], ViewportState]


class Hands(QObject):
    """Turns pointers into changes of the desk and of the drawings."""

    changed = Signal(int)  # a viewport whose preview, hover or selection changed
    pointed = Signal(int, float, float)  # the cross-hair in a viewport, image coordinates
    scrolled = Signal(int, int)  # a viewport, and images to go on
    activated = Signal(int)
    words_wanted = Signal(int, Annotation)  # a viewport, and what was drawn there and has no words yet
    asked = Signal(int, str, float, float)  # a viewport, an annotation's uid, device pixels: the right click

    def __init__(self, desk: Desk, drawings: Drawings, prepared: VoiInForce, parent: QObject) -> None:
        """Take `prepared`, which gives the state of a viewport with the VOI in force filled in."""
        super().__init__(parent)
        self.tool = "scroll"
        self.selected: str | None = None
        self.hovered: str | None = None
        self.hidden = False  # nothing that is drawn is shown
        self.pending: Annotation | None = None  # drawn, and waits for its words
        self.buttons = {"right": "window", "middle": "pan"}  # tools, whatever the left button does
        self.wheel = Wheel.SCROLL  # what it does without Ctrl
        self._desk, self._drawings, self._prepared = desk, drawings, prepared
        self._dragging = Dragging()
        self._number = 0
        self._button = Qt.MouseButton.NoButton  # of the drag under way
        self._held = False  # that button
        self._pressed = Pointer(0.0, 0.0)  # where
        self._began = ViewportState()  # how the image was looked at when the drag began
        self._start = 0
        self._pointing = False

    def attach(self, number: int, viewport: ViewportWidget) -> None:
        """Listen to a viewport."""
        viewport.is_busy = lambda: self._dragging.active
        viewport.pressed.connect(lambda pointer, button, _: self._press(number, viewport, pointer, button))
        viewport.moved.connect(lambda pointer: self._move(number, viewport, pointer))
        viewport.released.connect(lambda pointer, button: self._release(number, viewport, pointer, button))
        viewport.wheeled.connect(lambda by, keys, pointer: self._wheel(number, by, keys, pointer))

    @property
    def drawing(self) -> Annotation | None:
        """Return what is being drawn now, None while nothing is."""
        preview = self._dragging.preview
        return preview if self._dragging.active and isinstance(preview, Annotation) else None

    def key(self, key: str) -> None:
        """Tell the tool under way of a key: `tools.tool.ENTER` or `BACK`."""
        if self._dragging.active:
            self._dragging.key(key)
            self._take()

    def cancel(self) -> bool:
        """Give up a drag, or what waits for its words; tell whether there was one."""
        active = self._dragging.active or self.pending is not None
        self._dragging.cancel()
        self.pending = None
        if active:
            self.changed.emit(self._number)
        return active

    def shown(self, number: int) -> tuple[Annotation, ...]:
        """Return the annotations of the image in a viewport, as the drag under way leaves them."""
        pane = self._desk.panes[number]
        if pane.picture is None:
            return ()
        key = pane.picture.description.key
        shapes = {} if self.hidden else {shape.uid: shape for shape in self._drawings.on(key)}
        preview = (self._dragging.preview or self.pending) if number == self._number else None
        if isinstance(preview, Edit):
            preview = preview.after
        if isinstance(preview, Annotation) and preview.frame == key:
            shapes[preview.uid] = preview
        return tuple(shapes.values())

    def select(self, uid: str | None) -> None:
        """Select an annotation."""
        self.selected = uid
        for number in range(len(self._desk.panes)):
            self.changed.emit(number)

    def _press(self, number: int, viewport: ViewportWidget, pointer: Pointer, button: Qt.MouseButton) -> None:
        self.activated.emit(number)
        if self._dragging.active:
            if button is self._button and number == self._number:  # the second click of a tool
                self._held = True
                self._drag(pointer)
            return
        self._number, self._button, self._held = number, button, True
        self._start, self._pressed = self._desk.panes[number].index, pointer
        if button is Qt.MouseButton.LeftButton and self.tool == CROSSHAIR:
            self._pointing = True
            _aim(self, self._desk.panes[number].state, number, pointer)
            return
        tool = self._tool(number, viewport, pointer, button)
        if tool is not None and self._desk.panes[number].picture is not None:
            self._began = self._prepared(number)
            self._dragging.begin(tool, self._began, pointer)
            self._take()

    def _drag(self, pointer: Pointer) -> None:
        """Tell the tool of the mouse; a line that is begun goes on while the view moves below it.

        It is given up when another image has come: it cannot end there.
        """
        pointer = replace(pointer, down=pointer.down and self._held)
        if isinstance(self._dragging.preview, Annotation | Edit):
            state = self._desk.panes[self._number].state
            if state.image is None or self._began.image is None or state.image.key != self._began.image.key:
                self.cancel()
                return
            x, y = self._began.to_screen(*state.to_image(pointer.x, pointer.y))
            pointer = replace(pointer, x=x, y=y)
        self._dragging.move(pointer)
        self._take()

    def _tool(
        self, number: int, viewport: ViewportWidget, pointer: Pointer, button: Qt.MouseButton
    ) -> Tool | None:
        name = OTHER_BUTTONS.get(button)
        if name is not None:
            return tool_row(self.buttons[name]).tool
        if button is not Qt.MouseButton.LeftButton:
            return None
        hit = self._hit(number, viewport, pointer)
        self.select(hit.annotation.uid if hit else None)
        if hit is not None and not hit.annotation.read_only:
            return moving(hit)
        return tool_row(self.tool).tool if self.tool != CROSSHAIR else None

    def _hit(self, number: int, viewport: ViewportWidget, pointer: Pointer) -> Hit | None:
        state = self._desk.panes[number].state
        reach = TOLERANCE * viewport.devicePixelRatioF()
        return find(self.shown(number), state.to_screen, (pointer.x, pointer.y), reach)

    def _move(self, number: int, viewport: ViewportWidget, pointer: Pointer) -> None:
        if self._pointing:
            _aim(self, self._desk.panes[number].state, number, pointer)
        elif self._dragging.active and number == self._number:
            self._drag(pointer)
        elif not pointer.down:
            self._hover(number, viewport, pointer)

    def _hover(self, number: int, viewport: ViewportWidget, pointer: Pointer) -> None:
        hit = self._hit(number, viewport, pointer)
        uid = hit.annotation.uid if hit else None
        shape = self.tool if hit is None else "hand"
        name = "cross" if shape == CROSSHAIR else "hand" if hit else tool_row(self.tool).cursor
        viewport.setCursor(cursor(name))
        if uid != self.hovered:
            self.hovered = uid
            self.changed.emit(number)

    def _release(
        self, number: int, viewport: ViewportWidget, pointer: Pointer, button: Qt.MouseButton
    ) -> None:
        if button is not self._button:
            return
        self._pointing = self._held = False
        if self._dragging.active and number == self._number:
            self._drag(pointer)
        self._hover(number, viewport, pointer)
        clicked = number == self._number and not is_far(self._pressed, pointer, self._began)
        if button is Qt.MouseButton.RightButton and clicked and self.hovered is not None:
            self.asked.emit(number, self.hovered, pointer.x, pointer.y)

    def _take(self) -> None:
        """Show what the drag previews, or keep what it came to."""
        if self._dragging.active:
            self._show(self._dragging.preview)
        else:
            self._keep(self._dragging.outcome)
        self.changed.emit(self._number)

    def _show(self, preview: Preview | None) -> None:
        if isinstance(preview, ViewportState):
            _look(self._desk, self._number, preview)
        elif isinstance(preview, Step):
            self._step(preview)

    def _keep(self, outcome: Outcome) -> None:
        self._show(outcome if not isinstance(outcome, Edit) else None)
        if not isinstance(outcome, Edit):
            return
        self.hidden = False  # what is drawn now is seen
        if outcome.after is not None and outcome.after.kind in WORDED and not outcome.after.text:
            self.pending = outcome.after
            self.words_wanted.emit(self._number, outcome.after)
        else:
            self.keep(self._number, outcome)

    def keep(self, number: int, edit: Edit) -> None:
        """Take an edit of what is drawn on the image in a viewport into its study, and select the result."""
        picture, hung = self._desk.panes[number].picture, self._desk.panes[number].hung
        if picture is not None and hung is not None:
            self._drawings.describe(picture.header)
            self._drawings.of(hung.series.study.study_instance_uid).do(edit)
            self.select(edit.after.uid if edit.after else None)

    def _step(self, step: Step) -> None:
        pane = self._desk.panes[self._number]
        if pane.hung is not None and pane.hung.reformat is not None:
            self.scrolled.emit(self._number, self._start + step.images - pane.index)
        else:
            self._desk.go_to(self._number, self._start + step.images)

    def _wheel(self, number: int, by: int, keys: Qt.KeyboardModifier, pointer: Pointer) -> None:
        with_key = bool(keys & Qt.KeyboardModifier.ControlModifier)
        if with_key != (self.wheel is Wheel.ZOOM):
            self._desk.view(number, lambda state: state.zoomed(WHEEL_ZOOM**-by, pointer.x, pointer.y))
        else:
            self.scrolled.emit(number, by)


def _aim(hands: Hands, state: ViewportState, number: int, pointer: Pointer) -> None:
    """Tell where the cross-hair is held."""
    if state.image is not None:
        hands.pointed.emit(number, *state.to_image(pointer.x, pointer.y))


def _look(desk: Desk, number: int, state: ViewportState) -> None:
    """Take how a drag looks at the image; which image that is, the desk knows better by now."""
    desk.view(
        number,
        lambda now: replace(
            state,
            image=now.image,
            width=now.width,
            height=now.height,
            voi_in_force=now.voi_in_force,
            sample=None,
        ),
    )
