"""What is on the desk as a hanging protocol: every condition that could be kept, and then those that are."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from viewer.dicom.luts import Voi, Window
from viewer.dicom.orientation import edge_letters
from viewer.dicom.records import SeriesRecord
from viewer.dicom.stacks import StackKind
from viewer.errors import ViewerError
from viewer.hanging.protocol import OLDEST, Conditions, Protocol, Slot, Stage, Zoom
from viewer.viewing.hang_items import plane_of
from viewer.viewing.hang_slots import SIDES
from viewer.viewing.pane import Hung, Pane

PRESET = "preset "  # how the source of a window begins that was chosen by its name
EDGES = {side: words for words, side in SIDES.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is on the desk: boxes row by row, each with its first viewport."""

    rows: int
    columns: int
    panes: tuple[Pane, ...]
    link: bool | None = None  # None: as it is without a protocol
    reference_lines: bool | None = None


def captured(seen: Seen, prior_of: Callable[[Hung], int | None]) -> Protocol:
    """Return the protocol, without a name, that says all of what is seen.

    `prior_of` tells of what study a stack is: 0 the one to be read, n the n-th before it, None another
    patient's. Raises ViewerError when what is seen is no arrangement of one patient's images.
    """
    slots: list[Slot] = []
    stacks: list[Hung] = []
    for pane in seen.panes:
        if pane.hung is None:
            slots.append(Slot(empty=True))
            continue
        if pane.hung.reformat is not None:
            raise ViewerError("The three planes cannot be part of a protocol: leave them first (M).")
        prior = prior_of(pane.hung)
        if prior is None:
            raise ViewerError("Two patients are on the screen: a protocol is for the studies of one.")
        slots.append(replace(_slot(pane, pane.hung, prior), repeat=pane.hung in stacks))
        stacks.append(pane.hung)
    if not stacks:
        raise ViewerError("Nothing hangs here that a protocol could be made of.")
    while slots[-1].empty:
        slots.pop()
    shown = [hung.series for hung in stacks if prior_of(hung) == 0] or [stacks[0].series]
    stage = Stage(seen.rows, seen.columns, tuple(slots), link=seen.link, reference_lines=seen.reference_lines)
    return Protocol("", _when(shown), (stage,))


def _when(shown: Sequence[SeriesRecord]) -> tuple[Conditions, ...]:
    """Return a condition for each modality that is shown, with what its first series says of the study."""
    first = {series.modality: series for series in reversed(shown)}
    return tuple(
        Conditions(
            modality=_word(series.modality),
            body_part=_word(series.body_part_examined),
            study_description=_word(series.study.study_description),
        )
        for series in dict.fromkeys(first[each.modality] for each in shown)
    )


def _slot(pane: Pane, hung: Hung, prior: int) -> Slot:
    state, series, stack = pane.state, hung.series, hung.stack
    image = state.image
    view = image.view if image is not None and image.projection else None
    conditions = Conditions(
        modality=_word(series.modality),
        description=_word(series.series_description),
        plane=_word("" if stack.kind is StackKind.LOCALIZER else plane_of(stack.records[0])),
        kind=(str(stack.kind),),
        view=_word(view.name) if view is not None else (),
        laterality=_word(view.laterality) if view is not None else (),
        plain=view.plain if view is not None and series.modality == "MG" else None,
    )
    zoom = Zoom.SAME_SCALE if state.scale is not None else Zoom.FIT
    return Slot(
        (conditions,),
        prior=prior,
        window=_window(state.voi),
        zoom=Zoom.ONE_TO_ONE if state.zoom == 1.0 else zoom,
        justify=EDGES[state.justify],
        orientation=_orientation(pane),
        invert=state.inverted,
        palette=state.palette,
    )


