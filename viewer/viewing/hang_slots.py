"""A stage of a hanging protocol, and the stacks of a study, become what is placed on the desk."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from viewer.dicom.image import ImageDescription
from viewer.dicom.luts import Window
from viewer.dicom.records import FrameKey
from viewer.hanging.load import center_width
from viewer.hanging.match import Candidate, Hanging, grid, hang
from viewer.hanging.protocol import Protocol, Slot, Stage, Start, Zoom
from viewer.hanging.turn import AS_IT_IS, Turn, turn_to
from viewer.viewing.arrangement import Placed
from viewer.viewing.hang_items import Facts, Item, middle
from viewer.viewing.hang_view import AsHung
from viewer.viewing.pane import Hung
from viewer.viewing.presets import Preset, for_modality
from viewer.viewing.viewport import ViewportState

SIDES = {"": 0, "left": -1, "right": 1}


@dataclass(frozen=True, slots=True)
class Arranged:
    """What a stage comes to on the desk."""

    rows: int
    columns: int
    placed: tuple[Placed | None, ...]
    notices: tuple[str, ...] = ()  # what of the protocol cannot be done, in sentences

    @property
    def empty(self) -> bool:
        """Tell whether nothing of the study hangs."""
        return not any(self.placed)


@dataclass(frozen=True, slots=True)
class Subject:
    """A study that is to hang: its stacks, and what is known of them."""

    items: tuple[Item, ...]
    candidates: tuple[Candidate, ...]  # one for each item
    facts: Facts
    presets: tuple[Preset, ...] = ()


def arranged(protocol: Protocol, number: int, subject: Subject) -> Arranged:
    """Return stage `number` of a protocol for a study."""
    stage = protocol.stages[number]
    hangings = hang(protocol, number, subject.candidates)
    rows, columns = grid(stage, hangings)
    shown = [each for each in hangings if each is not None] if stage.close_up else list(hangings)
    notices: dict[str, None] = {}
    if not stage.close_up:
        notices |= dict.fromkeys(_left_out(stage, hangings, subject.candidates))
    placed = [_placed(each, subject, notices) if each is not None else None for each in shown]
    return Arranged(rows, columns, tuple(placed), tuple(f"{protocol.name}: {words}" for words in notices))


def _left_out(
    stage: Stage, hangings: Sequence[Hanging | None], subject: Sequence[Candidate]
) -> Iterator[str]:
    """Yield that images of the study hang nowhere while viewports stay empty: their view is not known."""
    pairs = zip(stage.slots, hangings, strict=True)
    if not any(hanging is None and slot.prior == 0 and not slot.empty for slot, hanging in pairs):
        return
    films = {each.number: max(len(each.views), 1) for each in subject if each.study == 0 and each.views}
    for hanging in hangings:
        if hanging is not None and hanging.number in films:
            films[hanging.number] -= len(hanging.images) or films[hanging.number]
    count = sum(films.values())
    if count:
        fit = f"{count} image{'s' * (count != 1)} of this study fit{'s' * (count == 1)}"
        yield f"{fit} no viewport here: see the next stages."


def first_of_use(protocol: Protocol, candidates: Sequence[Candidate]) -> int | None:
    """Return the first stage that is of use, else the first in which anything hangs; None where none is."""
    numbers = range(len(protocol.stages))
    useful = (number for number in numbers if is_of_use(protocol, number, candidates))
    some = (number for number in numbers if any(hang(protocol, number, candidates)))
    return next(useful, next(some, None))


def is_of_use(protocol: Protocol, number: int, candidates: Sequence[Candidate]) -> bool:
    """Tell whether a stage shows anything, and an earlier study where it is about one."""
    hangings = hang(protocol, number, candidates)
    priors = [each for each in zip(protocol.stages[number].slots, hangings, strict=True) if each[0].prior]
    if priors and not any(hanging for _, hanging in priors):
        return False
    return any(hangings)


def _placed(hanging: Hanging, subject: Subject, notices: dict[str, None]) -> Placed:
    slot, hung = hanging.slot, subject.items[hanging.number].hung
    if hanging.images:
        hung = replace(hung, keys=tuple(hung.keys[image] for image in hanging.images))
    index = _start(slot, hung)
    image = _fact(subject.facts, hung, index)
    turn, notice = _turned(slot, image)
    if slot.orientation is not None and len(hung.keys) > 1:
        hung, index = _turned_alike(hung, index, slot, subject.facts)
    as_hung = AsHung(
        voi=_window(slot, hung, subject.presets, notices),
        inverted=slot.invert,
        zoom=1.0 if slot.zoom is Zoom.ONE_TO_ONE else None,
        scale=0.0 if slot.zoom is Zoom.SAME_SCALE else None,
        rotation=turn[0],
        flipped=turn[1],
        justify=0 if notice else SIDES[slot.justify],  # which edge is the chest wall is not known then
        palette=slot.palette,
        notice=notice,
    )
    return Placed(hung, index, seen_as(as_hung))


def seen_as(hung: AsHung) -> Callable[[ViewportState], ViewportState]:
    """Return the change that makes a fresh view one as it is hung."""

    def change(state: ViewportState) -> ViewportState:
        return replace(
            state,
            voi=hung.voi,
            inverted=hung.inverted,
            zoom=hung.zoom,
            scale=hung.scale,
            rotation=hung.rotation,
            flipped=hung.flipped,
            justify=hung.justify,
            palette=hung.palette,
            as_hung=hung,
        )

    return change


def _start(slot: Slot, hung: Hung) -> int:
    last = max(len(hung.keys) - 1, 0)
    starts = {Start.FIRST: 0, Start.MIDDLE: len(hung.keys) // 2, Start.LAST: last}
    return min(middle(hung) if slot.index is None else starts[slot.index], last)


def _fact(facts: Facts, hung: Hung, index: int) -> ImageDescription | None:
    """Return the header of an image, where it was read: all frames of an instance are turned alike."""
    key = hung.keys[index]
    return facts.get(key) or facts.get(FrameKey(key.sop_instance_uid))


def _turned(slot: Slot, image: ImageDescription | None) -> tuple[Turn, str]:
    """Return how an image is turned as the slot wants it; else as it is, and why, in words.

    Only projections are ever turned (IHE BIR), and never where the header contradicts itself.
    """
    if slot.orientation is None:
        return AS_IT_IS, ""
    if image is None:
        return AS_IT_IS, "not turned: its header could not be read"
    if not image.projection:
        return AS_IT_IS, ""
    if image.view.conflict:
        return AS_IT_IS, f"not turned: {image.view.conflict}"
    turn = turn_to(image, slot.orientation)
    if turn is None:
        known = "does not say how" if image.patient_orientation else "is not known"
        return AS_IT_IS, f"not turned: Patient Orientation {known}"
    return turn, ""


def _turned_alike(hung: Hung, index: int, slot: Slot, facts: Facts) -> tuple[Hung, int]:
    """Return only the images that are turned as the first seen one: one view state serves them all."""
    wanted = _turned(slot, _fact(facts, hung, index))
    alike = [
        number for number in range(len(hung.keys)) if _turned(slot, _fact(facts, hung, number)) == wanted
    ]
    return replace(hung, keys=tuple(hung.keys[number] for number in alike)), alike.index(index)


def _window(slot: Slot, hung: Hung, presets: tuple[Preset, ...], notices: dict[str, None]) -> Window | None:
    if not slot.window:
        return None
    numbers = center_width(slot.window)
    if numbers is not None:
        return Window(*numbers, source="hanging protocol")
    modality = hung.series.modality
    for preset in for_modality(presets, modality):
        if preset.name.casefold() == slot.window.casefold():
            return preset.window
    notices[f"there is no window “{slot.window}” for {modality or 'this modality'}."] = None
    return None
