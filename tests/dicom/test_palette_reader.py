"""Palettes give the colours that pydicom's own expansion gives, and bad ones a notice."""

import contextlib
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.pixels.processing import _expand_segmented_lut

from viewer.dicom.describe import describe
from viewer.dicom.palette_reader import expand_segments
from viewer.dicom.pixels import FrameReader
from viewer.errors import ViewerError
from viewer.rendering.color import to_rgb


def segmented(count: int, bits: int, data: bytes) -> Dataset:
    dataset = make.sc(PhotometricInterpretation="PALETTE COLOR")
    for color in ("Red", "Green", "Blue"):
        setattr(dataset, f"{color}PaletteColorLookupTableDescriptor", [count % 65536, 0, bits])
        setattr(dataset, f"Segmented{color}PaletteColorLookupTableData", data)
    return dataset


def test_c13_sixteen_bit_colours_give_their_high_byte() -> None:
    colors = np.array([[0x0000, 0xFFFF, 0x80FF], [0x01FE, 0x7FFF, 0xFF00]], "<u2")
    found = describe(make.palette(colors=colors, first=5), 1).palette
    assert found is not None
    assert found.first == 5
    assert found.colors.tolist() == [[0x00, 0xFF, 0x80], [0x01, 0x7F, 0xFF]]
    assert not found.colors.flags.writeable


def test_colours_that_fit_in_the_low_byte_are_not_shifted_away() -> None:
    colors = np.array([[1, 2, 3], [4, 5, 255]], "<u2")
    assert describe(make.palette(colors=colors), 1).palette.colors.tolist() == colors.tolist()


@pytest.mark.parametrize("packed", [True, False])
def test_c13_eight_bit_colours_are_read_packed_or_in_words(*, packed: bool) -> None:
    dataset = make.palette()
    for index, color in enumerate(("Red", "Green", "Blue")):
        values = [index, 10 + index, 200 + index, 9]
        data = bytes(values) if packed else struct.pack("<4H", *values)
        setattr(dataset, f"{color}PaletteColorLookupTableDescriptor", [4, 0, 8])
        setattr(dataset, f"{color}PaletteColorLookupTableData", data)
    expected = [[0, 1, 2], [10, 11, 12], [200, 201, 202], [9, 9, 9]]
    assert describe(dataset, 1).palette.colors.tolist() == expected


def test_c13_the_first_mapped_value_of_signed_pixels_is_signed() -> None:
    dataset = make.palette(first=0xFFFE, PixelRepresentation=1)
    assert describe(dataset, 1).palette.first == -2


def segments(draw: Any, top: int) -> list[int]:
    data: list[int] = []
    for number in range(draw(st.integers(1, 8))):
        length = draw(st.integers(1, 20))
        if number and draw(st.booleans()):
            data += [1, length, draw(st.integers(0, top))]
        else:
            data += [0, length, *draw(st.lists(st.integers(0, top), min_size=length, max_size=length))]
    return data


@given(st.data(), st.sampled_from([("<H", 2, 65535), ("<B", 1, 255)]))
def test_c14_discrete_and_linear_segments_expand_as_pydicom_expands_them(
    data: Any, kind: tuple[str, int, int]
) -> None:
    form, size, top = kind
    written = segments(data.draw, top)
    expected = _expand_segmented_lut(tuple(written), form)
    found = expand_segments(np.array(written, np.uint16), size, len(expected)).astype(int)
    # A ramp may meet the middle of two values, which one program rounds up and another to even.
    assert np.abs(found - expected).max() <= 1


def test_c14_an_indirect_segment_of_bytes_expands_as_pydicom_expands_it() -> None:
    written = [0, 2, 10, 20, 1, 4, 60, 2, 2, 0, 0, 0, 0, 0, 1, 99]
    expected = _expand_segmented_lut(tuple(written), "<B")
    assert expected == [10, 20, 30, 40, 50, 60, 10, 20, 30, 40, 50, 60, 99]
    assert expand_segments(np.array(written, np.uint16), 1, len(expected)).tolist() == expected


