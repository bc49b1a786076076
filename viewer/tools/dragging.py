"""A drag under way: the generator of a tool, and the latest that came out of it."""

from dataclasses import replace

from viewer.tools.tool import Drag, Outcome, Pointer, Preview, Tool
from viewer.viewing.viewport import ViewportState


class Dragging:
    """Drives one drag at a time.

    `begin` at a press; then every move, hovering moves and a second press too, goes to `move`, and every
    release to `release`. While `active`, `preview` is what to show; when `active` has become False,
    `outcome` is what to keep (None: nothing).
    """

    def __init__(self) -> None:
        self.preview: Preview | None = None
        self.outcome: Outcome = None
        self._drag: Drag | None = None
        self._last = Pointer(0.0, 0.0)

    @property
    def active(self) -> bool:
        """Tell whether a drag is under way."""
        return self._drag is not None

    def begin(self, tool: Tool, state: ViewportState, pointer: Pointer) -> None:
        """Start a tool at a press. A drag that was still under way is given up."""
        self.cancel()
        self._drag, self._last = tool(state, pointer), pointer
        try:
            self.preview = next(self._drag)
        except StopIteration as end:
            self._end(end.value)

    def move(self, pointer: Pointer) -> None:
        """Tell the tool of a move or a further press; nothing happens when no drag is under way."""
        if self._drag is None:
            return
        self._last = replace(pointer, key="")
        try:
            self.preview = self._drag.send(pointer)
        except StopIteration as end:
            self._end(end.value)

    def release(self, pointer: Pointer) -> None:
        """Tell the tool that the button is up. A tool of several clicks may go on."""
        self.move(replace(pointer, down=False))

    def key(self, key: str) -> None:
        """Tell the tool of ENTER or BACK; the mouse stands where it was last."""
        self.move(replace(self._last, key=key))

    def cancel(self) -> None:
        """Give up: no preview, no outcome."""
        if self._drag is not None:
            self._drag.close()
        self._drag, self.preview, self.outcome = None, None, None

    def _end(self, outcome: Outcome) -> None:
        self._drag, self.preview, self.outcome = None, None, outcome
