"""Why a pixel looks as it does: its value at every stage of the display, and what decided there."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription, Padding, Suv
from viewer.dicom.luts import LookupTable, Modality, Rescale, Voi, Window
from viewer.rendering.color import is_color, to_rgb
from viewer.rendering.icc import to_srgb
from viewer.rendering.layers import Layers
from viewer.rendering.modality_lut import to_modality
from viewer.rendering.padding import Mask, padding_mask
from viewer.rendering.pipeline import pipeline_of, resolve_voi
from viewer.rendering.presentation_lut import DisplayValues
from viewer.rendering.shutter import shutter_mask
from viewer.rendering.subtraction import is_subtracted
from viewer.rendering.voi_lut import apply_voi
from viewer.viewing.mpr import is_reformatted

NO_LUT = "none: a colour image"
LEVELS = 2**16 - 1  # of a value between black and white, fine enough for a tenth of a percent
NO_UNIT = "1"  # of UCUM: a number as such, which would read as a second number
COVERS_KEPT = 4  # images with overlays or shutters that a pointer goes to and fro between
OUTSIDE = "outside the volume"
ABSENT = "missing: the file does not hold this pixel"
# Stages beside the pipeline.
REAL_WORLD, UPTAKE, DAMAGE, NOTICE_STAGE = "real world", "SUV", "damage", "notice"

Value = int | float | bool | tuple[int, ...] | None  # None: not a number, or nothing at this stage


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: the value that leaves it, and the attribute, preset or hand that decided."""

    stage: str  # "stored", "padding", "modality", "voi", "presentation", "displayed", then those of `beside`
    value: Value
    unit: str  # "HU", "%" of the way from black to white, "of 255", ""
    decided_by: str
    note: str = ""  # the numbers of the decision: "C 40 W 400", "2 x + -1024"

    @property
    def words(self) -> str:
        """Return the value for a person; it has a point in every country."""
        value = self.value
        if isinstance(value, bool):
            return "yes: no tissue" if value else "no"
        if value is None:
            return "\u2013"
        if isinstance(value, tuple):
            figures = " ".join(str(part) for part in value)
        else:
            figures = str(value) if isinstance(value, int) else f"{value:.7g}"
        return f"{figures} {'' if self.unit == NO_UNIT else self.unit}".strip()


def pixel_at(description: ImageDescription, x: float, y: float) -> tuple[int, int] | None:
    """Return column and row, from 0, of the pixel at image coordinates `x`, `y`; None beside the image."""
    if not (0 <= x < description.columns and 0 <= y < description.rows):  # false for what is no number, too
        return None
    return math.floor(x), math.floor(y)


def explain(
    description: ImageDescription,
    frame: Frame,
    x: float,
    y: float,
    voi: Voi | None = None,
    *,
    inverted: bool = False,
) -> tuple[Step, ...]:
    """Return the stages of the pixel at image coordinates `x`, `y`, from stored to displayed, then `beside`.

    `voi` is the VOI LUT in force, None for the one that the image is first shown with; `inverted` is the
    reader's wish. Nothing beside the image has stages. Raises ViewerError for colours without a meaning.
    """
    place = pixel_at(description, x, y)
    if place is None:
        return ()
    column, row = place
    if frame.is_missing(column, row):
        return *_absent("; ".join(covers(description, place))), *_beside(description, frame, None)
    stored = np.ascontiguousarray(frame.stored[row : row + 1, column : column + 1])
    pixel = Frame(frame.key, stored, frame.photometric)
    over = "; ".join(covers(description, place))
    if is_color(frame):
        return *_color(description, pixel, over), *_beside(description, frame, None)
    voi = voi if voi is not None else resolve_voi(description, frame)
    shown = _gray(description, pixel, voi, over, inverted=inverted)
    return *shown, *_beside(description, frame, stored.item())


def _absent(over: str) -> Iterator[Step]:
    """Return the stages of a pixel that a truncated file does not hold: no value at any of them."""
    yield Step("stored", None, "", ABSENT)
    for stage in ("padding", "modality", "voi", "presentation"):
        yield Step(stage, None, "", "no value")
    yield Step("displayed", None, "", "stripes: no value", over)


