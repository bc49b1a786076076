import csv
import os
import struct
import threading
from pathlib import Path

import make
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import ct, enhanced_ct, mr, sc, us_color, write
from pydicom import Dataset, dcmread, uid
from pydicom.dataset import FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import generate_uid

from viewer.dicom.index import index_file
from viewer.dicom.parsed_header import parse
from viewer.dicom.records import InstanceRecord, Refused, Skipped


def indexed(dataset: Dataset, path: Path, syntax: str | None = None) -> InstanceRecord:
    found = index_file(str(write(dataset, path, syntax)))
    assert isinstance(found, InstanceRecord), found
    return found


def bare(sop_class: str, **attributes: object) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def test_a_record_holds_what_the_header_says(tmp_path):
    dataset = ct(
        PatientName="Müller^Jörg",
        InstanceNumber="7",
        AcquisitionNumber="3",
        TriggerTime="12.5",
        BodyPartExamined="HEAD",
    )
    record = indexed(dataset, tmp_path / "image")
    series, study, patient = record.series, record.series.study, record.series.study.patient
    assert (patient.patient_name, patient.patient_id, patient.patient_birth_date, patient.patient_sex) == (
        "Müller^Jörg",
        "TEST-1",
        "19700203",
        "F",
    )
    assert (study.study_instance_uid, study.study_date, study.study_time) == (
        dataset.StudyInstanceUID,
        "20260102",
        "030405",
    )
    assert (study.study_description, study.accession_number) == ("Test study", "A1")
    assert (series.series_instance_uid, series.modality, series.series_number) == (
        dataset.SeriesInstanceUID,
        "CT",
        1,
    )
    assert (series.series_description, series.body_part_examined) == ("Test series", "HEAD")
    assert (record.sop_instance_uid, record.sop_class_uid) == (dataset.SOPInstanceUID, dataset.SOPClassUID)
    assert (record.rows, record.columns, record.number_of_frames) == (6, 8, 1)
    assert record.pixel_spacing == (0.5, 0.25)
    assert record.image_position_patient == (-10.5, -20.25, 30.75)
    assert record.image_orientation_patient == (1, 0, 0, 0, 1, 0)
    assert (record.instance_number, record.acquisition_number, record.trigger_time) == (7, 3, 12.5)
    assert record.image_type == ("ORIGINAL", "PRIMARY", "AXIAL")
    assert (record.photometric_interpretation, record.samples_per_pixel) == ("MONOCHROME2", 1)
    assert record.transfer_syntax_uid == uid.ExplicitVRLittleEndian
    assert record.note == ""


def test_frames_and_geometry_of_an_enhanced_image(tmp_path):
    record = indexed(enhanced_ct(3), tmp_path / "image")
    assert record.number_of_frames == 3
    assert record.pixel_spacing == (0.5, 0.25)
    assert record.image_position_patient == (-10.5, -20.25, 30.75)


def test_the_b_value_of_each_vendor_is_found(tmp_path):
    standard = mr(DiffusionBValue=1000.0)
    siemens, philips, ge = mr(), mr(), mr()
    siemens.add_new(0x00190010, "LO", "SIEMENS MR HEADER")
    siemens.add_new(0x0019100C, "IS", "800")
    philips.add_new(0x20010010, "LO", "Philips Imaging DD 001")
    philips.add_new(0x20011003, "FL", 600.0)
    ge.add_new(0x00430010, "LO", "GEMS_PARM_01")
    ge.add_new(0x00431039, "IS", ["1000000700", "8", "0", "0"])
    found = [
        indexed(d, tmp_path / str(n)).diffusion_b_value
        for n, d in enumerate((standard, siemens, philips, ge))
    ]
    assert found == [1000, 800, 600, 700]


def test_a_private_element_of_another_vendor_is_no_b_value(tmp_path):
    dataset = mr()
    dataset.add_new(0x00190010, "LO", "SOMEBODY ELSE")
    dataset.add_new(0x0019100C, "IS", "800")
    assert indexed(dataset, tmp_path / "image").diffusion_b_value is None


