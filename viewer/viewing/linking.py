"""Viewports that go together: which image, window, zoom and position one takes when another changes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from viewer.dicom.image import CalibrationClass, ImageDescription
from viewer.dicom.luts import Voi, Window
from viewer.viewing.pane import Hung, Pane
from viewer.viewing.persons import is_same_person
from viewer.viewing.track import Track, Tracks
from viewer.viewing.viewport import ViewportState

View = Callable[[ViewportState], ViewportState]
StackName = tuple[str, int]  # of a series, and of its stack


class Scrolling(StrEnum):
    """How stacks are scrolled together."""

    OFF = "off"
    POSITION = "position"  # the same place in the patient, within one frame of reference
    OFFSET = "offset"  # as far from each other as when the reader linked them


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a stack stood when the reader linked it by an offset."""

    stack: StackName
    index: int
    height: float | None  # mm along its normal; None where positions are not known


@dataclass(frozen=True, slots=True)
class Links:
    """What goes together. Positions do, within one frame of reference; the rest is the reader's choice."""

    scroll: Scrolling = Scrolling.POSITION
    window: bool = False
    zoom_pan: bool = False
    anchors: tuple[Anchor, ...] = ()
    patients: bool = False  # also across patients: only ever by an explicit act


@dataclass(frozen=True, slots=True)
class Followed:
    """The image that a linked stack goes to."""

    index: int
    off: float = 0.0  # mm that this image lies away from the place it should show


def may_link(links: Links, leader: Pane, other: Pane) -> bool:
    """Tell whether two viewports may go together at all: never two patients without being told to."""
    if leader.hung is None or other.hung is None or leader.hung.reformat or other.hung.reformat:
        return False
    return links.patients or is_same_person(leader.hung.series.study, other.hung.series.study)


# ------------------------------------------------------------------------------------------------ scrolling
def followed(links: Links, leader: Pane, other: Pane, tracks: Tracks) -> Followed | None:
    """Return the image that `other` shows when `leader` shows its own; None where they are not linked."""
    if links.scroll is Scrolling.OFF or not may_link(links, leader, other):
        return None
    here, there = tracks.of(leader.hung), tracks.of(other.hung)
    if links.scroll is Scrolling.OFFSET:
        ends = _anchored(links, leader.hung, other.hung)
        if ends is not None:
            return _by_offset(ends, leader, other, (here, there))
    if here is None or there is None or not _one_frame(here, there):
        return None
    return _at(there, float(here.heights[leader.index]) * here.sense(there), other.index)


def link_by_offset(links: Links, panes: Iterable[Pane], tracks: Tracks) -> Links:
    """Return links by which the stacks that hang now keep their distance from each other."""
    anchors: dict[StackName, Anchor] = {}
    for pane in panes:
        if pane.hung is not None and pane.hung.reformat is None:
            name = stack_name(pane.hung)
            anchors.setdefault(name, Anchor(name, pane.index, _height(tracks.of(pane.hung), pane.index)))
    return replace(links, scroll=Scrolling.OFFSET, anchors=tuple(anchors.values()))


def stack_name(hung: Hung) -> StackName:
    """Return what a stack is known by, also when it grew."""
    return hung.series.series_instance_uid, hung.number


def words(links: Links, leader: Pane, other: Pane, tracks: Tracks) -> str:
    """Return how `other` is linked to `leader`, for its picture; "" where it goes by position, or alone.

    On the picture of the leader itself it is said that it is linked by an offset.
    """
    if leader is other:
        return "linked by offset" if _is_anchored(links, leader.hung) else ""
    found = followed(links, leader, other, tracks) if leader.hung is not other.hung else None
    if found is None:
        return ""
    across = "" if is_same_study_person(leader, other) else " ACROSS PATIENTS"
    offset = ""
    ends = _anchored(links, leader.hung, other.hung) if links.scroll is Scrolling.OFFSET else None
    if ends is not None:
        offset = f" by offset, {_offset(ends, tracks.of(leader.hung), tracks.of(other.hung))}"
    there = tracks.of(other.hung)
    far = there is not None and found.index == other.index and found.off > 2 * there.reach
    beyond = f", nearest image {found.off:.0f} mm away" if far else ""
    return f"linked{across}{offset}{beyond}" if across or offset or beyond else ""


def _is_anchored(links: Links, hung: Hung | None) -> bool:
    """Tell whether a stack is one of those that go together by an offset."""
    if hung is None or links.scroll is not Scrolling.OFFSET:
        return False
    return any(anchor.stack == stack_name(hung) for anchor in links.anchors)


def is_same_study_person(one: Pane, other: Pane) -> bool:
    """Tell whether what hangs in two panes is known to be of one patient."""
    return (
        one.hung is not None
        and other.hung is not None
        and is_same_person(one.hung.series.study, other.hung.series.study)
    )


def _anchored(links: Links, one: Hung | None, other: Hung | None) -> tuple[Anchor, Anchor] | None:
    if one is None or other is None:
        return None
    known = {anchor.stack: anchor for anchor in links.anchors}
    ends = known.get(stack_name(one)), known.get(stack_name(other))
    return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None else None


