"""Everything that each viewport paints, put together from the desk, the drawings and the hands."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from viewer.annotations.shapes import Annotation, Point
from viewer.dicom.image import CalibrationClass, ImageDescription
from viewer.dicom.luts import Voi, Window
from viewer.dicom.orientation import edge_letters
from viewer.dicom.palettes import TITLES
from viewer.dicom.records import FrameKey, StudyRecord
from viewer.presentation.state import PresentationState
from viewer.rendering.color import is_color
from viewer.rendering.pipeline import pipeline_of, resolve_voi
from viewer.rendering.pseudo_color import PseudoColor
from viewer.ui.crossing import Crossing
from viewer.ui.hands import Hands
from viewer.ui.reformat import Reformat
from viewer.ui.viewport.color_bar import color_bar
from viewer.ui.viewport.corner_painter import Overlay
from viewer.ui.viewport.viewport_widget import Drawn, Look
from viewer.viewing.clamp import worded
from viewer.viewing.corner_text import Detail, Position, Subject, Template, corner_text, lossy_text
from viewer.viewing.desk import Desk
from viewer.viewing.drawings import Drawings
from viewer.viewing.hang_scale import notices as hang_notices
from viewer.viewing.hidden import is_part
from viewer.viewing.labels import Labels
from viewer.viewing.linking import words as link_words
from viewer.viewing.monitors import Pitch
from viewer.viewing.pane import Pane
from viewer.viewing.persons import named
from viewer.viewing.picture import Picture
from viewer.viewing.region_sample import sample_of
from viewer.viewing.scale_bar import Scale, scale_bar
from viewer.viewing.spacing import mm_per_column
from viewer.viewing.true_size import true_size_words
from viewer.viewing.viewport import ViewportState

SCALE_SHARE = 0.3  # of the width of a viewport, at most
LINE_COLORS = {
    "axial": "#c48a8a",
    "coronal": "#8db08a",
    "sagittal": "#7f9fc4",
}  # muted: the picture comes first
EMPTY = "Drag a series here from the list"
FIRST = "Drop a folder, a CD or a zip here\n\nor open one with Ctrl+O"


class Looks:
    """Makes the `Look` of a viewport. `detail` is how much is written on the pictures."""

    def __init__(self, desk: Desk, drawings: Drawings, reformat: Reformat, template: Template) -> None:
        self.detail = Detail.FULL
        self.labels = Labels(drawings)
        self.hands: Hands | None = None  # they need `prepared`, and are made after
        self.hues: dict[StudyRecord, str] = {}  # a patient's colour, when several are on the screen
        self.company: tuple[str, ...] = ()  # the colours of the patients on the screen, in their order
        self.crossing = Crossing(desk)
        self.empty = True  # nothing was opened yet
        self.complaint = ""  # why nothing could be opened
        self.playing = False  # a film runs: its frames come and go too fast for words about them
        self.available: dict[str, int] = {}  # by study: how many presentation states there are
        self.colors: Mapping[str, PseudoColor] = {}  # by name of `dicom.palettes`, once they are read
        self.pitch: Callable[[int], Pitch | None] = lambda _: None  # of the monitor of a viewport
        self.applied: tuple[PresentationState, ...] = ()  # by the reader, until the view is reset
        self._desk, self._drawings, self._reformat, self._template = desk, drawings, reformat, template
        self._autos: dict[
            tuple[FrameKey, bool], Voi
        ] = {}  # by the first frame of the stack: scrolling keeps the greys
        self._vois: dict[int, tuple[Picture, Voi | None, int | None, Voi]] = {}

    def voi(self, number: int) -> Voi | None:
        """Return the VOI in force in a viewport, None for colour and for nothing."""
        pane = self._desk.panes[number]
        picture, state = pane.picture, pane.state
        if picture is None or is_color(picture.frame):
            return None
        known = self._vois.get(number)
        if known is not None and known[0] is picture and known[1:3] == (state.voi, state.alternative):
            return known[3]
        found = self._resolved(pane, picture, state)
        self._vois[number] = (picture, state.voi, state.alternative, found)
        return found

    def _resolved(self, pane: Pane, picture: Picture, state: ViewportState) -> Voi:
        """Return the VOI of a picture; an automatic one is that of the stack's first picture to be seen."""
        found = resolve_voi(picture.description, picture.frame, state.voi, state.alternative)
        if pane.hung is None or not (isinstance(found, Window) and found.source == "auto"):
            return found
        stack = (pane.hung.keys[0], pane.hung.subtracted)
        if stack not in self._autos:
            self._autos[stack] = found
        return self._autos[stack]

    def prepared(self, number: int, ratio: float = 1.0) -> ViewportState:
        """Return the state of a viewport as a tool wants it."""
        pane = self._desk.panes[number]
        sample = sample_of(pane.picture) if pane.picture is not None else None
        return replace(pane.state, voi_in_force=self.voi(number), pixel_ratio=ratio, sample=sample)

    def look(self, number: int, ratio: float) -> Look:
        """Return what a viewport with `ratio` device pixels per logical pixel paints."""
        pane = self._desk.panes[number]
        active = number == self._desk.active and len(self._desk.panes) > 1
        study = pane.hung.series.study if pane.hung else None
        hue = self.hues.get(study, "") if study is not None else ""
        if pane.picture is None:
            hint = "" if pane.hung else self.complaint or FIRST if self.empty else self._invitation(number)
            return Look(pane, active=active, hue=hue, hint="Loading …" if pane.loading else hint)
        voi = self.voi(number)
        pipeline = None
        if voi is not None:
            pipeline = pipeline_of(pane.picture.description, voi, inverted=pane.state.inverted)
        colors = self.colors.get(pane.state.palette) if pipeline is not None else None
        unit = pane.picture.description.modality_lut.unit
        crossed = self.crossing.on(number, ratio)
        return Look(
            pane,
            pipeline,
            self._overlay(number, voi, ratio),
            tuple(self._drawn(shape, pane.picture) for shape in self._shapes(number)),
            (*self._lines(pane), *crossed.lines),
            crossed.captions,
            active=active,
            colors=colors,
            bar=color_bar(colors, pipeline, unit) if colors is not None and pipeline is not None else None,
            hue=hue,
        )

    def _invitation(self, number: int) -> str:
        """Return what to do with an empty viewport; a tile beyond the last image is simply empty."""
        return "" if self._desk.panes[self._desk.box(number).start].hung is not None else EMPTY

    def _shapes(self, number: int) -> tuple[Annotation, ...]:
        return self.hands.shown(number) if self.hands is not None else ()

    def _drawn(self, shape: Annotation, picture: Picture) -> Drawn:
        hands = self.hands
        selected = hands is not None and hands.selected == shape.uid
        hovered = hands is not None and hands.hovered == shape.uid
        return Drawn(shape, self.labels.of(shape, picture), selected, hovered)

    def _overlay(self, number: int, voi: Voi | None, ratio: float) -> Overlay:
        pane = self._desk.panes[number]
        assert pane.picture is not None  # noqa: S101  the only caller looked
        image, state = pane.picture.description, pane.state
        voi = worded(voi, state)
        subject = Subject(image, self._position(pane), voi, state.shown_zoom, is_part(state))
        detail = Detail.MINIMAL if self.detail is Detail.FULL and self._is_tile(number) else self.detail
        corners = corner_text(self._template, subject, detail)
        edges = edge_letters(image, state.rotation, flipped=state.flipped)
        return Overlay(
            corners.upper_left,
            corners.upper_right,
            corners.lower_left,
            corners.lower_right,
            (edges.left, edges.right, edges.top, edges.bottom) if edges else None,
            self._notices(number, image),
            _scale(image, state, ratio),
        )

    def _position(self, pane: Pane) -> Position | None:
        if pane.hung is None or pane.picture is None:
            return None
        if pane.hung.reformat is not None:
            return self._reformat.position(pane.hung.reformat)
        key = pane.picture.description.key
        index = (
            pane.index if key == pane.key else pane.hung.keys.index(key) if key in pane.hung.keys else None
        )
        return None if index is None else Position(index + 1, pane.count)

    def _notices(self, number: int, image: ImageDescription) -> tuple[str, ...]:
        pane = self._desk.panes[number]
        assert pane.picture is not None  # noqa: S101  the only caller looked
        words = [*self._patients(pane), *_warnings(pane, pane.picture.frame.damage, image)]
        study = pane.hung.series.study.study_instance_uid if pane.hung is not None else ""
        if self.available.get(study) and not self.applied and not (pane.hung and pane.hung.reformat):
            count = self.available[study]
            words.append(f"{count} presentation state{'s'[: count > 1]} (Ctrl+R)")
        words += _state_words(self.applied, study, image)
        words += [*hang_notices(pane.state), *_layer_notices(image, pane.state)]
        if pane.state.palette in self.colors and image.photometric.startswith("MONOCHROME"):
            words.append(f"pseudo-colour: {TITLES[pane.state.palette]}")
        true_size = true_size_words(pane.state, self.pitch(number))
        words += [true_size] if true_size else []
        words += self._links(number, pane)
        if self.detail is Detail.OFF:
            words.append("text hidden (I)")
        if self.hands is not None and self.hands.hidden and self._drawings.on(image.key):
            words.append("measurements hidden (Shift+I)")
        if pane.loading and not self.playing:
            words.append(f"loading image {pane.index + 1} …")
        return tuple(words)

    def _is_tile(self, number: int) -> bool:
        """Tell whether a viewport is one of several tiles: they have little room, and much in common."""
        return len(self._desk.box(number)) > 1

    def _patients(self, pane: Pane) -> tuple[str, ...]:
        if len(self.company) < 2 or pane.hung is None:  # noqa: PLR2004  one patient is as it should be
            return ()
        across = "LINKED ACROSS PATIENTS  " if self._desk.links.patients else ""
        number = self.company.index(self.hues.get(pane.hung.series.study, self.company[0])) + 1
        return (f"{across}PATIENT {number} OF {len(self.company)}: {named(pane.hung.series.study)}",)

    def _links(self, number: int, pane: Pane) -> tuple[str, ...]:
        """Return how a viewport goes together with the active one, where that is not plain."""
        desk = self._desk
        here = number in desk.box(desk.active)
        linked = link_words(desk.links, desk.pane, desk.pane if here else pane, desk.tracks)
        return (*((linked,) if linked else ()), *self.crossing.notices(number))

    def _lines(self, pane: Pane) -> tuple[tuple[Point, Point, str], ...]:
        if pane.hung is None or pane.hung.reformat is None:
            return ()
        lines = self._reformat.lines(pane.hung.reformat)
        return tuple((line.start, line.end, LINE_COLORS[other]) for other, line in lines.items())


