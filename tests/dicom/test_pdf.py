"""Encapsulated PDFs as pages. The PDFs are written by hand, so that every position on a page is known."""

from pathlib import Path

import make
import numpy as np
import pytest
from pydicom import Dataset, uid
from pydicom.dataset import FileMetaDataset

from viewer.dicom.codestream import CodestreamError
from viewer.dicom.image import CalibrationClass
from viewer.dicom.index import index_file
from viewer.dicom.pdf import MOST_PIXELS, PdfDocument, measure_pdf, pdf_bytes
from viewer.dicom.pixels import read_frame
from viewer.dicom.read import UnreadableError, read_file
from viewer.dicom.records import InstanceRecord
from viewer.dicom.stacks import displayable, split

RED_SQUARE = "1 0 0 rg 72 72 36 36 re f"  # 1 inch from the left and from the bottom, half an inch wide
WORDS = "BT /F1 12 Tf 20 20 Td (Hello page) Tj ET"


def pdf(*pages: str, size: tuple[float, float] = (288, 216), tail: str = "") -> bytes:
    """Return a PDF with these page contents; `size` is width and height in points."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, content in enumerate(pages):
        resources = "<< /Font << /F1 3 0 R >> >>"
        box = f"[0 0 {size[0]} {size[1]}]"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents {5 + 2 * n} 0 R "
            f"/Resources {resources} >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    body, places = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    return (
        f"{body}xref\n0 {count}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {count} /Root 1 0 R {tail}>>\nstartxref\n{len(body)}\n%%EOF\n"
    ).encode()


def encapsulated(document: bytes, folder: Path, **attributes: object) -> str:
    """Write an Encapsulated PDF and return its path."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = uid.EncapsulatedPDFStorage, "1.2.3.4"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.3.5"
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Testperson^Tina", "TEST-1", "DOC"
    dataset.DocumentTitle, dataset.MIMETypeOfEncapsulatedDocument = "Letter", "application/pdf"
    dataset.EncapsulatedDocument = document + b"\0" * (len(document) % 2)
    dataset.EncapsulatedDocumentLength = len(document)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return str(make.write(dataset, folder / "letter.dcm"))


def test_a_page_is_drawn_at_150_dpi_where_the_pdf_says() -> None:
    picture = PdfDocument(pdf(RED_SQUARE)).render(1)
    assert picture.shape == (450, 600, 3)  # 3 x 4 inches
    expected = np.full((450, 600, 3), 255, np.uint8)
    expected[225:300, 150:225] = (255, 0, 0)  # the bottom of the square is an inch above that of the page
    assert np.array_equal(picture, expected)


def test_each_page_is_a_frame(tmp_path: Path) -> None:
    path = encapsulated(pdf(RED_SQUARE, ""), tmp_path)
    description, frame = read_frame(path, 2)
    assert (description.rows, description.columns, description.number_of_frames) == (450, 600, 2)
    assert frame.stored.shape == (450, 600, 3)
    assert frame.stored.min() == 255
    assert (description.photometric, frame.photometric) == ("RGB", "RGB")
    assert description.notices == ("PDF page 2 of 2",)
    assert description.key.frame_number == 2
    assert description.text["PatientName"] == "Testperson, Tina"


def test_a_page_has_no_millimetres(tmp_path: Path) -> None:
    description, _ = read_frame(encapsulated(pdf(RED_SQUARE), tmp_path))
    assert description.calibration.kind is CalibrationClass.NONE
    assert description.plane is None


def test_the_index_counts_the_pages_so_that_they_can_hang(tmp_path: Path) -> None:
    record = index_file(encapsulated(pdf(RED_SQUARE, "", ""), tmp_path))
    assert isinstance(record, InstanceRecord)
    assert (record.number_of_frames, record.rows, record.columns) == (3, 450, 600)
    assert displayable(record)
    (stack,) = split([record])
    assert [key.frame_number for key in stack.frame_keys] == [1, 2, 3]


def test_words_can_be_read() -> None:
    assert PdfDocument(pdf(WORDS, WORDS)).text().split() == ["Hello", "page", "Hello", "page"]


def test_a_poster_is_drawn_more_coarsely() -> None:
    document = PdfDocument(pdf("", size=(14_000, 7_000)))
    rows, columns = document.size(1)
    assert rows * columns <= MOST_PIXELS * 1.001
    assert columns == pytest.approx(2 * rows, abs=1)


def test_a_page_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="it has no page 2: its pages are 1 to 1"):
        read_frame(encapsulated(pdf(""), tmp_path), 2)


def test_padding_is_no_part_of_the_document(tmp_path: Path) -> None:
    document = pdf("") + b"\n" * (len(pdf("")) % 2 + 1)
    assert pdf_bytes(read_file(encapsulated(document, tmp_path))) == document


# ---------------------------------------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    "document",
    [b"", b"\0\0", b"%PDF-1.4\n", pdf(RED_SQUARE)[:60], b"<html></html>", b"%PDF-1.4\n" + b"[" * 100_000],
    ids=["empty", "zeros", "only a head", "cut", "html", "brackets"],
)
def test_a_damaged_pdf_is_listed_with_a_reason(tmp_path: Path, document: bytes) -> None:
    path = encapsulated(document, tmp_path)
    record = index_file(path)
    assert isinstance(record, InstanceRecord)
    assert not displayable(record)
    assert record.note
    with pytest.raises(UnreadableError, match=r"letter\.dcm: (the PDF|it holds no document)"):
        read_frame(path)


def test_a_pdf_without_its_last_lines_is_still_drawn() -> None:
    assert PdfDocument(pdf(RED_SQUARE)[:-20]).render(1).shape == (450, 600, 3)


def test_a_page_of_no_size_is_refused_or_drawn_as_something() -> None:
    for size in ((0, 0), (-10, 5), (1e30, 1e30)):
        try:
            rows, columns = PdfDocument(pdf("", size=size)).size(1)
        except CodestreamError as error:
            assert "PDF" in str(error)  # noqa: PT017  either outcome is right
        else:
            assert rows * columns <= MOST_PIXELS * 1.001


def test_pages_that_contain_themselves_do_not_hang() -> None:
    loop = pdf("").replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")
    with pytest.raises(CodestreamError):
        PdfDocument(loop).render(1)


def test_another_kind_of_document_is_not_taken_for_a_pdf(tmp_path: Path) -> None:
    path = encapsulated(b"<x/>", tmp_path, MIMETypeOfEncapsulatedDocument="text/XML")
    with pytest.raises(UnreadableError, match="it says that it is a PDF, and holds text/xml"):
        measure_pdf(path)


def test_a_cut_file_is_not_read_beyond_its_end(tmp_path: Path) -> None:
    path = Path(encapsulated(pdf(RED_SQUARE), tmp_path))
    path.write_bytes(path.read_bytes()[:-300])
    record = index_file(str(path))
    assert record.note if isinstance(record, InstanceRecord) else record.reason


@pytest.mark.corpus
def test_a_real_document_has_its_pages(corpus: Path) -> None:
    (path,) = (corpus / "encapsulated").rglob("*.dcm")
    record = index_file(str(path))
    assert isinstance(record, InstanceRecord)
    assert record.number_of_frames == 2
    description, frame = read_frame(str(path), 1)
    assert (description.rows, description.columns) == (record.rows, record.columns)
    assert 100 < frame.stored.mean() < 254  # mostly paper
