"""Identifiers and command sets as bytes, against pydicom and pynetdicom as independent witnesses."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom.dsutils import decode as decode_dataset

from viewer.dicom.records import PatientRecord, StudyRecord
from viewer.network.access import UnreadableError
from viewer.network.dimse import command, status
from viewer.network.dimse.command import Field
from viewer.network.dimse.contexts import COMPRESSED, NATIVE, USUAL_SOP_CLASSES, storage
from viewer.network.dimse.identifier import (
    MODALITIES,
    PATIENT_NAME,
    STUDY,
    STUDY_DESCRIPTION,
    encode_keys,
    fits,
    read_answer,
)
from viewer.network.dimse.matching import belongs, name_pattern, skeleton
from viewer.network.dimse.receiving import file_head
from viewer.network.match import Match
from viewer.network.query import Query

NAME = "Müller^Jörg=山田^太郎"


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize(
    ("character_set", "name"),
    [
        ("ISO_IR 192", NAME),
        ("ISO_IR 100", "Åse^Müller*"),
        ("ISO_IR 126", "Διον*"),
        ("ISO_IR 144", "Люк*"),
        ("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("\\ISO 2022 IR 149", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("GB18030", "Wang^XiaoDong=王^小东"),
    ],
)
def test_pydicom_reads_the_keys_that_are_written(syntax: str, character_set: str, name: str) -> None:
    assert fits(name, character_set)
    keys = {PATIENT_NAME: name, STUDY: "1.2.3", MODALITIES: "CT"}
    data = encode_keys(keys, syntax, character_set)
    found = dcmread(BytesIO(file_head("1.2", "1.3", syntax, "A") + data))
    assert found.PatientName == name
    assert found.StudyInstanceUID == "1.2.3"
    assert found.ModalitiesInStudy == "CT"
    assert read_answer(data, syntax).text(PATIENT_NAME) == name


@pytest.mark.parametrize("implicit", [True, False])
def test_what_pydicom_writes_is_read(implicit: bool) -> None:  # noqa: FBT001
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.StudyDescription = NAME, "Thorax"
    dataset.ModalitiesInStudy = ["CT", "SR"]
    dataset.ReferencedStudySequence = [Dataset()]
    file = DicomBytesIO()
    file.is_little_endian, file.is_implicit_VR = True, implicit
    write_dataset(file, dataset)
    answer = read_answer(file.getvalue(), ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian)
    assert answer.name() == NAME
    assert answer.text(STUDY_DESCRIPTION) == "Thorax"
    assert answer.texts(MODALITIES) == ("CT", "SR")
    assert answer.text(STUDY) == ""


def test_too_many_uids_for_one_value_are_not_cut_off() -> None:
    with pytest.raises(ValueError, match="too many"):
        encode_keys({STUDY: "\\".join(["1.2.3.4.5.6.7.8.9"] * 5000)}, ExplicitVRLittleEndian)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (command.decode, lambda raw: read_answer(raw, ExplicitVRLittleEndian)):
        try:
            read(data)
        except UnreadableError:
            continue


def test_a_command_set_is_what_pynetdicom_reads() -> None:
    asked = command.request(
        command.C_STORE,
        7,
        "1.2.840.10008.5.1.4.1.1.2",
        data_set=True,
        more={Field.AFFECTED_INSTANCE: "1.2.3"},
    )
    data = command.encode(asked)
    found = decode_dataset(BytesIO(data), is_implicit_vr=True, is_little_endian=True)
    assert found.AffectedSOPClassUID == "1.2.840.10008.5.1.4.1.1.2"
    assert (found.CommandField, found.MessageID, found.AffectedSOPInstanceUID) == (1, 7, "1.2.3")
    assert found.CommandGroupLength == len(data) - 12
    assert found.CommandDataSetType != 0x0101
    assert command.decode(data) == asked


def test_statuses_in_words() -> None:
    kinds = {
        0: "SUCCESS",
        0xFF01: "PENDING",
        0xB007: "WARNING",
        0xFE00: "CANCELLED",
        0xA7FF: "FAILURE",
        0x1234: "FAILURE",
    }
    assert {code: status.kind(code).name for code in kinds} == kinds
    assert "AE title" in status.words(0xA801)
    assert status.words(0xA7FF) == "it is short of resources (status A7FF)"
    assert status.words(0xC211, "oops") == "it cannot process this (status C211, “oops”)"


def test_compressed_forms_are_proposed_first_and_one_in_a_context() -> None:
    few = storage(["1.2.840.10008.5.1.4.1.1.2"], 127)
    assert [syntaxes for _, syntaxes in few] == [(syntax,) for syntax in (*COMPRESSED, *NATIVE)]
    many = storage((), 127)
    assert len(many) <= 127
    assert {uid for uid, _ in many} == set(USUAL_SOP_CLASSES)
    for uid in USUAL_SOP_CLASSES:
        assert [syntaxes for each, syntaxes in many if each == uid][-2:] == [(syntax,) for syntax in NATIVE]
    assert len(storage([f"1.2.{number}" for number in range(200)], 127)) <= 127


@pytest.mark.parametrize(
    ("typed", "name", "expected"),
    [
        ("DOE", "Doe^Jane", True),
        ("doe, j", "DOE^JANE", True),
        ("Muller", "Müller^Jürgen", True),
        ("山田", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
        ("やまだ", "Yamada^Tarou=山田^太郎=やまだ^たろう", True),
        ("D?E^*", "DOE^JANE", True),
        ("JANE", "DOE^JANE", False),
        ("*JANE", "DOE^JANE", True),
        ("DOE", "", True),  # the peer does not say
        ("[A-Z]", "B", False),
    ],
)
def test_answers_are_compared_as_people_mean_it(typed: str, name: str, *, expected: bool) -> None:
    match = Match(StudyRecord("1.2", PatientRecord(name)))
    assert belongs(match, Query(patient_name=typed)) is expected


def test_names_as_they_are_asked_for() -> None:
    assert name_pattern("Doe, Jane") == "Doe^Jane*"
    assert name_pattern("Doe*") == "Doe*"
    assert name_pattern("") == ""
    assert skeleton("Müller^J*") == "M*ller^J*"
    assert skeleton("山田*") == "*"