def _warnings(pane: Pane, damage: str, image: ImageDescription) -> list[str]:
    """Return what must be known of an image before it is read."""
    words = [f"INCOMPLETE IMAGE: {damage}"] if damage else []
    if image.lossy is not None:
        words.append(lossy_text(image.lossy))
    words += image.notices
    if pane.hung is not None and pane.hung.reformat is None:
        words += pane.hung.stack.warnings
    return words


def _layer_notices(image: ImageDescription, state: ViewportState) -> list[str]:
    """Return what hides part of the image, and what of it is hidden."""
    words: list[str] = []
    if image.shutter is not None:
        words.append("SHUTTER ON (Shift+D)" if state.shutter else "shutter off")
    if image.overlays and not state.overlays:
        words.append("overlays hidden (Shift+O)")
    return words


def _state_words(applied: tuple[PresentationState, ...], study: str, image: ImageDescription) -> list[str]:
    """Return which presentation states an image is seen by; or that none names it, while a view is kept."""
    of_study = [state for state in applied if state.study_uid in {study, ""}]
    found = [f"presentation state {state.content.label}" for state in of_study if state.applies_to(image.key)]
    if found or not of_study:
        return found
    return ["not in the presentation state: its view is kept (Esc resets)"]


def _scale(image: ImageDescription, state: ViewportState, ratio: float) -> Scale | None:
    """Return a scale bar where a length is known; on a detector's own plane it says so."""
    spacing = mm_per_column(image)
    if spacing is None:
        return None
    scale = scale_bar(spacing / state.shown_zoom * ratio, state.width / ratio * SCALE_SHARE)
    if scale is None or image.calibration.kind in {CalibrationClass.PATIENT, CalibrationClass.REGION}:
        return scale
    return replace(scale, text=f"{scale.text} ({image.calibration.kind})")
