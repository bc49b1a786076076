"""The pages of an Encapsulated PDF (PS3.3 A.45.1) as pictures: PDFium draws them, in worker processes."""

import importlib
import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.codestream import CodestreamError
from viewer.dicom.header import Header, Notices
from viewer.dicom.read import MAX_VALUE_BYTES, DicomFile, UnreadableError, read_file, tolerant

ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
PAGE_DPI = 150  # reads well at full size; an A4 page has 2.2 megapixels
POINTS_PER_INCH = 72
MOST_PIXELS = 16_000_000  # of one page: a poster is drawn more coarsely
LONGEST_EDGE = 16_384  # pixels
MOST_PAGES = 10_000
MOST_TEXT = 400_000  # characters of all pages
COLORS = 3
ROUNDING = 1e-9  # of the scale: 3 inches are 450 pixels and not 450.00000000000006, which would be 451

Page = NDArray[np.uint8]


def is_pdf(file: DicomFile) -> bool:
    """Tell whether a file is an Encapsulated PDF by its SOP class."""
    with tolerant():
        return Header(file.dataset, Notices()).text("SOPClassUID") == ENCAPSULATED_PDF


def pdf_bytes(file: DicomFile) -> bytes:
    """Return the PDF in a file, without padding. Raise UnreadableError when there is none."""
    with tolerant():
        header = Header(file.dataset, Notices())
        document = header.value("EncapsulatedDocument")
        length = header.integer("EncapsulatedDocumentLength")
        kind = header.text("MIMETypeOfEncapsulatedDocument").lower()
    if not isinstance(document, bytes) or not document:
        limit = MAX_VALUE_BYTES >> 20
        raise UnreadableError(file.path, f"it holds no document, or one of more than {limit} MiB")
    if kind not in {"", "application/pdf"}:
        raise UnreadableError(file.path, f"it says that it is a PDF, and holds {kind}")
    return document[:length] if length is not None and 0 < length <= len(document) else document


def measure_pdf(path: str) -> tuple[int, int, int]:
    """Return the number of pages of an Encapsulated PDF, and rows and columns of the first as it is drawn.

    Raise UnreadableError with the reason.
    """
    try:
        document = PdfDocument(pdf_bytes(read_file(path)))
        return document.pages, *document.size(1)
    except CodestreamError as error:
        raise UnreadableError(path, str(error)) from None


class PdfDocument:
    """An open PDF. Raises CodestreamError, the end of a sentence, for what cannot be read."""

    def __init__(self, data: bytes) -> None:
        self._pdfium = _pdfium()
        try:
            self._document: Any = self._pdfium.PdfDocument(data)
            self.pages = min(len(self._document), MOST_PAGES)
        except self._pdfium.PdfiumError as error:
            locked = "password" in str(error).lower()
            reason = "the PDF is locked with a password" if locked else "the PDF is damaged"
            raise CodestreamError(reason) from None
        if not self.pages:
            raise CodestreamError("the PDF has no pages")
        self._draw_forms()

    def _draw_forms(self) -> None:
        """Let what was filled into forms be drawn; the library was built without scripts."""
        try:
            self._document.init_forms()
        except self._pdfium.PdfiumError:  # the form is damaged: the pages are drawn without it
            return

    def size(self, number: int) -> tuple[int, int]:
        """Return rows and columns of page `number` (from 1) as it is drawn."""
        return self._measure(self._page(number))[1:]

    def render(self, number: int) -> Page:
        """Return page `number` (from 1) on white: (rows, columns, 3)."""
        page = self._page(number)
        scale, rows, columns = self._measure(page)
        try:
            bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
            drawn = np.array(bitmap.to_numpy(), np.uint8)
        except (self._pdfium.PdfiumError, ValueError):
            raise CodestreamError(f"page {number} of the PDF cannot be drawn") from None
        finally:
            page.close()
        if drawn.ndim == COLORS - 1:
            drawn = np.repeat(drawn[..., np.newaxis], COLORS, axis=2)
        picture = np.full((rows, columns, COLORS), 255, np.uint8)
        height, width = min(rows, drawn.shape[0]), min(columns, drawn.shape[1])
        picture[:height, :width] = drawn[:height, :width, :COLORS]
        return picture

    def text(self) -> str:
        """Return the words of all pages, as far as the PDF has them as text."""
        parts: list[str] = []
        left = MOST_TEXT
        for number in range(1, self.pages + 1):
            if left <= 0:
                break
            parts.append(self._text_of(number)[:left])
            left -= len(parts[-1])
        return "\n\n".join(part for part in parts if part)

    def _text_of(self, number: int) -> str:
        try:
            page = self._page(number).get_textpage()
            return str(page.get_text_bounded(errors="replace")).strip()
        except (self._pdfium.PdfiumError, CodestreamError):
            return f"(page {number} cannot be read)"

    def _page(self, number: int) -> Any:  # noqa: ANN401  the library is loaded late
        try:
            return self._document[number - 1]
        except self._pdfium.PdfiumError:
            raise CodestreamError(f"page {number} of the PDF is damaged") from None

    @staticmethod
    def _measure(page: Any) -> tuple[float, int, int]:  # noqa: ANN401
        """Return pixels per point, and rows and columns, of a page."""
        width, height = page.get_size()  # points
        if not (0 < width < math.inf and 0 < height < math.inf):
            raise CodestreamError("a page of the PDF has no size")
        scale = min(
            PAGE_DPI / POINTS_PER_INCH,
            math.sqrt(MOST_PIXELS / (width * height)),
            LONGEST_EDGE / max(width, height),
        )
        scale *= 1 - ROUNDING
        return scale, max(1, math.ceil(height * scale)), max(1, math.ceil(width * scale))


@cache
def _pdfium() -> Any:  # noqa: ANN401  a module
    """Load PDFium when the first PDF comes: 80 ms that most starts need not spend."""
    return importlib.import_module("pypdfium2")
