"""A page of an Encapsulated PDF as a frame, so that it hangs in a viewport as a colour image does."""

from viewer.dicom.frame import Frame
from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header, Notices
from viewer.dicom.header_text import read_text
from viewer.dicom.image import Calibration, ImageDescription
from viewer.dicom.pdf import ENCAPSULATED_PDF, PdfDocument, pdf_bytes
from viewer.dicom.read import DicomFile, UnreadableError, tolerant
from viewer.dicom.records import FrameKey


class OpenPdf:
    """An Encapsulated PDF that is open: its header and its pages."""

    def __init__(self, file: DicomFile) -> None:
        self.file = file
        self._document = PdfDocument(pdf_bytes(file))

    def pixels_to_decode(self, number: int) -> int:
        """Return how many pixels page `number` (from 1) has."""
        rows, columns = self._document.size(self._checked(number))
        return rows * columns

    def read(self, number: int) -> tuple[ImageDescription, Frame]:
        """Return page `number` (from 1) as RGB, with a description that knows no millimetres."""
        stored = self._document.render(self._checked(number))
        stored.flags.writeable = False
        rows, columns = stored.shape[:2]
        with tolerant():
            header = Header(self.file.dataset, Notices())
            uid = header.text("SOPInstanceUID")
            text = read_text(FrameHeader(header, number), None, self.file.transfer_syntax)
        description = ImageDescription(
            key=FrameKey(uid, number),
            sop_class_uid=ENCAPSULATED_PDF,
            rows=rows,
            columns=columns,
            number_of_frames=self._document.pages,
            samples_per_pixel=3,
            photometric="RGB",
            bits_allocated=8,
            bits_stored=8,
            calibration=Calibration(source="a page of a document has no scale"),
            notices=(f"PDF page {number} of {self._document.pages}",),
            text=text,
        )
        return description, Frame(description.key, stored, "RGB")

    def _checked(self, number: int) -> int:
        pages = self._document.pages
        if not 1 <= number <= pages:
            raise UnreadableError(self.file.path, f"it has no page {number}: its pages are 1 to {pages}")
        return number
