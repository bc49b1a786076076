"""An instance in a native transfer syntax, for a peer that takes no other (PS3.5 A.1, A.2, 10).

Nothing is lost: the pixels are those that our decoder makes of the file, cell for cell, and all the rest of
the data set keeps its values and its SOP Instance UID. What a lossy compression took away before is gone, and
is said so where the header was silent (PS3.3 C.7.6.1.1.5).
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.filereader import read_dataset

from viewer.dicom.codecs import Decoded
from viewer.dicom.codestream import CodestreamError
from viewer.dicom.fragments import read_fragments
from viewer.dicom.lossy_reader import ALWAYS_LOSSY
from viewer.dicom.part10 import begun
from viewer.dicom.pixels import OpenImage
from viewer.dicom.read import (
    GE_PRIVATE_IMPLICIT_BIG_ENDIAN,
    MAX_VALUE_BYTES,
    ByteSource,
    DicomFile,
    UnreadableError,
    read_file,
    tolerant,
)
from viewer.dicom.rewrite import Form, RewriteError, element_head, rewritten
from viewer.dicom.uids import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    sop_class,
    transfer_syntax_name,
)
from viewer.dicom.video import VIDEO_SYNTAXES
from viewer.errors import ViewerError

NATIVE = (EXPLICIT_LITTLE, IMPLICIT_LITTLE)  # the first that is taken is the one
MAX_PIXEL_BYTES = 512 << 20  # of one instance; more does not travel between processes
_DELIMITER = 8  # bytes of the Sequence Delimitation Item that ends encapsulated data
_PHOTOMETRIC, _PLANAR, _LOSSY = 0x00280004, 0x00280006, 0x00282110
_ICON = 0x00880200  # may be compressed like the image (PS3.3 F.7): a picture of it can be made again
_TABLES = (0x7FE00001, 0x7FE00002, 0x7FE00003)  # where frames stand in what was encapsulated
_COLOR = 3  # samples
_BYTE = 8
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Recoded:
    """A file in three parts, one after the other."""

    transfer_syntax_uid: str
    head: Bytes  # from the preamble to the head of the Pixel Data
    pixels: Bytes
    tail: Bytes


def recode(path: str, taken: Sequence[str], announce: Callable[[int], object] = lambda _: None) -> Recoded:
    """Return an instance in the first of Explicit and Implicit VR Little Endian that is `taken`.

    `announce` is told the number of pixels before they are decoded. Raises UnreadableError where that cannot
    be done without a loss.
    """
    target = next((syntax for syntax in NATIVE if syntax in taken), None)
    if target is None:
        raise UnreadableError(path, "it is taken in no form without compression")
    try:
        with tolerant():
            return _recode(read_file(path), target, announce)
    except (RewriteError, CodestreamError) as error:
        raise UnreadableError(path, str(error)) from None
    except (ViewerError, MemoryError):
        raise
    except OSError as error:
        raise UnreadableError(path, f"it cannot be read: {error.strerror or 'input error'}") from None
    except Exception as error:  # noqa: BLE001  bytes from outside: any error of a parser is the file's
        raise UnreadableError(path, f"it cannot be recoded ({type(error).__name__})") from None


def _recode(file: DicomFile, target: str, announce: Callable[[int], object]) -> Recoded:
    if (file.size if file.pixels is None else file.pixels.offset) > MAX_VALUE_BYTES:
        raise UnreadableError(file.path, "its header is too long to be recoded")
    explicit = target == EXPLICIT_LITTLE
    form = Form(explicit, from_big_endian=file.transfer_syntax == EXPLICIT_BIG)
    meta = file.dataset.file_meta
    uids = [str(meta.get(each) or "") for each in ("MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID")]
    if not all(uids):
        raise UnreadableError(file.path, "it does not say what it is in its first bytes")
    start = begun(uids[0], uids[1], target)
    if file.pixels is None:
        if "BitsAllocated" in file.dataset or sop_class(uids[0]).has_pixels:
            raise UnreadableError(file.path, "its pixels are missing: the file is truncated")
        return Recoded(target, _array(start + rewritten(file.dataset, form)), _array(), _array())
    image = OpenImage(read_file(file.path))  # which looks at values of a header of its own
    with file.opened() as source:
        pixels, changes = _pixels(file, image, source, announce)
        tail = _tail(file, image, source)
    form = Form(explicit, form.from_big_endian, changes=changes)
    head = rewritten(file.dataset, form)
    vr = b"OW" if not explicit or image.layout.bits_allocated > _BYTE else b"OB"  # PS3.5 8.1.2
    mark = element_head(file.pixels.tag, vr, len(pixels), explicit=explicit)
    return Recoded(target, _array(start + head + mark), pixels, _array(_after(file, tail, form)))


def _array(data: bytes = b"") -> Bytes:
    return np.frombuffer(data, np.uint8)


# ------------------------------------------------------------------------------------------------ the pixels
_Changes = dict[int, tuple[bytes, bytes] | None]


def _pixels(
    file: DicomFile, image: OpenImage, source: ByteSource, announce: Callable[[int], object]
) -> tuple[Bytes, _Changes]:
    """Return the native Pixel Data, of even length, and what the header has to say otherwise."""
    element, layout = image.element, image.layout
    if layout.floating:
        raise UnreadableError(file.path, "its pixels are floating-point numbers, which are not recoded")
    if image.is_native(source) and file.little_endian:
        length = element.length or 0
        data = source.read_at(element.offset, length)
        if len(data) < length:
            raise UnreadableError(file.path, "the file ends inside the pixel data")
        return _array(data + b"\0" * (length % 2)), {}
    if file.transfer_syntax in VIDEO_SYNTAXES:
        name = transfer_syntax_name(file.transfer_syntax)
        raise UnreadableError(file.path, f"a video ({name}) is not taken apart into frames")
    announce(layout.rows * layout.columns * layout.frames)
    first = image.decoded(1)
    pixels = _decoded(file, image, first)
    return pixels, _changes(file, image, first)


def _decoded(file: DicomFile, image: OpenImage, first: Decoded) -> Bytes:
    layout = image.layout
    each = layout.rows * layout.columns * layout.samples * layout.bits_allocated
    total = (each * layout.frames + _BYTE - 1) // _BYTE
    if total > MAX_PIXEL_BYTES:
        raise UnreadableError(file.path, f"its pixels are more than {MAX_PIXEL_BYTES >> 20} MiB unpacked")
    one_bit = layout.bits_allocated == 1  # frames follow each other without a gap (PS3.5 8.1.1)
    pixels = np.zeros(each * layout.frames if one_bit else total + total % 2, np.uint8)
    size = each if one_bit else each // _BYTE
    for number in range(1, layout.frames + 1):
        decoded = first if number == 1 else image.decoded(number)
        if decoded.damage or decoded.photometric != first.photometric:
            reason = decoded.damage or "its frames come in different colours"
            raise UnreadableError(file.path, f"frame {number} cannot be recoded: {reason}")
        cells = np.ascontiguousarray(decoded.stored)
        little = cells.astype(cells.dtype.newbyteorder("<"), copy=False)
        pixels[(number - 1) * size : number * size] = little.reshape(-1).view(np.uint8)
    if one_bit:
        packed = np.packbits(pixels, bitorder="little")
        return np.concatenate([packed, np.zeros(len(packed) % 2, np.uint8)])
    return pixels


def _changes(file: DicomFile, image: OpenImage, first: Decoded) -> _Changes:
    """Return what the header says of pixels as the decoder gives them: by pixel, in its colours."""
    found: _Changes = dict.fromkeys((*_TABLES, _ICON))
    if not image.is_encapsulated:
        del found[_ICON]
    if image.layout.samples == _COLOR:
        found[_PLANAR] = (b"US", b"\0\0")
        if first.photometric != image.layout.photometric:
            found[_PHOTOMETRIC] = (b"CS", first.photometric.encode("ascii"))
    if file.transfer_syntax in ALWAYS_LOSSY:
        found[_LOSSY] = (b"CS", b"01")
    return found


# ------------------------------------------------------------------------------------------ what comes behind
def _tail(file: DicomFile, image: OpenImage, source: ByteSource) -> bytes:
    """Return the bytes behind the Pixel Data."""
    element = image.element
    if image.is_native(source):
        end = element.offset + (element.length or 0)
    else:
        last = read_fragments(file.path, element, source)[-1]
        end = last.offset + last.length + _DELIMITER
    if file.size - end > MAX_VALUE_BYTES:
        raise UnreadableError(file.path, "what follows its pixels is too long to be recoded")
    return source.read_at(end, max(0, file.size - end))


def _after(file: DicomFile, tail: bytes, form: Form) -> bytes:
    """Return the elements behind the Pixel Data without padding, and without signatures of other bytes."""
    if not tail:
        return b""
    implicit = file.transfer_syntax in (IMPLICIT_LITTLE, GE_PRIVATE_IMPLICIT_BIG_ENDIAN)
    dataset = read_dataset(io.BytesIO(tail), implicit, not form.from_big_endian)
    return rewritten(dataset, Form(form.explicit, form.from_big_endian, changes=dict.fromkeys(_BEHIND)))


_BEHIND = (0xFFFAFFFA, 0xFFFCFFFC)  # Digital Signatures Sequence, Data Set Trailing Padding
