"""The same answer as `viewer.dicom.tags`, from the tolerant parser: slower, for headers that are odd."""

from pydicom.dataset import Dataset

from viewer.dicom.elements import Encoding
from viewer.dicom.raw_header import FIRST_FRAME, META, MOST_VALUE_BYTES, TOP_LEVEL, PixelMark, RawHeader
from viewer.dicom.read import read_file


def parse(path: str, size: int) -> RawHeader:
    """Return the header of a file as the tolerant parser understands it. Raise UnreadableError."""
    file = read_file(path)
    dataset = file.dataset
    values = {
        tag: str(dataset.file_meta.get(tag).value or "").encode("latin-1", "replace")
        for tag in META
        if tag in dataset.file_meta
    }
    values.update({tag: value for tag in TOP_LEVEL if (value := _raw(dataset, tag)) is not None})
    for group in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
        for item in (dataset.get(group) or [])[:1]:
            for macro, tag in FIRST_FRAME.items():
                found = [_raw(inner, tag) for inner in (item[macro].value if macro in item else [])[:1]]
                if found and found[0] is not None:
                    values.setdefault(tag, found[0])
    referenced = tuple(
        str(image.get("ReferencedSOPInstanceUID", "")).encode("latin-1", "replace")
        for series in dataset.get("ReferencedSeriesSequence") or []
        for image in series.get("ReferencedImageSequence") or []
    )
    mark = PixelMark(file.pixels.offset, file.pixels.length) if file.pixels else None
    available = size if file.inflated is None else len(file.inflated)
    return RawHeader(_written(dataset), values, referenced, mark, available)


def _raw(dataset: Dataset, tag: int) -> bytes | None:
    element = dataset.get_item(tag, keep_deferred=True) if tag in dataset else None
    value: object = element.value if element is not None else None
    return value[:MOST_VALUE_BYTES] if isinstance(value, bytes) else None


def _written(dataset: Dataset) -> Encoding:
    implicit, little = dataset.original_encoding
    return Encoding(explicit=not implicit, big_endian=little is False)
