"""The same answer as `viewer.dicom.tags`, from the tolerant parser: slower, for headers that are odd."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from viewer.dicom.elements import Encoding
from viewer.dicom.raw_header import (
    FIRST_FRAME,
    META,
    MOST_VALUE_BYTES,
    PER_FRAME_GROUPS,
    REFERENCED_SERIES,
    SHARED_GROUPS,
    TOP_LEVEL,
    PixelMark,
    RawHeader,
)
from viewer.dicom.read import read_file

REFERENCED_IMAGE, REFERENCED_INSTANCE = 0x00081140, 0x00081155


def parse(path: str, size: int) -> RawHeader:
    """Return the header of a file as the tolerant parser understands it. Raise UnreadableError."""
    file = read_file(path)
    dataset = file.dataset
    values = {
        tag: str(_value(dataset.file_meta, tag) or "").encode("latin-1", "replace")
        for tag in META
        if tag in dataset.file_meta
    }
    values.update({tag: value for tag in TOP_LEVEL if (value := _raw(dataset, tag)) is not None})
    for group in (PER_FRAME_GROUPS, SHARED_GROUPS):
        for item in _items(dataset, group)[:1]:
            for macro, tag in FIRST_FRAME.items():
                found = [_raw(inner, tag) for inner in _items(item, macro)[:1]]
                if found and found[0] is not None:
                    values.setdefault(tag, found[0])
    referenced = tuple(
        str(_value(image, REFERENCED_INSTANCE) or "").encode("latin-1", "replace")
        for series in _items(dataset, REFERENCED_SERIES)
        for image in _items(series, REFERENCED_IMAGE)
    )
    mark = PixelMark(file.pixels.offset, file.pixels.length) if file.pixels else None
    available = size if file.inflated is None else len(file.inflated)
    return RawHeader(_written(dataset), values, referenced, mark, available)


def _value(dataset: Dataset, tag: int) -> object:
    """Return a value as pydicom converts it, None for one that it cannot convert."""
    try:
        return dataset[tag].value if tag in dataset else None
    except Exception:  # noqa: BLE001  pydicom raises many kinds for bytes from outside
        return None


def _items(dataset: Dataset, tag: int) -> list[Dataset]:
    """Return the items of a sequence, none for a damaged one: another VR, or no items in it."""
    found = _value(dataset, tag)
    return list(found) if isinstance(found, Sequence) else []


def _raw(dataset: Dataset, tag: int) -> bytes | None:
    element = dataset.get_item(tag, keep_deferred=True) if tag in dataset else None
    value: object = element.value if element is not None else None
    return value[:MOST_VALUE_BYTES] if isinstance(value, bytes) else None


def _written(dataset: Dataset) -> Encoding:
    implicit, little = dataset.original_encoding
    return Encoding(explicit=not implicit, big_endian=little is False)
