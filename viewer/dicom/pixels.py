"""Stored values of one frame of a file (PS3.3 C.7.6.3), native or encapsulated."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from viewer.dicom.codecs import SYNTAXES, Decoded, decode
from viewer.dicom.codestream import CodestreamError
from viewer.dicom.describe import describe, is_same_for_all
from viewer.dicom.fragments import FragmentTable, read_fragments, read_table
from viewer.dicom.frame import Frame
from viewer.dicom.header import Header, Notices
from viewer.dicom.image import ImageDescription
from viewer.dicom.native import missing_rows, read_native
from viewer.dicom.overlay import OverlayPlane
from viewer.dicom.overlay_reader import embedded_bits, embedded_overlays
from viewer.dicom.pdf import is_pdf
from viewer.dicom.pdf_page import OpenPdf
from viewer.dicom.pixel_layout import LayoutError, PixelLayout, check_size, read_layout
from viewer.dicom.read import (
    ByteSource,
    DicomFile,
    PixelElement,
    UnreadableError,
    identity,
    open_regular,
    read_file,
    tolerant,
)
from viewer.dicom.video import VIDEO_SYNTAXES, FragmentStream, Video
from viewer.errors import ViewerError

ITEM_TAG = b"\xfe\xff\x00\xe0"  # (FFFE,E000), little endian as all encapsulated data


def read_frame(path: str, frame_number: int = 1) -> tuple[ImageDescription, Frame]:
    """Return what the header says of a frame (from 1) and its stored values.

    Only the bytes of that frame are read. Raise UnreadableError, a ViewerError, with the reason.
    """
    return FrameReader().read(path, frame_number)


class FrameReader:
    """Reads frames; the header of the last file is kept, so that a cine does not parse it again."""

    def __init__(self) -> None:
        self._last: OpenImage | OpenPdf | None = None

    def read(
        self, path: str, frame_number: int = 1, *, announce: Callable[[int], None] = lambda _: None
    ) -> tuple[ImageDescription, Frame]:
        """Return what the header says of a frame (from 1) and its stored values.

        `announce` is told the number of pixels before they are decoded.
        """
        try:
            with tolerant():
                image = self._image(path)
                announce(image.pixels_to_decode(frame_number))
                return image.read(frame_number)
        except (ViewerError, MemoryError):
            raise
        except CodestreamError as error:
            raise UnreadableError(path, str(error)) from None
        except OSError as error:
            raise UnreadableError(path, f"it cannot be read: {error.strerror or 'input error'}") from None
        except Exception as error:  # noqa: BLE001  bytes from outside: any error of a parser is the file's
            raise UnreadableError(path, f"the image cannot be read ({type(error).__name__})") from None

    def _image(self, path: str) -> "OpenImage | OpenPdf":
        last = self._last
        if last is None or last.file.path != path or not _unchanged(last.file):
            file = read_file(path)
            last = OpenPdf(file) if is_pdf(file) else OpenImage(file)
            self._last = last
        return last


class OpenImage:
    """The parsed header of one image file and where its frames are."""

    def __init__(self, file: DicomFile) -> None:
        self.file = file
        if file.pixels is None:
            raise UnreadableError(file.path, "it holds no image")
        self.element = file.pixels
        self.layout = _layout(file, file.pixels)
        self._table: FragmentTable | None = None
        self._video: Video | None = None
        self._every: ImageDescription | None = None

    def pixels_to_decode(self, number: int) -> int:
        """Return how many pixels are decoded to read frame `number`; those before it too in a video."""
        frames = 1
        if self.file.transfer_syntax in VIDEO_SYNTAXES and 1 <= number <= self.layout.frames:
            frames = self._opened_video().distance(number)
        return self.layout.rows * self.layout.columns * frames

    def read(self, number: int) -> tuple[ImageDescription, Frame]:
        """Return the description and the stored values of frame `number` (from 1)."""
        frames = self.layout.frames
        if not 1 <= number <= frames:
            raise UnreadableError(self.file.path, f"it has no frame {number}: its frames are 1 to {frames}")
        description = self._describe(number)
        if self.file.transfer_syntax in VIDEO_SYNTAXES:
            stored, damage = self._opened_video().read(number)
            return description, _frame(description, Decoded(stored, "RGB", damage))
        with self.file.opened() as source:
            decoded = self._decode(source, number, self.layout)
            marks = self._embedded_overlays(source, number)
        if marks:
            description = replace(description, overlays=description.overlays + marks)
        return description, _frame(description, decoded)

    @property
    def is_encapsulated(self) -> bool:
        """Tell whether the pixels are compressed, as far as the transfer syntax says."""
        return self.file.transfer_syntax in SYNTAXES

    def decoded(self, number: int) -> Decoded:
        """Return frame `number` (from 1) of anything but a video, as the cells that the image has.

        Those are the stored values; where more stands in a cell (an overlay, a shift), all of it, unsigned.
        """
        layout = self.layout
        marked = embedded_bits(self.file.dataset, layout.high_bit, layout.bits_allocated)
        if (
            layout.samples == 1
            and not layout.floating
            and (marked or layout.high_bit + 1 != layout.bits_stored)
        ):
            bits = layout.bits_allocated
            layout = replace(layout, bits_stored=bits, high_bit=bits - 1, signed=False)
        with self.file.opened() as source:
            return self._decode(source, number, layout)

    def _describe(self, number: int) -> ImageDescription:
        """Return the description of a frame; parsed once where it is the same for all from the second on.

        The first stands alone: only it lies where a header without functional groups says.
        """
        if number > 1 and self._every is not None:
            return replace(self._every, key=replace(self._every.key, frame_number=number))
        description = describe(self.file.dataset, number, self.element)
        if number > 1 and is_same_for_all(self.file.dataset):
            self._every = description
        return description

    def _opened_video(self) -> Video:
        if self._video is None:
            with self.file.opened() as source:
                fragments = read_fragments(self.file.path, self.element, source)
            self._video = Video(FragmentStream(self.file.opened, fragments), self.layout)
        return self._video

    def _embedded_overlays(self, source: ByteSource, number: int) -> tuple[OverlayPlane, ...]:
        """Return the overlays in bits of the pixel cells above High Bit, which stored values leave out."""
        layout = self.layout
        if layout.samples > 1 or layout.floating:
            return ()
        positions = embedded_bits(self.file.dataset, layout.high_bit, layout.bits_allocated)
        if not positions:
            return ()
        bits = layout.bits_allocated
        whole = replace(layout, bits_stored=bits, high_bit=bits - 1, signed=False)
        return embedded_overlays(self.file.dataset, self._decode(source, number, whole).stored, positions)

    def _decode(self, source: ByteSource, number: int, layout: PixelLayout) -> Decoded:
        if self.is_native(source):
            stored, missing = read_native(self.file, layout, source, number)
            expanded = "YBR_FULL" if layout.photometric == "YBR_FULL_422" else layout.photometric
            damage = "" if missing is None else missing_rows(layout, missing)
            return Decoded(stored, expanded, damage, missing)
        if self._table is None:
            self._table = read_table(
                self.file.path, self.file.dataset, self.element, source, self.layout.frames
            )
        data = self._table.read(self.file.path, source, number, self.layout.frames)
        decoded = decode(data, self.file.transfer_syntax, layout)
        if self._table.is_cut(number) and not decoded.damage:
            return replace(decoded, damage="the file ends inside this frame")
        return decoded

    def is_native(self, source: ByteSource) -> bool:
        """Tell whether the pixels are plain values: a length is given, and no item begins there."""
        if self.element.length is None:
            return False
        head = source.read_at(self.element.offset, len(ITEM_TAG))
        return head != ITEM_TAG or self.file.transfer_syntax not in SYNTAXES


def _layout(file: DicomFile, element: PixelElement) -> PixelLayout:
    """Return the layout of the pixels; `describe` says what was assumed."""
    try:
        layout = read_layout(Header(file.dataset, Notices(), little_endian=file.little_endian), element)
        check_size(layout)
    except LayoutError as error:
        raise UnreadableError(file.path, str(error)) from None
    return layout


def _frame(description: ImageDescription, decoded: Decoded) -> Frame:
    stored = np.ascontiguousarray(decoded.stored)
    stored.flags.writeable = False
    return Frame(description.key, stored, decoded.photometric, decoded.damage, decoded.first_missing)


def _unchanged(file: DicomFile) -> bool:
    """Tell whether the file is still the one that was parsed."""
    with open_regular(file.path) as stream:
        return identity(stream) == file.identity