def expanded_by_hand(units: list[int], offset_size: int) -> list[int]:
    """Return the entries of a segmented table by the words of PS3.3 C.7.9.2.2, one segment after another.

    `units` are bytes or words; an offset has `4 // offset_size` of them, the least significant first, and
    counts bytes from the beginning of the data.
    """

    def one(at: int, entries: list[int], *, inside: bool = False) -> int:
        opcode, length = units[at], units[at + 1]
        if opcode == 0:
            entries.extend(units[at + 2 : at + 2 + length])
            return at + 2 + length
        if opcode == 1:
            start, end = entries[-1], units[at + 2]
            entries.extend(int(Fraction(start) + Fraction(end - start, length) * n + Fraction(1, 2))
                           for n in range(1, length + 1))  # fmt: skip
            return at + 3
        assert (opcode, inside) == (2, False)
        parts = units[at + 2 : at + 2 + 4 // offset_size]
        source = sum(part << (8 * offset_size * n) for n, part in enumerate(parts)) // offset_size
        for _ in range(length):
            source = one(source, entries, inside=True)
        return at + 2 + len(parts)

    entries: list[int] = []
    at = 0
    while at < len(units):
        at = one(at, entries)
    return entries


#          discrete: 3 entries  ramp to 90  ramp to 10     2 segments from the second on   the first one
INDIRECT = [0, 3, 10, 30, 50, 1, 4, 90, 1, 5, 10, 2, 2, "second", 0, 1, 200, 2, 1, "first"]


def indirect(size: int, scale: int) -> list[int]:
    """Return the segments above in units of `size` bytes, the values times `scale`."""
    units: list[int] = []
    values = {2, 3, 4, 7, 10, 16}  # places of what is an entry
    for place, unit in enumerate(INDIRECT):
        if isinstance(unit, str):
            offset = 5 * size if unit == "second" else 0
            units += [offset >> (8 * size * n) & (256**size - 1) for n in range(4 // size)]
        else:
            units.append(unit * scale if place in values else unit)
    return units


@pytest.mark.parametrize(("bits", "size", "scale"), [(8, 1, 1), (16, 2, 1), (16, 2, 256), (16, 2, 301)])
def test_c14_a_header_with_discrete_linear_and_indirect_segments_gives_these_colours(
    bits: int, size: int, scale: int
) -> None:
    units = indirect(size, scale)
    expected = expanded_by_hand(units, size)
    assert [entry // scale for entry in expected] == [
        *(10, 30, 50, 60, 70, 80, 90, 74, 58, 42, 26, 10),
        *(30, 50, 70, 90, 74, 58, 42, 26, 10, 200, 10, 30, 50),
    ]
    data = bytes(units) + bytes(len(units) % 2) if size == 1 else struct.pack(f"<{len(units)}H", *units)
    found = describe(segmented(len(expected), bits, data), 1).palette
    assert found is not None
    reduced = expected if max(expected) < 256 else [entry >> 8 for entry in expected]
    assert found.colors.tolist() == [[entry] * 3 for entry in reduced]


def test_c14_each_colour_has_segments_of_its_own_and_its_pixels_are_shown_with_them(tmp_path: Path) -> None:
    channels = {
        "Red": [0, 1, 0, 1, 4, 0xC800],
        "Green": [0, 5, 0x100, 0x200, 0x300, 0x400, 0x500],
        "Blue": [0, 1, 0xFF00, 1, 4, 0x0300],
    }
    dataset = make.sc(np.array([[3, 4, 5], [6, 7, 8]], "u1"), PhotometricInterpretation="PALETTE COLOR")
    for color, units in channels.items():
        setattr(dataset, f"{color}PaletteColorLookupTableDescriptor", [5, 3, 16])
        data = struct.pack(f"<{len(units)}H", *units)
        setattr(dataset, f"Segmented{color}PaletteColorLookupTableData", data)
    columns = [expanded_by_hand(units, 2) for units in channels.values()]
    description, frame = FrameReader().read(str(make.write(dataset, tmp_path / "image")), 1)
    shown = to_rgb(frame, description)
    for row, column in np.ndindex(2, 3):
        index = min(3 * row + column, 4)  # from the first value on; beyond the last entry, the last
        assert shown[row, column].tolist() == [entries[index] >> 8 for entries in columns]


def test_the_offset_of_an_indirect_segment_of_words_counts_bytes() -> None:
    # The second segment begins at word 4, byte 8: a ramp, which goes on from the last value.
    written = [0, 2, 100, 200, 1, 2, 400, 2, 1, 8, 0]
    assert expand_segments(np.array(written, np.uint16), 2, 6).tolist() == [100, 200, 300, 400, 400, 400]


@pytest.mark.parametrize(
    "written",
    [
        [1, 4, 9],  # a ramp from nowhere
        [0, 1, 5, 2, 1, 6, 0],  # an indirect segment that names itself
        [0, 0, 0, 0],  # segments that make nothing
        [7, 1, 1],  # an unknown opcode
        [0, 3, 1, 2, 3],  # too short
        [],
    ],
)
def test_e03_damaged_segments_are_refused_and_never_run_for_ever(written: list[int]) -> None:
    with pytest.raises(ViewerError):
        expand_segments(np.array(written, np.uint16), 2, 100)
    described = describe(segmented(100, 16, np.array(written, "<u2").tobytes()), 1)
    assert described.palette is None
    assert described.notices


@given(st.lists(st.integers(0, 3), max_size=40), st.sampled_from([1, 2]))
def test_any_words_expand_or_are_refused(written: list[int], size: int) -> None:
    with contextlib.suppress(ViewerError):
        assert len(expand_segments(np.array(written, np.uint16), size, 30)) == 30


def test_segments_in_a_header_become_a_palette() -> None:
    described = describe(segmented(4, 16, struct.pack("<6H", 0, 1, 0, 1, 3, 0x300)), 1)
    assert described.palette.colors[:, 0].tolist() == [0, 1, 2, 3]


def test_a_missing_palette_is_said_and_not_fatal() -> None:
    described = describe(make.sc(PhotometricInterpretation="PALETTE COLOR"), 1)
    assert described.palette is None
    assert described.notices == ("The colour palette is missing: shown as gray",)


# -------------------------------------------------------------------------------- supplemental colours
def enhanced_with_colors(frame_presentation="COLOR", **attributes):
    dataset = make.enhanced_ct(2, **attributes)
    for index, color in enumerate(("Red", "Green", "Blue")):
        setattr(dataset, f"{color}PaletteColorLookupTableDescriptor", [3, 1200, 16])
        column = np.array([index, 100 + index, 200 + index], "<u2") << 8
        setattr(dataset, f"{color}PaletteColorLookupTableData", column.tobytes())
    item = Dataset()
    item.PixelPresentation = frame_presentation
    dataset.PerFrameFunctionalGroupsSequence[1].CTImageFrameTypeSequence = [item]
    return dataset


@pytest.mark.parametrize("presentation", ["COLOR", "MIXED"])
def test_C15_each_frame_says_whether_it_has_supplemental_colours(presentation):
    dataset = enhanced_with_colors(presentation)
    assert describe(dataset, 1).supplemental is None
    found = describe(dataset, 2)
    assert found.supplemental.first == 1200
    assert found.supplemental.colors.tolist() == [[0, 1, 2], [100, 101, 102], [200, 201, 202]]
    assert found.color_source == "no ICC profile: sRGB is assumed"


def test_C15_the_image_speaks_for_frames_that_say_nothing():
    dataset = enhanced_with_colors("MONOCHROME", PixelPresentation="MIXED")
    assert describe(dataset, 1).supplemental is not None
    assert describe(dataset, 2).supplemental is None


def test_C15_missing_colours_are_told():
    notices = describe(make.enhanced_ct(2, PixelPresentation="COLOR"), 1).notices
    assert "Supplemental colours are missing: shown as gray" in notices


def test_an_enhanced_palette_is_refused_politely():
    description = describe(make.enhanced_ct(2, EnhancedPaletteColorLookupTableSequence=[Dataset()]), 1)
    assert "Colours from an enhanced palette are not supported: shown as gray" in description.notices