def _gray(
    description: ImageDescription, pixel: Frame, voi: Voi, over: str, *, inverted: bool
) -> tuple[Step, ...]:
    """Return the stages of one gray pixel."""
    stored = pixel.stored
    pipeline = pipeline_of(description, voi, inverted=inverted)
    modality = description.modality_lut
    values = to_modality(stored, modality)
    share = float(apply_voi(values, voi).item())
    levels = float(pipeline.render_values(values, bits=16).item() / LEVELS)
    padded = padding_mask(stored, description.padding) is not None
    return (
        _stored(description, number(stored.item())),
        Step("padding", padded, "", _padding(description, stored)),
        Step("modality", number(values.item()), modality.unit, modality.source or "none: stored values",
             _modality_note(modality)),
        Step("voi", _percent(share), "%", voi.source, _voi_note(voi, description)),
        Step("presentation", _percent(levels if math.isfinite(share) else share), "%",
             description.presentation_source, _polarity_note(description, levels, inverted=inverted)),
        _displayed(description, pixel, pipeline.render(stored),
                   "padding: black" if padded else "rounded to a whole grey", over),
    )  # fmt: skip


def _beside(description: ImageDescription, frame: Frame, stored: float | None) -> Iterator[Step]:
    """Return what is known beside the stages: real world values, damage, what of the header was not used.

    A real world value is a side branch of the stored one, None outside the range that is mapped
    (PS3.3 C.7.6.16.2.11); damage and notices are words about the whole frame, without a value.
    """
    for each in description.real_world if stored is not None else ():
        found = each.value(stored) if stored is not None else None
        mapped = "all" if math.isinf(each.last) else f"stored {each.first:g} to {each.last:g}"
        names = ", ".join(part for part in (each.label, each.explanation) if part)
        note = f"{mapped} are mapped" if found is not None else f"not mapped: only {mapped} are"
        value = None if found is None else number(found)
        yield Step(REAL_WORLD, value, each.unit, f"{each.source}{names and ': ' + names}", note)
    if description.suv is not None and stored is not None:
        yield _uptake(description, description.suv, stored)
    if frame.damage:
        yield Step(DAMAGE, None, "", frame.damage)
    for words in description.notices:
        yield Step(NOTICE_STAGE, None, "", words)


def _uptake(description: ImageDescription, suv: Suv, stored: float) -> Step:
    """Return the SUV by body weight of a stored value, or why there is none."""
    values = to_modality(np.array(stored), description.modality_lut)
    if suv.factor is None:
        return Step(UPTAKE, None, "", f"SUV n/a: {suv.reason}")
    if padding_mask(np.array([stored]), description.padding) is not None:
        return Step(UPTAKE, None, "", "padding has no SUV")
    return Step(UPTAKE, number(float(values) * suv.factor), "g/ml", suv.source, "by body weight")


def _displayed(
    description: ImageDescription, pixel: Frame, grays: DisplayValues, words: str, over: str
) -> Step:
    """Return the last stage; overlays and shutters lie `over` the image and are not the pixel's."""
    alone = replace(description, rows=1, columns=1, overlays=(), shutter=None)
    shown = Layers.of(alone, pixel).lie_on(grays)[0, 0]
    if shown.ndim == 0:
        return Step("displayed", int(shown), "of 255", words, over)
    table = "Supplemental palette (0028,1101)"
    note = "; ".join(part for part in (description.color_source, over) if part)
    return Step("displayed", tuple(shown.tolist()), "of 255", table, note)


def covers(description: ImageDescription, place: tuple[int, int]) -> tuple[str, ...]:
    """Return what lies on the pixel at column and row, from 0, where a reader has not switched it off."""
    if description.shutter is None and not description.overlays:
        return ()
    column, row = place
    return tuple(words for words, mask in _covers(description) if mask[row, column])


@lru_cache(maxsize=COVERS_KEPT)
def _covers(description: ImageDescription) -> tuple[tuple[str, Mask], ...]:
    """Return what lies on an image, in words, and where; kept, since a pointer asks for every pixel."""
    hidden = shutter_mask(description)
    group = description.shutter.overlay_group if description.shutter is not None else None
    planes = (
        (f"an overlay ({plane.group:04X},3000) lies on it", plane.mask(description.rows, description.columns))
        for plane in description.overlays
        if plane.group != group
    )
    return (*(() if hidden is None else (("a shutter lies on it", hidden),)), *planes)