def test_a_presentation_state_names_the_images_it_is_about(tmp_path):
    images = [generate_uid() for _ in range(3)]
    series = []
    for wanted in (images[:2], images[2:]):
        item = Dataset()
        item.SeriesInstanceUID = generate_uid()
        item.ReferencedImageSequence = []
        for instance in wanted:
            image = Dataset()
            image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = uid.CTImageStorage, instance
            item.ReferencedImageSequence.append(image)
        series.append(item)
    state = bare(
        uid.GrayscaleSoftcopyPresentationStateStorage,
        StudyInstanceUID="1.2",
        SeriesInstanceUID="1.3",
        ReferencedSeriesSequence=series,
    )
    assert indexed(state, tmp_path / "state").referenced_instance_uids == tuple(images)


def test_a_cut_file_is_used_with_a_note(tmp_path):
    path = write(ct(), tmp_path / "image")
    path.write_bytes(path.read_bytes()[:-10])
    record = index_file(str(path))
    assert isinstance(record, InstanceRecord)
    assert record.note == "the file is cut off: 86 of 96 bytes of its pixel data are there"


def test_pixel_data_too_short_for_the_dimensions_are_noted(tmp_path):
    record = indexed(ct(Rows=600), tmp_path / "image")
    assert record.note == "its pixel data have 96 bytes where Rows, Columns and frames need 9600"


def test_an_image_without_pixel_data_is_noted(tmp_path):
    assert indexed(ct(PixelData=None), tmp_path / "image").note == "it has no pixel data"


def test_colour_with_shared_chroma_needs_two_samples_a_pixel(tmp_path):
    image = us_color(PhotometricInterpretation="YBR_FULL_422")
    image.PixelData = bytes(6 * 8 * 2)
    assert indexed(image, tmp_path / "image").note == ""


def test_more_frames_than_the_file_can_hold_are_not_believed(tmp_path):
    record = indexed(us_color(frames=2, NumberOfFrames="2000000000"), tmp_path / "image")
    assert record.number_of_frames == 1
    assert "2000000000, more than the file can hold" in record.note


def test_rows_written_as_another_type_are_not_believed(tmp_path):
    data = write(ct(), tmp_path / "image").read_bytes()
    at = data.index(b"\x28\x00\x10\x00US\x02\x00")
    changed = data[: at + 4] + b"UL\x04\x00" + b"\xff\xff\xff\xff" + data[at + 10 :]
    (tmp_path / "image").write_bytes(changed)
    record = index_file(str(tmp_path / "image"))
    assert isinstance(record, InstanceRecord)
    assert record.rows is None
    assert "Rows or Columns" in record.note


def test_an_object_without_a_study_is_refused_by_what_it_is(tmp_path):
    palette = bare(uid.ColorPaletteStorage, ContentLabel="HOT")
    found = index_file(str(write(palette, tmp_path / "palette")))
    assert found == Refused(
        str(tmp_path / "palette"), "Color Palette without a Study Instance UID: it belongs to no study"
    )


def test_an_image_without_a_study_is_still_an_image(tmp_path):
    record = indexed(sc(StudyInstanceUID=None, SeriesInstanceUID=None), tmp_path / "image")
    assert record.series.study.study_instance_uid == ""


def test_the_instance_uid_of_the_meta_information_stands_in(tmp_path):
    dataset = ct()
    path = write(dataset, tmp_path / "image")
    data = path.read_bytes()
    at = data.index(b"\x08\x00\x18\x00UI")
    path.write_bytes(data[:at] + b"\x08\x00\x19\x00UI" + data[at + 6 :])
    record = index_file(str(path))
    assert isinstance(record, InstanceRecord)
    assert record.sop_instance_uid == dataset.SOPInstanceUID


def test_other_files_are_skipped_unless_their_name_promises_dicom(tmp_path):
    for name in ("notes.txt", "image.dcm"):
        (tmp_path / name).write_text("hello " * 100)
    (tmp_path / "empty").touch()
    (tmp_path / "empty.dcm").touch()
    found = {path.name: index_file(str(path)) for path in tmp_path.iterdir()}
    assert found["notes.txt"] == Skipped(str(tmp_path / "notes.txt"), "not a DICOM file")
    assert isinstance(found["image.dcm"], Refused)
    assert found["empty"] == Skipped(str(tmp_path / "empty"), "an empty file")
    assert isinstance(found["empty.dcm"], Refused)


