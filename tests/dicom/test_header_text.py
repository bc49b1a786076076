"""The words of the corners are what a person reads, clean and short."""

import make
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from viewer.dicom.describe import describe
from viewer.dicom.header import clean
from viewer.dicom.header_text import KEYWORDS, number_text


def test_identity_dates_and_technique_are_written_for_a_person() -> None:
    dataset = make.ct(
        PatientName="Testperson^Tina",
        PatientBirthDate="19700131",
        PatientAge="056Y",
        StudyDate="20261122",
        StudyTime="101112.5",
        XRayTubeCurrent="250",
    )
    words = describe(dataset, 1).text
    assert words["PatientName"] == "Testperson, Tina"
    assert (words["PatientBirthDate"], words["PatientAge"]) == ("1970-01-31", "56 years")
    assert (words["StudyDate"], words["StudyTime"]) == ("2026-11-22", "10:11:12")
    assert (words["KVP"], words["XRayTubeCurrent"], words["SliceThickness"]) == ("120 kV", "250 mA", "2.5 mm")
    assert words["Modality"] == "CT"
    assert words["TransferSyntaxName"] == "Explicit VR Little Endian"


def test_empty_and_absent_attributes_have_no_words() -> None:
    words = describe(make.sc(PatientName="", PatientID=None, AccessionNumber="  "), 1).text
    assert not {"PatientName", "PatientID", "AccessionNumber", "KVP"} & words.keys()
    assert all(words.values())
    assert words.keys() <= KEYWORDS


@pytest.mark.parametrize(
    ("position", "orientation", "words"),
    [
        ((1, 2, 30.75), make.AXIAL, "H 30.8 mm"),
        ((1, 2, -42.54), make.AXIAL, "F 42.5 mm"),
        ((-10.5, 2, 3), (0, 1, 0, 0, 0, -1), "R 10.5 mm"),
        ((1, 20.25, 3), (1, 0, 0, 0, 0, -1), "P 20.2 mm"),
    ],
)
def test_the_location_is_where_the_plane_crosses_its_axis(
    position: tuple[float, float, float], orientation: tuple[float, ...], words: str
) -> None:
    dataset = make.ct(position=position, orientation=orientation, SliceLocation="999")
    assert describe(dataset, 1).text["SliceLocation"] == words


def test_without_a_plane_the_stated_location_is_shown() -> None:
    assert describe(make.cr_mono1(SliceLocation="12.34"), 1).text["SliceLocation"] == "12.3 mm"


def test_a17_the_side_nearest_to_the_pixels_is_shown() -> None:
    assert describe(make.cr_mono1(Laterality="R"), 1).text["Side"] == "R"
    assert describe(make.cr_mono1(Laterality="R", ImageLaterality="L"), 1).text["Side"] == "L"
    frames = make.enhanced_ct(2, Laterality="L")
    anatomy = Dataset()
    anatomy.FrameLaterality = "R"
    frames.PerFrameFunctionalGroupsSequence[1].FrameAnatomySequence = [anatomy]
    assert [describe(frames, number).text["Side"] for number in (1, 2)] == ["L", "R"]


def test_the_dose_of_a_tracer_is_in_megabecquerel() -> None:
    drug = Dataset()
    drug.RadionuclideTotalDose = "370500000"
    dataset = make.mr(Modality="PT", RadiopharmaceuticalInformationSequence=[drug])
    assert describe(dataset, 1).text["RadionuclideTotalDose"] == "370.5 MBq"


def test_long_text_is_cut_and_what_could_deceive_is_removed() -> None:
    dataset = make.sc(StudyDescription="a\x1b[31mb\x00c\u202edcb\r\nd", ImageComments="x" * 5000)
    words = describe(dataset, 1).text
    assert words["StudyDescription"] == "a[31mbcdcb  d"
    assert (len(words["ImageComments"]), words["ImageComments"][-2:]) == (1024, "x…")


@given(st.text())
def test_clean_text_prints_on_one_line_and_stays_clean(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert len(once.splitlines()) <= 1


@pytest.mark.parametrize(
    ("number", "text"),
    [(120.0, "120"), (2.5, "2.5"), (0.625, "0.625"), (-0.00001, "0"), (1e6, "1000000"), (1 / 3, "0.3333")],
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert number_text(number) == text
