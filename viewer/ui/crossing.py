"""What a viewport shows of where others look: their planes as lines, and the point of the cross-hair."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from viewer.annotations.shapes import Point
from viewer.viewing.crosshair import NO_COMMON_FRAME, Mark, foot, is_common, mark, nearest, reason
from viewer.viewing.desk import Desk
from viewer.viewing.linking import is_same_study_person
from viewer.viewing.links import Extent, Line, reference_line
from viewer.viewing.pane import Pane

ACTIVE_LINE = "#86a9b5"  # the accent, made quiet: the picture comes first
OUTER_LINE = "#8a929c"  # of the first and last image of the stack
CROSS = "#d8c48a"
ARM, HOLE = 14.0, 4.0  # device pixels of a screen of 100 %: the arms of the cross and the room in its middle

Drawn = tuple[Point, Point, str]
Caption = tuple[Point, str, str]


class Reference(StrEnum):
    """Which planes of the active viewport are shown in the others."""

    OFF = "off"
    ACTIVE = "active"  # that of its image
    ENDS = "ends"  # and those of the first and last one of its stack


@dataclass(frozen=True, slots=True)
class Crossed:
    """Lines and words to be painted on one picture, in its image coordinates."""

    lines: tuple[Drawn, ...] = ()
    captions: tuple[Caption, ...] = ()


class Crossing:
    """Keeps which lines are shown, and the point that the reader showed last."""

    def __init__(self, desk: Desk) -> None:
        self.reference = Reference.OFF
        self.mark: Mark | None = None
        self.pointing: Callable[[], bool] = lambda: False  # whether the cross-hair is the tool in hand
        self._desk = desk

    @property
    def shown(self) -> bool:
        """Tell whether what one viewport shows depends on where others look."""
        return self.reference is not Reference.OFF or (self.mark is not None and self.pointing())

    def forget(self) -> None:
        """Forget the point: the studies were closed. Lines are off again, too."""
        self.reference, self.mark = Reference.OFF, None

    # --------------------------------------------------------------------------------------- the cross-hair
    def point(self, number: int, x: float, y: float) -> str:
        """Find image coordinates of one viewport in all others; return why that cannot be done, else ""."""
        desk = self._desk
        pane = desk.panes[number]
        why = reason(pane.state.image)
        self.mark = mark(pane, x, y)
        if self.mark is None:
            return why
        here, alone = desk.box(number), True
        for leader in desk.leaders:
            other = desk.panes[leader]
            if leader in here or other.hung is None:
                continue
            alone = alone and not is_common(self.mark, other, desk.tracks)
            found = nearest(self.mark, other, desk.tracks)
            if found is not None and is_common(self.mark, other, desk.tracks):
                desk.go_to(leader, found, alone=True)
        others = any(desk.panes[leader].hung is not None for leader in desk.leaders if leader not in here)
        return f"The other viewports have {NO_COMMON_FRAME} with this one." if others and alone else ""

    def notices(self, number: int) -> tuple[str, ...]:
        """Return why the point is not looked for on a picture."""
        pane = self._desk.panes[number]
        if self.mark is None or not self.pointing() or pane.hung is None or pane.hung.reformat is not None:
            return ()
        return () if is_common(self.mark, pane, self._desk.tracks) else (NO_COMMON_FRAME,)

    # --------------------------------------------------------------------------------------- what is painted
    def on(self, number: int, ratio: float) -> Crossed:
        """Return what is painted on the picture of a viewport with `ratio` device pixels per logical one."""
        pane = self._desk.panes[number]
        if pane.picture is None or pane.hung is None or pane.hung.reformat is not None:
            return Crossed()
        lines, captions = self._references(number, pane)
        return Crossed((*lines, *self._cross(pane, ratio)), captions)

    def _references(self, number: int, pane: Pane) -> tuple[tuple[Drawn, ...], tuple[Caption, ...]]:
        desk, active = self._desk, self._desk.pane
        hung = active.hung
        if self.reference is Reference.OFF or number in desk.box(desk.active) or hung is None:
            return (), ()
        if not is_same_study_person(active, pane) or hung.reformat is not None:
            return (), ()
        found: list[tuple[Line, str, str]] = []
        ends = sorted({0, active.count - 1} - {active.index}) if self.reference is Reference.ENDS else []
        for index in ends:
            line = self._line(pane, active, index)
            found += [(line, OUTER_LINE, str(index + 1))] if line is not None else []
        line = self._line(pane, active, active.index)
        found += [(line, ACTIVE_LINE, f"Im {active.index + 1}")] if line is not None else []
        lines = tuple((line.start, line.end, color) for line, color, _ in found)
        return lines, tuple((_right(line), words, color) for line, color, words in found)

    def _line(self, pane: Pane, other: Pane, index: int) -> Line | None:
        """Return where an image of the stack in another pane cuts the picture of a pane."""
        assert pane.picture is not None  # noqa: S101  the only caller looked
        assert other.hung is not None  # noqa: S101
        shown = pane.picture.description.plane
        picture = other.picture.description if other.picture is not None else None
        if picture is not None and picture.key == other.hung.keys[index]:
            plane, rows, columns = picture.plane, picture.rows, picture.columns
        else:
            plane = self._desk.tracks.plane(other.hung, index)
            rows, columns = other.hung.stack.rows, other.hung.stack.columns
        if shown is None or plane is None:
            return None
        return reference_line(shown, Extent(plane, rows, columns))

    def _cross(self, pane: Pane, ratio: float) -> tuple[Drawn, ...]:
        if self.mark is None or not self.pointing() or not is_common(self.mark, pane, self._desk.tracks):
            return ()
        at = foot(self.mark, pane, self._desk.tracks.of(pane.hung))
        if at is None:
            return ()
        x, y = pane.state.to_screen(*at)
        arms = [(1, 0), (-1, 0), (0, 1), (0, -1)]
        screen = [
            ((x + HOLE * ratio * a, y + HOLE * ratio * b), (x + ARM * ratio * a, y + ARM * ratio * b))
            for a, b in arms
        ]
        image = pane.state.to_image
        return tuple((image(*start), image(*end), CROSS) for start, end in screen)


def _right(line: Line) -> Point:
    """Return the end of a line that is farther right, or lower where it is upright."""
    return max(line.start, line.end)