def test_a_file_that_cannot_be_opened_is_refused_with_the_reason(tmp_path):
    found = index_file(str(tmp_path / "gone"))
    assert isinstance(found, Refused)
    assert "No such file" in found.reason
    assert isinstance(index_file(str(tmp_path)), Refused)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_never_blocks(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    found: list[object] = []
    reader = threading.Thread(target=lambda: found.append(index_file(str(tmp_path / "pipe"))), daemon=True)
    reader.start()
    reader.join(5)
    assert found == [Refused(str(tmp_path / "pipe"), "it is not a regular file")]


def test_the_words_about_a_file_hold_no_patient(tmp_path):
    path = write(ct(PatientName="Secret^Sam", StudyInstanceUID=None, Rows=None), tmp_path / "image")
    found = index_file(str(path))
    assert isinstance(found, Refused)
    assert "Secret" not in found.reason


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_damage_gives_a_record_or_a_reason(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("damage") / "image"
    content = bytearray(write(ct(SOPInstanceUID="1.2.3"), path).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    assert isinstance(index_file(str(path)), InstanceRecord | Refused | Skipped)


# ------------------------------------------------------------------------------------------- real files
@pytest.mark.corpus
def test_the_corpus_is_indexed_as_its_manifest_says(corpus):
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    wrong = []
    records = 0
    for row in rows:
        found = index_file(str(corpus / row["path"]))
        if not isinstance(found, InstanceRecord):
            if row["sop_instance_uid"]:
                known = "Color Palette" in row["sop_class"]
                wrong += [] if known else [(row["path"], found)]
            continue
        records += 1
        if row["sop_instance_uid"] and found.sop_instance_uid != row["sop_instance_uid"]:
            wrong.append((row["path"], found.sop_instance_uid))
        if row["rows"].isdigit() and found.rows != int(row["rows"]):
            wrong.append((row["path"], found.rows))
        if row["frames"].isdigit() and found.number_of_frames != int(row["frames"]):
            wrong.append((row["path"], found.number_of_frames))
    assert wrong == []
    assert records == 1028


@pytest.mark.corpus
def test_names_in_all_character_sets_are_those_that_the_parser_reads(corpus):
    for path in sorted((corpus / "charset").iterdir()):
        found = index_file(str(path))
        if isinstance(found, InstanceRecord):
            expected = str(dcmread(path).PatientName)
            assert found.series.study.patient.patient_name == expected.rstrip("=^"), path.name


def test_a_part_of_a_concatenation_is_known_by_its_place(tmp_path):
    dataset = make.enhanced_ct(
        2, ConcatenationUID="2.25.77", ConcatenationFrameOffsetNumber=70_000, InConcatenationNumber=2
    )
    record = index_file(str(make.write(dataset, tmp_path / "a.dcm")))
    assert (record.concatenation_uid, record.frame_offset) == ("2.25.77", 70_000)


@pytest.mark.parametrize("keyword", ["ReferencedSeriesSequence", "PerFrameFunctionalGroupsSequence"])
def test_e01_a_sequence_under_a_vr_that_does_not_exist_is_left_out(tmp_path, keyword):
    dataset = make.enhanced_ct(2)
    series = Dataset()
    series.SeriesInstanceUID = "1.2.3"
    series.ReferencedImageSequence = []
    dataset.ReferencedSeriesSequence = [series]
    path = make.write(dataset, tmp_path / "odd.dcm")
    data = bytearray(path.read_bytes())
    tag = Tag(keyword)
    at = data.index(struct.pack("<HH", tag.group, tag.element) + b"SQ")
    data[at + 4 : at + 6] = b"SA"
    path.write_bytes(data)
    found = index_file(str(path))
    assert isinstance(found, (InstanceRecord, Refused))
    parse(str(path), len(data))  # the tolerant parser has its own opinion, and no fault either
