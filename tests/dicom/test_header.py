"""A value that cannot be read is None and a notice, never an exception."""

import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from viewer.dicom.header import MOST_NOTICES, Header, Notices, label


def header(tag: int, vr: str, value: bytes) -> Header:
    dataset = Dataset()
    dataset[Tag(tag)] = RawDataElement(
        Tag(tag), vr, len(value), value, 0, is_implicit_VR=False, is_little_endian=True
    )
    return Header(dataset, Notices())


def test_a_label_has_the_name_and_the_tag() -> None:
    assert label("WindowCenter") == "Window Center (0028,1050)"


def test_an_unknown_keyword_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        Header(Dataset(), Notices()).text("WindowCentre")


def test_a_fraction_is_no_whole_number() -> None:
    found = header(0x00181244, "US", b"\x02\x00")  # Preferred Playback Sequencing
    assert found.integer("PreferredPlaybackSequencing") == 2
    found = header(0x00080070, "LO", b"x")
    assert found.integer("Manufacturer") is None
    assert found.notices.words == ("Manufacturer (0008,0070) is not a number",)
    found = header(0x00200013, "IS", b"1.5 ")
    assert found.integer("InstanceNumber") is None
    assert found.notices.words == ("Instance Number (0020,0013) is not a whole number",)


def test_a_binary_value_of_the_wrong_length_is_damaged() -> None:
    found = header(0x00280010, "US", b"\x01")
    assert found.integer("Rows") is None
    assert found.notices.words == ("Rows (0028,0010) is damaged",)


def test_a_sequence_that_is_none_has_no_items() -> None:
    found = header(0x00283010, "OB", b"\x01\x02")
    assert found.items("VOILUTSequence") == []
    assert found.item("VOILUTSequence") is None


def test_notices_are_said_once_and_are_few() -> None:
    notices = Notices()
    for number in range(100):
        notices.add(f"notice {number}")
        notices.add("notice 0")
    assert len(notices.words) == MOST_NOTICES
    assert notices.words[:2] == ("notice 0", "notice 1")
