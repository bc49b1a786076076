"""The grayscale stages of PS3.4 N.2.1 composed: modality LUT, VOI LUT, presentation LUT, whole numbers."""

from dataclasses import dataclass, replace
from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.dicom.frame import Frame, Stored
from viewer.dicom.image import ImageDescription, Padding
from viewer.dicom.luts import IDENTITY, LookupTable, Modality, Voi
from viewer.rendering.auto_window import auto_window
from viewer.rendering.modality_lut import Values, modality_range, to_modality
from viewer.rendering.padding import Numbers, padding_mask
from viewer.rendering.presentation_lut import DisplayValues, output_range, quantise, to_p_values
from viewer.rendering.voi_lut import apply_voi, full_range

TABLES_KEPT = 64  # composed tables of 64 KiB: the viewports on a screen, and some to come back to
TABLED_BYTES = 2  # of a stored value: wider ones would need a table of 4 G entries


@dataclass(frozen=True, slots=True)
class GrayscalePipeline:
    """The stages from stored values to display values of one image in one view.

    Padding is black whatever the polarity: it is excluded from the pipeline (PS3.3 C.7.5.1.1.2).
    """

    modality: Modality = IDENTITY
    voi: Voi | None = None  # None: the identity, over the full range of the stored values' type
    inverted: bool = False  # one inversion for the image's polarity and the reader's wish together
    padding: Padding | None = None
    presentation: LookupTable | None = None  # VOI output to P-values, before the inversion

    def table(self, dtype: np.dtype[np.generic], *, floor: bool = False, bits: int = 8) -> DisplayValues:
        """Return the display value of every stored value of an 8 or 16 bit type, read-only.

        The table (256,) or (65536,) is indexed by bit pattern, the stored values viewed as unsigned.
        """
        return _table(self, dtype.str, floor, bits)

    def render(self, stored: Stored, *, floor: bool = False, bits: int = 8) -> DisplayValues:
        """Return display values 0..2**bits-1 (`bits` 8 or 16) in the shape of `stored`."""
        if has_table(stored.dtype):
            patterns = stored.view(f"u{stored.dtype.itemsize}")
            return look_up_patterns(self.table(stored.dtype, floor=floor, bits=bits), patterns)
        values = to_modality(stored, self.modality)
        return self.render_values(values, padding_mask(stored, self.padding), floor=floor, bits=bits)

    def render_values(
        self, values: Values, mask: NDArray[np.bool_] | None = None, *, floor: bool = False, bits: int = 8
    ) -> DisplayValues:
        """Return display values of modality values, in their shape; black where `mask` is set."""
        low, high = output_range(bits, inverted=self.inverted)
        voi = self.voi or full_range(0.0, 1.0, "identity")
        if self.presentation is None:
            levels = apply_voi(values, voi, low, high)
        else:
            levels = to_p_values(apply_voi(values, voi), self.presentation) * (high - low) + low
        shown = quantise(levels, bits, floor=floor)
        if mask is not None:
            shown[mask] = 0
        return shown


def look_up_patterns(table: DisplayValues, patterns: Numbers) -> DisplayValues:
    """Return the entry of `table` (256,) or (65536,) for each of `patterns`, u1 or u2, in their shape."""
    if patterns.ndim == 2 and patterns.size:  # noqa: PLR2004  images: ten times as fast as numpy
        return cv2.LUT(patterns, table)  # type: ignore[return-value]  # of the type of `table`
    shown: DisplayValues = table.take(patterns)
    return shown


def has_table(dtype: np.dtype[np.generic]) -> bool:
    """Tell whether stored values of `dtype` go through a composed table, or through the stages one by one."""
    return dtype.kind in "ui" and dtype.itemsize <= TABLED_BYTES


def resolve_voi(
    description: ImageDescription, frame: Frame, voi: Voi | None = None, alternative: int | None = None
) -> Voi:
    """Return the VOI LUT to show `frame` with.

    In this order: `voi`, the reader's own; the header's alternative number `alternative` (from 0), else
    its default; the identity where none is wanted; a window from the values, whose source is "auto".
    """
    if voi is not None:
        return voi
    if description.vois:
        index = description.default_voi if alternative is None else alternative
        return description.vois[min(max(index, 0), len(description.vois) - 1)]
    if description.identity_voi and frame.stored.dtype.kind in "ui":
        return full_range(*modality_range(description), "no VOI LUT: the full range of the values")
    return auto_window(description, frame)


def pipeline_of(
    description: ImageDescription, voi: Voi | None, *, inverted: bool = False
) -> GrayscalePipeline:
    """Return the pipeline of an image; `inverted` is the reader's wish on top of the image's own polarity."""
    polarity = description.inverted != inverted
    table = description.presentation_lut
    return GrayscalePipeline(description.modality_lut, voi, polarity, description.padding, table)


@lru_cache(maxsize=TABLES_KEPT)
def _table(pipeline: GrayscalePipeline, kind: str, floor: bool, bits: int) -> DisplayValues:  # noqa: FBT001  a key
    stored = _every_value(kind)
    values = _modality_values(pipeline.modality, kind)
    whole = pipeline
    if pipeline.voi is None:
        identity = full_range(float(values.min()), float(values.max()), "identity")
        whole = replace(pipeline, voi=identity)
    table = whole.render_values(values, padding_mask(stored, pipeline.padding), floor=floor, bits=bits)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=TABLES_KEPT)
def _modality_values(modality: Modality, kind: str) -> Values:
    values = to_modality(_every_value(kind), modality)
    values.setflags(write=False)
    return values


@cache  # four types
def _every_value(kind: str) -> Stored:
    """Return every value of an integer type in the order of its bit patterns."""
    size = np.dtype(kind).itemsize
    return np.arange(256**size, dtype=f"u{size}").view(kind)
