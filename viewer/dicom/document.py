"""What an object that is no image is, in words a person reads.

For the worker process: what is enclosed is parsed too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from viewer.dicom.codestream import CodestreamError
from viewer.dicom.header import Header, Notices
from viewer.dicom.object_text import (
    WRITERS,
    write_attributes,
    write_presentation_state,
    write_segments,
    write_waveforms,
)
from viewer.dicom.outline import Outline, count
from viewer.dicom.pdf import ENCAPSULATED_PDF, PdfDocument, pdf_bytes
from viewer.dicom.read import DicomFile, UnreadableError, read_file, tolerant
from viewer.dicom.report_text import code, write_report
from viewer.dicom.text import date, person_name, time
from viewer.dicom.uids import Kind, sop_class
from viewer.errors import ViewerError

NO_WORDS = "Its pages hold no text, only pictures."


class DocumentKind(StrEnum):
    """What the text of a document is."""

    TEXT = "text"  # all that the object says, to read
    PAGES = "pages"  # the words on its pages, which can be seen as pictures
    SUMMARY = "summary"  # what the object is about: the object itself needs another program


@dataclass(frozen=True, slots=True)
class Document:
    """An object in readable form."""

    title: str  # of the document itself: "Chest Report"
    what: str  # its SOP class in words
    kind: DocumentKind
    text: str  # lines, made safe to show
    pages: int = 0  # of a document that has some


def read_document(path: str) -> Document:
    """Return the readable form of an object. Raise UnreadableError, a ViewerError, with the reason."""
    file = read_file(path)
    try:
        with tolerant():
            return _document(file)
    except (ViewerError, MemoryError):
        raise
    except CodestreamError as error:
        raise UnreadableError(path, str(error)) from None
    except Exception as error:  # noqa: BLE001  bytes from outside: any error of a parser is the file's
        raise UnreadableError(path, f"it cannot be read ({type(error).__name__})") from None


def _document(file: DicomFile) -> Document:
    header = Header(file.dataset, Notices())
    of = sop_class(
        header.text("SOPClassUID") or str(file.dataset.file_meta.get("MediaStorageSOPClassUID", ""))
    )
    title = _title(header) or of.name
    outline = Outline()
    if of.uid == ENCAPSULATED_PDF:
        pdf = PdfDocument(pdf_bytes(file))
        outline.fact("Pages", str(pdf.pages))
        outline.add("")
        outline.add(pdf.text() or NO_WORDS)
        return Document(title, of.name, DocumentKind.PAGES, outline.text, pdf.pages)
    _write_facts(header, outline)
    if of.kind in {Kind.REPORT, Kind.KEY_OBJECT} and "ContentSequence" in header:
        write_report(header, outline)
        return Document(title, of.name, DocumentKind.TEXT, outline.text)
    if of.has_pixels and file.pixels is None:
        outline.add("It holds no pixel data: there is nothing to be seen.")
    writer = WRITERS.get(of.uid) or BY_KIND.get(of.kind)
    if writer is not None:
        outline.add("")
        writer(header, outline)
    outline.add("")
    outline.add("Attributes")
    write_attributes(header, outline)
    return Document(title, of.name, DocumentKind.SUMMARY, outline.text)


def _title(header: Header) -> str:
    """Return what the object calls itself."""
    concept = code(header.item("ConceptNameCodeSequence"))
    keywords = ("DocumentTitle", "StructureSetLabel", "RTPlanLabel", "ContentLabel", "SeriesDescription")
    return next(filter(None, (concept, *(header.text(keyword) for keyword in keywords))), "")


def _write_facts(header: Header, outline: Outline) -> None:
    """Add who made the object and when."""
    day = header.text("ContentDate") or header.text("StructureSetDate") or header.text("RTPlanDate")
    moment = header.text("ContentTime") or header.text("StructureSetTime") or header.text("RTPlanTime")
    outline.fact("Date", " ".join(filter(None, (date(day), time(moment)))))
    outline.fact("Description", header.text("ContentDescription") or header.text("SeriesDescription"))
    outline.fact("Creator", person_name(header.text("ContentCreatorName")))
    maker = (header.text("Manufacturer"), header.text("ManufacturerModelName"))
    outline.fact("Made with", " ".join(filter(None, maker)))


def _write_enclosed(header: Header, outline: Outline) -> None:
    """Add what is enclosed in an object that is not a PDF."""
    enclosed = header.value("EncapsulatedDocument")
    size = len(enclosed) if isinstance(enclosed, bytes) else 0
    outline.fact(
        "Enclosed", f"{header.text('MIMETypeOfEncapsulatedDocument') or 'a document'}, {count(size, 'byte')}"
    )


BY_KIND: Mapping[Kind, Callable[[Header, Outline], None]] = {
    Kind.DOCUMENT: _write_enclosed,
    Kind.WAVEFORM: write_waveforms,
    Kind.PRESENTATION_STATE: write_presentation_state,
    Kind.SEGMENTATION: write_segments,
}
