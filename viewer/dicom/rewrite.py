"""A data set in another native transfer syntax: other headers before the same values (PS3.5 7, A).

Values are never interpreted: only those of big endian numbers are turned round. So a text in any character
set, a private element and a value that breaks the rules arrive as they are.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from viewer.dicom.elements import ITEM, LONG_VRS, UNDEFINED

PIXEL_REPRESENTATION = 0x00280103
_MOST_SHORT = 0xFFFE  # bytes of a value whose length is written in two
_TEXT = frozenset(b"AE AS CS DA DS DT IS LO LT PN SH ST TM UC UR UT".split())  # padded with a space
_AMBIGUOUS = {"OB or OW": b"OW", "US or OW": b"OW", "US or SS or OW": b"OW"}  # PS3.5 A.1: OW in implicit VR
_WIDTHS = {
    **dict.fromkeys((b"AT", b"OW", b"SS", b"US"), 2),
    **dict.fromkeys((b"FL", b"OF", b"OL", b"SL", b"UL"), 4),
    **dict.fromkeys((b"FD", b"OD", b"OV", b"SV", b"UV"), 8),
}


class RewriteError(Exception):
    """Why a data set has no other form, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a data set is written, and what becomes of it at its top."""

    explicit: bool  # VR, always little endian
    from_big_endian: bool = False
    signed: bool = False  # of the pixels: what US or SS means
    changes: Mapping[int, tuple[bytes, bytes] | None] = field(
        default_factory=dict
    )  # tag: VR, value; None: out

    @property
    def inside(self) -> "Form":
        """Return the form of what stands in sequences."""
        return Form(self.explicit, self.from_big_endian, self.signed)


def rewritten(dataset: Dataset, form: Form) -> bytes:
    """Return the elements of a data set of which no value was looked at, in little endian.

    Retired group lengths are left out, sequences get a defined length. Raises RewriteError.
    """
    form = _with_sign(dataset, form)
    written: dict[int, bytes] = {}
    for tag in dataset.keys():  # noqa: SIM118  iterating a Dataset would convert every element
        if tag.element and tag not in form.changes:
            written[tag] = _element(dataset, tag, form)
    for number, change in form.changes.items():
        if change is not None:
            written[number] = written_element(number, *change, explicit=form.explicit)
    return b"".join(written[tag] for tag in sorted(written))


def element_head(tag: int, vr: bytes, length: int, *, explicit: bool) -> bytes:
    """Return what stands before a value (PS3.5 7.1.2, 7.1.3); of one too long for its VR, VR UN (6.2.2)."""
    group, number = tag >> 16, tag & 0xFFFF
    if not explicit:
        return struct.pack("<HHI", group, number, length)
    if vr not in LONG_VRS and length > _MOST_SHORT:
        vr = b"UN"
    if vr in LONG_VRS:
        return struct.pack("<HH2s2xI", group, number, vr, length)
    return struct.pack("<HH2sH", group, number, vr, length)


def written_element(tag: int, vr: bytes, value: bytes, *, explicit: bool) -> bytes:
    """Return a data element, padded to an even length."""
    if len(value) % 2:
        value += b" " if vr in _TEXT else b"\0"
    return element_head(tag, vr, len(value), explicit=explicit) + value


def _item(dataset: Dataset, tag: int) -> RawDataElement | DataElement:
    """Return an element as it was read: its bytes, or a sequence that had to be parsed."""
    return cast("RawDataElement | DataElement", dataset.get_item(tag, keep_deferred=True))


def _with_sign(dataset: Dataset, form: Form) -> Form:
    if PIXEL_REPRESENTATION not in dataset:
        return form
    value = _item(dataset, PIXEL_REPRESENTATION).value
    signed = any(value) if isinstance(value, bytes) else value == 1
    return Form(form.explicit, form.from_big_endian, signed, form.changes)


def _element(dataset: Dataset, tag: BaseTag, form: Form) -> bytes:
    found = _item(dataset, tag)
    vr = _vr(found, tag, signed=form.signed)
    if vr == b"SQ":
        return _sequence(tag, dataset[tag], form)
    if not isinstance(found, RawDataElement):
        return written_element(tag, vr, _parsed(found), explicit=form.explicit)
    if found.length == UNDEFINED:
        raise RewriteError("a part of its header is compressed")
    value = bytes(found.value or b"")
    if len(value) < found.length:
        raise RewriteError("the file ends inside its header")
    width = _WIDTHS.get(vr, 1)
    if form.from_big_endian and width > 1 and len(value) % width == 0:
        value = np.frombuffer(value, f">u{width}").astype(f"<u{width}").tobytes()
    return written_element(tag, vr, value, explicit=form.explicit)


def _parsed(found: DataElement) -> bytes:
    """Return the value of an element that the reader had to look at, such as the Pixel Representation."""
    if found.value is None:
        return b""
    if found.VR == "US" and isinstance(found.value, int):
        return struct.pack("<H", found.value)
    if isinstance(found.value, str) and found.value.isascii():
        return found.value.encode("ascii")
    raise RewriteError("a part of its header cannot be recoded")


def _sequence(tag: int, sequence: DataElement, form: Form) -> bytes:
    items = []
    for item in sequence.value or ():
        content = rewritten(item, form.inside)
        items += [struct.pack("<HHI", ITEM >> 16, ITEM & 0xFFFF, len(content)), content]
    value = b"".join(items)
    return element_head(tag, b"SQ", len(value), explicit=form.explicit) + value


def _vr(found: RawDataElement | DataElement, tag: BaseTag, *, signed: bool) -> bytes:
    """Return the VR of an element: its own, or what the dictionary says where none is written."""
    if found.VR:
        return found.VR.encode("ascii")
    if tag.is_private:
        return b"LO" if tag.is_private_creator else b"UN"
    try:
        known = dictionary_VR(tag)
    except KeyError:
        return b"UN"
    if known == "US or SS":
        return b"SS" if signed else b"US"
    return _AMBIGUOUS.get(known) or known.encode("ascii")