def _word(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _window(voi: Voi | None) -> str:
    if not isinstance(voi, Window):
        return ""
    if voi.source.startswith(PRESET):
        return voi.source.removeprefix(PRESET)
    return f"{voi.center:.6g},{voi.width:.6g}" if voi.width >= 1 else ""


def _orientation(pane: Pane) -> tuple[str, str] | None:
    """Return how the patient lies on the screen: of mammograms, and of what the reader turned."""
    image, state = pane.state.image, pane.state
    if image is None or not image.projection or image.view.conflict:
        return None
    mammogram = pane.hung is not None and pane.hung.series.modality == "MG"
    if not (mammogram or state.rotation or state.flipped):
        return None
    edges = edge_letters(image, state.rotation, flipped=state.flipped)
    return (edges.right[0], edges.bottom[0]) if edges is not None and edges.right and edges.bottom else None


# ------------------------------------------------------------------------------------------ what is kept
WHEN = ("modality", "body_part", "study_description")
WHERE = ("modality", "description", "plane", "kind", "view", "laterality")
LOOK = ("window", "place", "colours", "links")
KEPT_AT_FIRST = frozenset(
    {"when modality", "when body_part", "modality", "description", "plane", "view", "laterality", *LOOK}
)


def offered(protocol: Protocol) -> frozenset[str]:
    """Return what of a captured protocol can be kept or left out, by name: those of `when` begin so."""
    slots = protocol.stages[0].slots
    found = {f"when {name}" for name in WHEN if any(getattr(each, name) for each in protocol.when)}
    found |= {name for name in WHERE if any(getattr(each, name) for slot in slots for each in slot.where)}
    if any(slot.window for slot in slots):
        found.add("window")
    if any(slot.zoom is not Zoom.FIT or slot.justify or slot.orientation for slot in slots):
        found.add("place")
    if any(slot.invert or slot.palette for slot in slots):
        found.add("colours")
    if (protocol.stages[0].link, protocol.stages[0].reference_lines) != (None, None):
        found.add("links")
    return frozenset(found)


def trimmed(protocol: Protocol, keep: Iterable[str]) -> Protocol:
    """Return a captured protocol with only what is kept."""
    kept = frozenset(keep)
    asked = (_only(each, {name for name in WHEN if f"when {name}" in kept}) for each in protocol.when)
    stage = protocol.stages[0]
    if "links" not in kept:
        stage = replace(stage, link=None, reference_lines=None)
    slots = tuple(_kept_slot(slot, kept) for slot in stage.slots)
    when = tuple(dict.fromkeys(each for each in asked if each.count))
    return replace(protocol, when=when, stages=(replace(stage, slots=slots),))


def _kept_slot(slot: Slot, kept: frozenset[str]) -> Slot:
    names = {name for name in WHERE if name in kept} | ({"plain"} if "view" in kept else set())
    found = replace(slot, where=tuple(_only(each, names) for each in slot.where))
    if "window" not in kept:
        found = replace(found, window="")
    if "place" not in kept:
        found = replace(found, zoom=Zoom.FIT, justify="", orientation=None)
    if "colours" not in kept:
        found = replace(found, invert=False, palette="")
    return found


def _only(conditions: Conditions, names: set[str]) -> Conditions:
    return Conditions(**{name: getattr(conditions, name) for name in names})


def in_words(slot: Slot) -> str:
    """Return what a slot takes and how it shows it, for a person."""
    if slot.empty:
        return "stays empty"
    one = slot.where[0]
    named = [one.modality, one.laterality, one.view, one.plane, one.description, one.kind]
    words = [" ".join(value) for value in named if value]
    when = {0: "", 1: "from the study before", OLDEST: "from the oldest study"}
    prior = when.get(slot.prior, f"from the study {slot.prior} before")
    look = [slot.window, slot.zoom if slot.zoom is not Zoom.FIT else "", "inverted" if slot.invert else ""]
    parts = [" ".join(words) or "any series", prior, *look, slot.palette]
    return ", ".join(part for part in parts if part)
