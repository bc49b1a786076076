"""Structured reports as text, against DCMTK's dsrdump and reports made by hand."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import make
import pytest
from pydicom import Dataset, uid
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence

from viewer.dicom.outline import END, MOST_LINES
from viewer.dicom.read import UnreadableError, read_header
from viewer.dicom.report_text import DEEPEST, date_time, report_text

REPORTS = [
    "sr/cornerstone3d__no-pixel-data.dcm",
    "sr/dcmjs__sample-sr.dcm",
    "sr/dcmqi_sr-example/sr.dcm",
    "sr/highdicom__sr_document.dcm",
    "sr/pydicom__test-SR.dcm",
    "syntax/dicomparser__report_dfl.dcm",
]


def code(value: str, meaning: str, scheme: str = "DCM") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def item(kind: str, name: str = "", relationship: str = "CONTAINS", **attributes: object) -> Dataset:
    found = Dataset()
    found.ValueType, found.RelationshipType = kind, relationship
    if name:
        found.ConceptNameCodeSequence = [code("1", name, "99TEST")]
    for keyword, value in attributes.items():
        setattr(found, keyword, value)
    return found


def number(name: str, value: str, unit: Dataset, **attributes: object) -> Dataset:
    measured = Dataset()
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = value, [unit]
    return item("NUM", name, MeasuredValueSequence=[measured], **attributes)


def report(*content: Dataset, title: str = "Chest Report") -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.ValueType = uid.ComprehensiveSRStorage, "CONTAINER"
    dataset.ConceptNameCodeSequence = [code("126000", title)]
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    dataset.ContentSequence = Sequence(content)
    return dataset


def lines(*content: Dataset) -> list[str]:
    """Return the lines below the title of a report."""
    text = report_text(report(*content))
    return text[text.index("Chest Report") :].splitlines()[1:]


# ------------------------------------------------------------------------------------------------ by hand
def test_a_report_begins_with_its_state_and_its_title() -> None:
    assert report_text(report()).splitlines() == [
        "Completion: complete",
        "Verification: unverified",
        "",
        "Chest Report",
    ]


def test_who_verified_a_report_is_named() -> None:
    dataset = report()
    observer = Dataset()
    observer.VerifyingObserverName, observer.VerifyingOrganization = "Doe^Jane^^Dr.", "Clinic"
    observer.VerificationDateTime = "20261122101112.5+0100"
    dataset.VerifyingObserverSequence = [observer]
    assert "Verified by: Doe, Jane Dr., Clinic, 2026-11-22 10:11:12 +0100" in report_text(dataset)


def test_what_is_inside_is_indented() -> None:
    inner = item("CONTAINER", "Findings", ContentSequence=[item("TEXT", "Finding", TextValue="None.")])
    assert lines(inner) == ["    Findings", "        Finding: None."]


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        (code("mm", "millimeter", "UCUM"), "12.5 mm"),
        (code("[hnsf'U]", "Hounsfield unit", "UCUM"), "12.5 Hounsfield unit"),
        (code("1", "no units", "UCUM"), "12.5"),
        (code("{pixels}", "pixels", "UCUM"), "12.5 pixels"),
    ],
)
def test_a_number_has_its_unit(unit: Dataset, words: str) -> None:
    assert lines(number("Length", "12.5", unit)) == [f"    Length: {words}"]


def test_a_number_without_a_value_says_why() -> None:
    missing = item("NUM", "Length", NumericValueQualifierCodeSequence=[code("114006", "Measurement failure")])
    assert lines(missing) == ["    Length: (no value: Measurement failure)"]


def test_dates_times_names_and_codes_read_well() -> None:
    found = lines(
        item("DATE", "Day", Date="20261122"),
        item("TIME", "Hour", Time="101112.25"),
        item("DATETIME", "Moment", DateTime="202611221011"),
        item("PNAME", "Reader", PersonName="Doe^Jane"),
        item("CODE", "Side", ConceptCodeSequence=[code("R", "Right")]),
        item("UIDREF", "Study", UID="1.2.3"),
    )
    assert [line.strip() for line in found] == [
        "Day: 2026-11-22",
        "Hour: 10:11:12",
        "Moment: 2026-11-22 10:11",
        "Reader: Doe, Jane",
        "Side: Right",
        "Study: 1.2.3",
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("20261122", "2026-11-22"),
        ("20261122101112.5-0530", "2026-11-22 10:11:12 -0530"),
        ("2026", "2026"),
        ("", ""),
    ],
)
def test_a_date_with_a_time_keeps_its_zone(value: str, words: str) -> None:
    assert date_time(value) == words


def test_references_are_in_words() -> None:
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = uid.CTImageStorage, "1.2.3.4"
    reference.ReferencedFrameNumber = [3, 4]
    image = item("IMAGE", "", "SELECTED FROM", ReferencedSOPSequence=[reference])
    region = item("SCOORD", "Outline", "INFERRED FROM", GraphicType="POINT", GraphicData=[10.5, 20.25])
    region.ContentSequence = [image]
    length = number("Length", "3", code("cm", "centimeter", "UCUM"), ContentSequence=[region])
    assert lines(length) == [
        "    Length: 3 cm",
        "        inferred from: Outline: point at 10.5, 20.25 pixels",
        "            on: Image: CT Image, frames 3, 4 (1.2.3.4)",
    ]


def test_long_outlines_are_counted_and_not_listed() -> None:
    space = item("SCOORD3D", "Outline", GraphicType="POLYGON", GraphicData=[float(n) for n in range(30)])
    assert lines(space) == ["    Outline: polygon, 10 points"]


def test_a_reference_by_its_place_names_the_place() -> None:
    by_place = Dataset()
    by_place.RelationshipType, by_place.ReferencedContentItemIdentifier = "INFERRED FROM", [1, 3, 2]
    assert lines(by_place) == ["    inferred from: see item 1.3.2"]


def test_paragraphs_stay_paragraphs() -> None:
    text = item("TEXT", "Text", TextValue="First line.\r\nSecond line.\n\nLast.")
    assert lines(text) == ["    Text:", "        First line.", "        Second line.", "", "        Last."]


def test_characters_that_deceive_are_shown_as_what_they_are() -> None:
    text = item("TEXT", "Text", TextValue="left \u202e thgir \x1b[31m")
    assert lines(text) == ["    Text: left \\u202e thgir \\x1b[31m"]


def test_letters_of_other_scripts_are_read(tmp_path: Path) -> None:
    dataset = report(item("TEXT", "Befund", TextValue="Größe: 山田 太郎"))
    dataset.SpecificCharacterSet = "ISO_IR 192"
    path = write(dataset, tmp_path)
    assert "Befund: Größe: 山田 太郎" in report_text(read_header(str(path)))


@pytest.mark.parametrize("broken", ["", "NONSENSE"])
def test_an_item_of_no_known_type_says_so_and_the_next_is_read(broken: str) -> None:
    found = lines(item(broken, "Odd"), item("TEXT", "Next", TextValue="there"))
    assert "Odd: (an item" in found[0]
    assert found[1] == "    Next: there"


def test_an_empty_item_says_so() -> None:
    assert lines(item("TEXT", "Text")) == ["    Text: (empty)"]


# ---------------------------------------------------------------------------------------------- bad input
def write(dataset: Dataset, folder: Path) -> Path:
    dataset.SOPInstanceUID, dataset.StudyInstanceUID = "1.2.3", "1.2"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return make.write(dataset, folder / "report.dcm")


def test_a_report_nested_too_deeply_ends_with_a_word() -> None:
    innermost = item("TEXT", "Deep", TextValue="unseen")
    for _ in range(DEEPEST + 20):
        innermost = item("CONTAINER", "Level", ContentSequence=[innermost])
    text = report_text(report(innermost))
    assert "… what is nested deeper is left out." in text
    assert "unseen" not in text


def test_a_file_nested_too_deeply_is_refused_in_words(tmp_path: Path) -> None:
    head = write(report(), tmp_path).read_bytes()
    level = b"\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    path = tmp_path / "deep.dcm"
    path.write_bytes(head + level * 5000)
    with pytest.raises(UnreadableError, match="nested"):
        read_header(str(path))


def test_a_report_of_too_many_items_ends_with_a_word() -> None:
    many = [item("TEXT", TextValue="x") for _ in range(MOST_LINES + 10)]
    assert report_text(report(*many)).endswith(END)


def test_a_huge_text_is_cut() -> None:
    assert len(report_text(report(item("TEXT", "Text", TextValue="long " * 100_000)))) < 70_000


# ------------------------------------------------------------------------------------------ a second reader
@pytest.fixture(scope="module")
def dsrdump() -> str:
    found = shutil.which("dsrdump")
    if found is None:
        reason = "dsrdump is not installed (Debian package dcmtk)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.mark.corpus
@pytest.mark.parametrize("name", REPORTS)
def test_every_value_that_dcmtk_reads_is_in_the_text(corpus: Path, dsrdump: str, name: str) -> None:
    tolerant = [
        "--unknown-relationship",
        "--invalid-item-value",
        "--ignore-constraints",
        "--ignore-item-errors",
    ]
    command = [
        dsrdump,
        *tolerant,
        "--convert-to-utf8",
        "--print-all-codes",
        "--print-long-values",
        str(corpus / name),
    ]
    result = subprocess.run(command, capture_output=True, check=False)
    dump = result.stdout.decode("utf-8", "replace")
    text = " ".join(report_text(read_header(str(corpus / name))).split())
    concepts = re.findall(r':\([^,]*,[^,]*,"([^"]+)"\)', dump)
    numbers = re.findall(r'NUM:.*?="([^"]+)"', dump)
    codes = re.findall(r'CODE:.*?=\([^,]*,[^,]*,"([^"]+)"\)', dump)
    assert concepts
    for value in (*concepts, *numbers, *codes):
        assert " ".join(value.split()) in text
