import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from make import ct, write
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet

from viewer.dicom.dicomdir import read_directory
from viewer.dicom.index import index_file
from viewer.dicom.media_writer import directory, record_type
from viewer.dicom.read import read_header
from viewer.dicom.records import InstanceRecord

GSPS = "1.2.840.10008.5.1.4.1.1.11.1"
REPORT = "1.2.840.10008.5.1.4.1.1.88.33"
dcmdump, dcmgpdir = shutil.which("dcmdump"), shutil.which("dcmgpdir")


def put(folder: Path, patient: int, study: int, series: int, number: int, **attributes) -> tuple:
    """Write a file on a medium; return its record and the parts of its path."""
    uid = f"1.2.{patient}.{study}.{series}"
    dataset = ct(
        PatientID=f"P{patient}", StudyInstanceUID=f"1.2.{patient}.{study}", SeriesInstanceUID=uid,
        SOPInstanceUID=f"{uid}.{number}", SeriesNumber=str(series), InstanceNumber=str(number), StudyID="S7",
        **attributes,
    )  # fmt: skip
    parts = ("DICOM", f"PAT{patient:05}", f"STU{study:05}", f"SER{series:05}", f"IMG{number:05}")
    path = folder.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    record = index_file(str(write(dataset, path)))
    assert isinstance(record, InstanceRecord), record
    return record, parts


def medium(folder: Path, **attributes) -> list[tuple]:
    """Write two patients, three studies, four series and seven images with their DICOMDIR."""
    places = [
        (1, 1, 1, 1),
        (1, 1, 1, 2),
        (1, 1, 2, 1),
        (1, 2, 1, 1),
        (2, 1, 1, 1),
        (2, 1, 1, 2),
        (2, 1, 1, 3),
    ]
    listed = [put(folder, *place, **attributes) for place in places]
    (folder / "DICOMDIR").write_bytes(directory(listed, lambda record: read_header(record.path)))
    return listed


def followed(path: Path) -> list[tuple[str, ...]]:
    """Return what a reader finds that follows the offsets and believes nothing else (PS3.3 F.2.2)."""
    dataset = dcmread(path)
    at = {item.seq_item_tell: item for item in dataset.DirectoryRecordSequence}

    def below(offset: int, so_far: tuple[str, ...]) -> list[tuple[str, ...]]:
        found = []
        while offset:
            item = at[offset]
            here = (*so_far, item.DirectoryRecordType)
            found += below(item.OffsetOfReferencedLowerLevelDirectoryEntity, here) or [
                (*here, item.ReferencedSOPInstanceUIDInFile)
            ]
            offset = item.OffsetOfTheNextDirectoryRecord
        return found

    last = at[dataset.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity]
    assert last.OffsetOfTheNextDirectoryRecord == 0
    return below(dataset.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, ())


def test_the_offsets_lead_to_every_image_in_order(tmp_path):
    listed = medium(tmp_path)
    assert followed(tmp_path / "DICOMDIR") == [
        ("PATIENT", "STUDY", "SERIES", "IMAGE", record.sop_instance_uid) for record, _ in listed
    ]


def test_pydicom_reads_it_as_a_file_set_and_finds_every_file(tmp_path):
    listed = medium(tmp_path)
    found = FileSet(tmp_path / "DICOMDIR")
    assert found.ID == "NEGATOSCOPE"
    assert [Path(one.path) for one in found] == [tmp_path.joinpath(*parts) for _, parts in listed]
    assert [one.load().SOPInstanceUID for one in found] == [record.sop_instance_uid for record, _ in listed]
    assert {(one.PatientID, one.StudyInstanceUID, one.StudyID) for one in found} == {
        ("P1", "1.2.1.1", "S7"), ("P1", "1.2.1.2", "S7"), ("P2", "1.2.2.1", "S7"),
    }  # fmt: skip
    found._stage["t"].cleanup()


def test_our_own_reader_of_media_finds_every_file(tmp_path):
    listed = medium(tmp_path)
    found = read_directory(str(tmp_path / "DICOMDIR"))
    assert found.files == tuple("/".join(parts) for _, parts in listed)
    assert found.problems == ()


