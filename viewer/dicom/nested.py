"""What is looked up inside sequences of raw bytes: the first frame's geometry, and referenced images."""

from collections.abc import Iterator
from dataclasses import dataclass

from viewer.dicom.elements import Element, Encoding, MalformedError, elements, items
from viewer.dicom.raw_header import FIRST_FRAME

_IMAGES, _INSTANCE = 0x00081140, 0x00081155  # Referenced Image Sequence, Referenced SOP Instance UID


@dataclass(frozen=True, slots=True)
class Sequence:
    """The items of one sequence, perhaps only the first ones."""

    data: bytes
    encoding: Encoding

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield where each item begins and ends. Raise MalformedError where it is cut."""
        return items(self.data, Element(0, 0, len(self.data), self.encoding))

    def inner(self, bounds: tuple[int, int], tag: int) -> list[Element]:
        """Return the elements of one tag within `bounds`. Raise MalformedError."""
        found = elements(self.data, *bounds, self.encoding)
        return [element for element in found if element.tag == tag]


def first_frame(groups: Sequence) -> dict[int, bytes]:
    """Return position, orientation and spacing of the first item of functional groups (PS3.3 C.7.6.16.2).

    Empty when the first item is damaged or cut.
    """
    values: dict[int, bytes] = {}
    try:
        bounds = next(iter(groups), (0, 0))
        for macro in elements(groups.data, *bounds, groups.encoding):
            if macro.tag in FIRST_FRAME:
                wanted = FIRST_FRAME[macro.tag]
                item = next(items(groups.data, macro), (0, 0))
                for found in groups.inner(item, wanted):
                    values[wanted] = groups.data[found.start : found.end]
    except MalformedError:
        return {}
    return values


def referenced_instances(series: Sequence) -> tuple[bytes, ...]:
    """Return the SOP Instance UIDs in a Referenced Series Sequence (PS3.3 C.11.11). Raise MalformedError."""
    data = series.data
    return tuple(
        data[uid.start : uid.end].strip(b"\0 ")
        for item in series
        for images in series.inner(item, _IMAGES)
        for image in items(data, images)
        for uid in series.inner(image, _INSTANCE)
    )