def _by_offset(
    ends: tuple[Anchor, Anchor], leader: Pane, other: Pane, tracks: tuple[Track | None, Track | None]
) -> Followed | None:
    """Go as far from the anchor as the leader did: in mm where both have positions, else by images."""
    here, there = tracks
    sense = here.sense(there) if here is not None and there is not None else 0
    if here is not None and there is not None and not sense:  # planes that cross have no common way
        return None
    if here is not None and there is not None and None not in {ends[0].height, ends[1].height}:
        gone = float(here.heights[leader.index]) - (ends[0].height or 0.0)
        return _at(there, (ends[1].height or 0.0) + gone * sense, other.index)
    index = ends[1].index + leader.index - ends[0].index
    return Followed(min(max(index, 0), max(other.count - 1, 0)))


def _offset(ends: tuple[Anchor, Anchor], here: Track | None, there: Track | None) -> str:
    sense = here.sense(there) if here is not None and there is not None else 0
    if sense and ends[0].height is not None and ends[1].height is not None:
        return f"{ends[1].height * sense - ends[0].height:.1f} mm"
    count = ends[1].index - ends[0].index
    return f"{count} image{'s' * (abs(count) != 1)}"


def _one_frame(one: Track, other: Track) -> bool:
    """Tell whether positions of two tracks can be compared (PS3.3 C.7.4.1), and their planes are parallel."""
    uid = one.frame_of_reference_uid
    return uid != "" and uid == other.frame_of_reference_uid and one.sense(other) != 0


def _at(track: Track, height: float, index: int) -> Followed | None:
    if not np.isfinite(height):
        return None
    return Followed(*track.nearest(height, index))


def _height(track: Track | None, index: int) -> float | None:
    if track is None or not np.isfinite(track.heights[index]):
        return None
    return float(track.heights[index])


# ------------------------------------------------------------------------------------- window, zoom, place
def same_view(links: Links, leader: Pane, other: Pane, before: ViewportState) -> View | None:
    """Return how `other` is looked at after `leader` changed from `before`; None where it stays."""
    if leader.state == before or not may_link(links, leader, other):
        return None
    changes = [_same_window(leader, other, before)] if links.window else []
    changes += [_same_place(leader, before)] if links.zoom_pan else []
    found = [change for change in changes if change is not None]
    if not found:
        return None

    def change(state: ViewportState) -> ViewportState:
        for each in found:
            state = each(state)
        return state

    return change


def _same_window(leader: Pane, other: Pane, before: ViewportState) -> View | None:
    """Take window and polarity over where they mean the same: one modality, one unit."""
    now = leader.state
    if (now.voi, now.alternative, now.inverted) == (before.voi, before.alternative, before.inverted):
        return None
    if leader.hung is None or other.hung is None or leader.hung.series.modality != other.hung.series.modality:
        return None
    if _unit(leader.state.image) != _unit(other.state.image):
        return None
    chosen = _chosen(now)
    if chosen is not None and not isinstance(chosen, Window):  # a table is made for the values of its image
        return None
    return lambda state: replace(state, voi=chosen, alternative=None, inverted=now.inverted)


def _chosen(state: ViewportState) -> Voi | None:
    """Return the window that a reader chose, None for the one of each image itself."""
    if state.voi is not None or state.alternative is None or state.image is None:
        return state.voi
    vois = state.image.vois
    return vois[state.alternative] if state.alternative < len(vois) else None


def _unit(image: ImageDescription | None) -> str | None:
    return image.modality_lut.unit if image is not None else None


def _same_place(leader: Pane, before: ViewportState) -> View | None:
    now = leader.state
    if (now.zoom, now.pan) == (before.zoom, before.pan):
        return None
    return lambda state: placed_as(now, state)


def placed_as(leader: ViewportState, state: ViewportState) -> ViewportState:
    """Return a view at the scale of another and with the same point in its middle.

    The scale is that in mm where both know one in the patient, else relative to what fits. The point is that
    in the patient within one frame of reference and parallel planes, else as far from the images' middle.
    """
    if leader.zoom is None and leader.pan == (0.0, 0.0):
        return replace(state, zoom=None, pan=(0.0, 0.0))
    scales = _spacing(leader.image), _spacing(state.image)
    if scales[0] is not None and scales[1] is not None:
        zoom = leader.shown_zoom / scales[0] * scales[1]
    else:
        zoom = leader.shown_zoom / leader.fit_zoom * state.fit_zoom
    scaled = replace(state, zoom=zoom, pan=(0.0, 0.0))
    middle = _same_point(leader, state.image)
    if middle is None:
        return replace(scaled, pan=leader.pan)
    x, y = scaled.to_screen(*middle)
    return replace(scaled, pan=(state.width / 2 - x, state.height / 2 - y))


def _spacing(image: ImageDescription | None) -> float | None:
    """Return the mm in the patient between columns, where they are known."""
    if image is None or image.calibration.kind not in {CalibrationClass.PATIENT, CalibrationClass.CORRECTED}:
        return None
    return image.calibration.column_spacing or None


def _same_point(leader: ViewportState, image: ImageDescription | None) -> tuple[float, float] | None:
    """Return the image coordinates of what is in the middle of another view."""
    if leader.image is None or image is None or leader.image.plane is None or image.plane is None:
        return None
    here, there = leader.image.plane, image.plane
    uid = here.frame_of_reference_uid
    if not uid or uid != there.frame_of_reference_uid or abs(float(here.normal @ there.normal)) < 1 - 1e-3:
        return None
    return there.to_image(here.to_patient(*leader.to_image(leader.width / 2, leader.height / 2)))