@pytest.mark.skipif(dcmgpdir is None, reason="dcmgpdir of DCMTK is not installed")
def test_dcmtk_follows_it_and_adds_to_it(tmp_path):
    """Dcmgpdir builds its tree from the offsets; what it writes again has all records, in the same places."""
    listed = medium(tmp_path)
    put(tmp_path, 3, 1, 1, 1)
    more = "DICOM/PAT00003/STU00001/SER00001/IMG00001"
    done = subprocess.run(
        [dcmgpdir, "--append", "--output-file", "DICOMDIR", more],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert followed(tmp_path / "DICOMDIR")[: len(listed)] == [
        ("PATIENT", "STUDY", "SERIES", "IMAGE", record.sop_instance_uid) for record, _ in listed
    ]
    assert len(followed(tmp_path / "DICOMDIR")) == len(listed) + 1


@pytest.mark.skipif(dcmdump is None, reason="dcmdump of DCMTK is not installed")
def test_dcmdump_reads_every_record_without_a_complaint(tmp_path):
    medium(tmp_path)
    done = subprocess.run([dcmdump, tmp_path / "DICOMDIR"], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("(0004,1430)") == 2 + 3 + 4 + 7


def test_a_name_in_another_script_is_written_in_utf_8_and_an_ascii_one_without_a_character_set(tmp_path):
    name = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    listed = [put(tmp_path, 1, 1, 1, 1, PatientName=name, SpecificCharacterSet="ISO_IR 192")]
    listed.append(put(tmp_path, 2, 1, 1, 1, PatientName="Plain^Name"))
    path = tmp_path / "DICOMDIR"
    path.write_bytes(directory(listed, lambda record: read_header(record.path)))
    patients = [
        item for item in dcmread(path).DirectoryRecordSequence if item.DirectoryRecordType == "PATIENT"
    ]
    assert [str(item.PatientName) for item in patients] == [name, "Plain^Name"]
    assert "SpecificCharacterSet" in patients[0]
    assert "SpecificCharacterSet" not in patients[1]


def test_a_presentation_state_and_a_report_have_what_their_records_require(tmp_path):
    image, parts = put(tmp_path, 1, 1, 1, 1)
    state = replace(image, sop_class_uid=GSPS, sop_instance_uid="1.2.9", rows=None)
    report = replace(image, sop_class_uid=REPORT, sop_instance_uid="1.2.10", rows=None)
    headers = {"1.2.9": state_header(), "1.2.10": report_header()}
    listed = [(image, parts), (state, (*parts[:-1], "IMG00002")), (report, (*parts[:-1], "IMG00003"))]
    path = tmp_path / "DICOMDIR"
    path.write_bytes(directory(listed, lambda record: headers.get(record.sop_instance_uid)))
    *_, second, third = dcmread(path).DirectoryRecordSequence
    assert (second.DirectoryRecordType, second.ContentLabel) == ("PRESENTATION", "READING")
    inner = second.ReferencedSeriesSequence[0]
    assert inner.ReferencedImageSequence[0].ReferencedSOPInstanceUID == image.sop_instance_uid
    assert (third.DirectoryRecordType, third.CompletionFlag) == ("SR DOCUMENT", "COMPLETE")
    assert third.ConceptNameCodeSequence[0].CodeMeaning == "Befund: Größe"
    assert "ContentSequence" not in third


def state_header() -> Dataset:
    header, series, image = Dataset(), Dataset(), Dataset()
    header.ContentLabel, header.PresentationCreationDate = "READING", "20260101"
    series.SeriesInstanceUID, image.ReferencedSOPInstanceUID = "1.2.1.1.1", "1.2.1.1.1.1"
    series.ReferencedImageSequence = [image]
    header.ReferencedSeriesSequence = [series]
    return header


def report_header() -> Dataset:
    header, code = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "1", "99X", "Befund: Größe"
    header.CompletionFlag, header.ConceptNameCodeSequence = "COMPLETE", [code]
    header.ContentSequence = [Dataset()]
    return header


@pytest.mark.parametrize(
    ("end", "rows", "kind"),
    [
        ("2", 4, "IMAGE"), ("66.4", 4, "IMAGE"), ("481.1", 4, "IMAGE"), ("11.8", None, "PRESENTATION"),
        ("88.59", None, "KEY OBJECT DOC"), ("88.22", None, "SR DOCUMENT"), ("9.1.1", None, "WAVEFORM"),
        ("104.1", None, "ENCAP DOC"), ("481.2", 4, "RT DOSE"), ("481.3", None, "RT STRUCTURE SET"),
        ("66", None, "RAW DATA"), ("66.1", None, "REGISTRATION"), ("4.2", None, "SPECTROSCOPY"),
        ("999", None, "PRIVATE"), ("999", 4, "IMAGE"),
    ],
)  # fmt: skip
def test_each_kind_of_object_has_its_type_of_record(tmp_path, end, rows, kind):
    record, _ = put(tmp_path, 1, 1, 1, 1)
    assert record_type(replace(record, sop_class_uid=f"1.2.840.10008.5.1.4.1.1.{end}", rows=rows)) == kind


def test_what_is_not_said_stays_empty_and_what_orders_is_counted(tmp_path):
    record, parts = put(tmp_path, 1, 1, 1, 1)
    series = replace(record.series, series_number=None, study=replace(record.series.study, study_date=""))
    path = tmp_path / "DICOMDIR"
    listed = [(replace(record, series=series, instance_number=None), parts)]
    path.write_bytes(directory(listed, lambda _: None))
    _, study, its_series, image = dcmread(path).DirectoryRecordSequence
    assert (study.StudyDate, study.StudyID, its_series.SeriesNumber, image.InstanceNumber) == ("", "1", 1, 1)


def test_nothing_to_list_is_a_directory_without_records():
    assert b"DICM" in directory([], lambda _: None)[:132]