def number(value: float) -> int | float | None:
    """Return a whole number as one, and None for what is not a number or has no end."""
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) else value


def _color(description: ImageDescription, pixel: Frame, over: str) -> tuple[Step, ...]:
    palette = description.palette if pixel.photometric == "PALETTE COLOR" else None
    source, note = f"Photometric Interpretation (0028,0004) {pixel.photometric}", ""
    if palette is not None:
        source = f"{source}: Palette Color Lookup Tables (0028,1101) to (0028,1103)"
        note = f"{len(palette.colors)} colours from {palette.first}"
    stored = pixel.stored[0, 0].tolist()
    shown = to_srgb(to_rgb(pixel, description), description.icc_profile)
    note_of_color = "; ".join(part for part in (description.color_source, over) if part)
    return (
        _stored(description, tuple(stored) if isinstance(stored, list) else stored),
        Step("padding", value=False, unit="", decided_by=NO_LUT),
        Step("modality", None, "", NO_LUT),
        Step("voi", None, "", NO_LUT),
        Step("presentation", None, "", source, note),
        Step("displayed", tuple(shown[0, 0].tolist()), "of 255", "red, green, blue", note_of_color),
    )


def _stored(description: ImageDescription, value: Value) -> Step:
    """Return the first stage: the number in the file, and which of its bits count (PS3.5 8.1.1)."""
    if is_reformatted(description):
        return Step("stored", value, "", "interpolated between the slices")
    if is_subtracted(description):
        return Step("stored", value, "", "the frame minus its mask")
    bits, allocated = description.bits_stored, description.bits_allocated
    kind = "signed, Pixel Representation (0028,0103) 1" if description.signed else "unsigned"
    note = ""
    if bits < allocated:
        note = f"the {bits} bits up to High Bit (0028,0102), the others dropped"
        note += ", the sign extended" if description.signed else ""
    return Step("stored", value, "", f"Bits Stored (0028,0101) {bits} of {allocated}, {kind}", note)


def _padding(description: ImageDescription, stored: Stored) -> str:
    if stored.dtype.kind == "f" and not np.isfinite(stored).all():
        return OUTSIDE if is_reformatted(description) else "not a number"
    return _range(description.padding) if description.padding is not None else "none in the header"


def _range(padding: Padding) -> str:
    if isinstance(padding.first, float) or isinstance(padding.last, float):
        name = "Float Pixel Padding Value (0028,0122) or (0028,0123)"
    else:
        name = "Pixel Padding Value (0028,0120)"
    if padding.last == padding.first:
        return f"{name} {padding.first}"
    return f"{name} and Range Limit: {padding.first} to {padding.last}"


def _modality_note(modality: Modality) -> str:
    if isinstance(modality, Rescale):
        identity = (modality.slope, modality.intercept) == (1, 0)
        return "" if identity else f"{modality.slope:g} x stored {modality.intercept:+g}"
    return _table_note(modality)


def _voi_note(voi: Voi, description: ImageDescription) -> str:
    """Return the numbers of a VOI LUT, its explanation, and why the program chose one itself."""
    if isinstance(voi, Window):
        words = f"C {voi.center:g} W {voi.width:g} {voi.function}"
        named = voi.explanation and voi.explanation.lower() != voi.source
        words = f"{words}, {voi.explanation}" if named else words
    else:
        words = _table_note(voi)
    if voi.source != "auto" or is_subtracted(description):
        return words
    why = "its windows and tables are not used" if description.vois else "no VOI LUT in the header"
    return f"{words}; {why}: from the values"


def _table_note(table: LookupTable) -> str:
    words = f"{len(table.entries)} entries from {table.first}, {table.bits} bits"
    return f"{words}, {table.explanation}" if table.explanation else words


def _polarity_note(description: ImageDescription, level: float, *, inverted: bool) -> str:
    """Return how a value from black to white became a P-value, and that of 65535 (PS3.14)."""
    table = description.presentation_lut
    parts = (
        _table_note(table) if table is not None else "",
        "high values dark" if description.inverted else "",
        "inverted by the reader" if inverted else "",
        f"P-value {round(level * LEVELS)} of {LEVELS}" if math.isfinite(level) else "",
    )
    return ", ".join(part for part in parts if part)


def _percent(share: float) -> float | None:
    return round(100 * share, 1) if math.isfinite(share) else None
