"""What viewports that a protocol hung have in common: one scale, links, reference lines."""

from dataclasses import replace

from viewer.hanging.protocol import Stage
from viewer.ui.crossing import Reference
from viewer.ui.reading import Reading
from viewer.viewing.hang_scale import common_scale
from viewer.viewing.linking import Links, Scrolling


class Together:
    """Keeps one scale, and what a stage changed of links and lines for as long as it is there."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._before: tuple[Links, Reference] | None = None
        reading.room.desk.listen(self._rescale)

    def forget(self) -> None:
        """Forget how it was: the studies were closed, and links with them."""
        self._before = None

    def apply(self, stage: Stage) -> None:
        """Link the viewports and show reference lines as a stage says; what it does not say is as it was."""
        desk, crossing = self._reading.room.desk, self._reading.room.looks.crossing
        if self._before is not None:
            links, crossing.reference = self._before
            desk.link(links)
            self._before = None
        if stage.link is None and stage.reference_lines is None:
            return
        self._before = desk.links, crossing.reference
        if stage.reference_lines is not None:
            crossing.reference = Reference.ACTIVE if stage.reference_lines else Reference.OFF
        if stage.link is not None:
            desk.link(replace(desk.links, scroll=Scrolling.POSITION if stage.link else Scrolling.OFF))
        self._reading.refresh()

    def _rescale(self, _: int) -> None:
        """Give all images that are to have one scale the largest at which each of them still fits."""
        desk, alone = self._reading.room.desk, self._reading.furniture.grid.alone
        boxes = desk.layout.boxes if alone is None else desk.layout.boxes[alone : alone + 1]
        shown = [number for box in boxes for number in box if number < len(desk.panes)]
        scale = common_scale(desk.panes[number].state for number in shown)
        for number in shown if scale is not None else ():
            pane = desk.panes[number]
            if pane.state.scale is not None and pane.state.scale != scale:
                desk.put(number, replace(pane, state=replace(pane.state, scale=scale)))
