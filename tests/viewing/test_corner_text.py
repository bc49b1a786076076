"""The corners say who, where and how, and leave out what is not known."""

from dataclasses import astuple, replace
from pathlib import Path

import make
import numpy as np
import pytest
from pydicom import Dataset

from viewer.dicom.describe import describe
from viewer.dicom.image import ImageDescription, Lossy
from viewer.dicom.luts import LookupTable, Voi, Window, WindowFunction
from viewer.dicom.orientation import edge_letters
from viewer.dicom.plane import ImagePlane
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.paths import resource
from viewer.viewing.corner_text import (
    Corners,
    Detail,
    Position,
    Subject,
    Template,
    corner_text,
    load,
    lossy_text,
    voi_text,
)

CT = ImageDescription(
    FrameKey("1.2"),
    "1.2.840.10008.5.1.4.1.1.2",
    512,
    512,
    text={
        "PatientName": "Testperson, Tina",
        "PatientID": "T-1",
        "PatientBirthDate": "1970-01-31",
        "PatientSex": "F",
        "InstitutionName": "General Hospital",
        "StudyDescription": "Chest",
        "StudyDate": "2026-11-22",
        "Modality": "CT",
        "SeriesNumber": "3",
        "SliceLocation": "H 42.5 mm",
        "KVP": "120 kV",
        "SliceThickness": "2.5 mm",
    },
)
SUBJECT = Subject(CT, Position(12, 135), Window(40, 400), 1.5)


@pytest.fixture
def shipped() -> Template:
    return load(resource("corner_text.toml"))


def written(folder: Path, text: str) -> Path:
    path = folder / "corner_text.toml"
    path.write_text(text, "utf-8")
    return path


def test_bir_B24_B25_the_shipped_template_puts_everything_in_its_corner(shipped: Template) -> None:
    corners = corner_text(shipped, SUBJECT, Detail.FULL)
    assert corners.upper_left == ("Testperson, Tina", "T-1", "1970-01-31   F")
    assert corners.upper_right == ("General Hospital", "Chest", "2026-11-22")
    assert corners.lower_left == ("Se 3   Im 12/135", "H 42.5 mm   orientation unknown")
    assert corners.lower_right == ("120 kV", "2.5 mm", "W 400  C 40   Zoom 150 %")


def test_minimal_keeps_identity_position_and_window(shipped: Template) -> None:
    corners = corner_text(shipped, SUBJECT, Detail.MINIMAL)
    assert corners == Corners(
        ("Testperson, Tina", "T-1   1970-01-31"),
        ("2026-11-22",),
        ("Se 3   Im 12/135",),
        ("W 400  C 40   Zoom 150 %",),
    )


def test_off_is_empty(shipped: Template) -> None:
    assert corner_text(shipped, SUBJECT, Detail.OFF) == Corners()


def test_an_image_that_says_nothing_has_no_empty_lines(shipped: Template) -> None:
    known = replace(CT, text={}, patient_orientation=("L", "P"))
    assert corner_text(shipped, Subject(known), Detail.FULL) == Corners()


def test_A03_what_has_no_letters_at_its_edges_says_so_in_words(shipped: Template) -> None:
    unknown = replace(CT, text={})
    assert corner_text(shipped, Subject(unknown), Detail.FULL).lower_left == ("orientation unknown",)
    plane = ImagePlane((0, 0, 0), (1, 0, 0), (0, 1, 0), 1, 1)
    assert corner_text(shipped, Subject(replace(unknown, plane=plane)), Detail.FULL) == Corners()
    page = replace(unknown, sop_class_uid="1.2.840.10008.5.1.4.1.1.104.1")  # of an encapsulated PDF
    assert corner_text(shipped, Subject(page), Detail.FULL) == Corners()


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ({"Laterality": "R"}, "R"),
        ({"Laterality": "R", "ImageLaterality": "L"}, "L"),
        ({"Laterality": "R", "ImageLaterality": "L", "FrameLaterality": "B"}, "B"),
        ({}, ""),
    ],
)
def test_A17_the_side_is_that_of_frame_image_or_series(stated, shown, shipped: Template) -> None:
    dataset = make.cr_mono1()
    for keyword in ("Laterality", "ImageLaterality"):
        dataset.pop(keyword, None)
    for keyword in stated.keys() - {"FrameLaterality"}:
        setattr(dataset, keyword, stated[keyword])
    if "FrameLaterality" in stated:
        anatomy = Dataset()
        anatomy.FrameLaterality = stated["FrameLaterality"]
        macro = Dataset()
        macro.FrameAnatomySequence = [anatomy]
        dataset.SharedFunctionalGroupsSequence = [macro]
    image = describe(dataset, 1)
    assert image.text.get("Side", "") == shown
    told = corner_text(shipped, Subject(image), Detail.MINIMAL).lower_left
    assert any(line.endswith(shown) for line in told) or not shown
    assert any("Laterality contradicts itself" in word for word in image.notices) is (len(stated) > 1)


def test_A09_A16_frames_and_losses_are_said(shipped: Template) -> None:
    image = replace(CT, key=FrameKey("1.2", 7), number_of_frames=96, lossy=Lossy(12.04, "JPEG 2000"), text={})
    corners = corner_text(shipped, Subject(image), Detail.MINIMAL)
    assert corners.lower_left == ("Fr 7/96", "Lossy JPEG 2000 12:1")


def test_each_modality_has_its_technique_and_shares_the_rest(shipped: Template) -> None:
    words = {**CT.text, "Modality": "MR", "RepetitionTime": "500 ms", "EchoTime": "15 ms"}
    corners = corner_text(shipped, Subject(replace(CT, text=words)), Detail.FULL)
    assert corners.lower_right == ("TR 500 ms   TE 15 ms", "2.5 mm")
    assert corners.upper_left[0] == "Testperson, Tina"


def test_words_of_a_header_are_not_read_as_a_template(shipped: Template) -> None:
    image = replace(CT, text={"PatientName": r"{PatientID} \g<0> \1", "PatientID": "secret"})
    assert corner_text(shipped, Subject(image), Detail.FULL).upper_left[0] == r"{PatientID} \g<0> \1"


@pytest.mark.parametrize(
    ("voi", "words"),
    [
        (Window(40, 400), "W 400  C 40"),
        (Window(-600, 1500, explanation="Lung", source="preset Lung"), "W 1500  C -600 (Lung)"),
        (Window(1234.56, 2345.6, source="auto"), "W 2346  C 1235 (auto)"),
        (Window(0.00125, 0.0025, WindowFunction.LINEAR_EXACT), "W 0.0025  C 0.00125 (linear exact)"),
        (Window(50, 99.5, WindowFunction.SIGMOID, "HARD"), "W 99.5  C 50 (HARD, sigmoid)"),
    ],
)
def test_a_window_is_said_shortly_with_what_is_unusual(voi: Voi, words: str) -> None:
    assert voi_text(voi) == words


def test_a_table_is_said_by_its_explanation() -> None:
    entries = np.zeros(2, np.uint16)
    assert voi_text(LookupTable(0, entries, 16, "HARDER")) == "VOI table HARDER"
    assert voi_text(LookupTable(0, entries, 16)) == "VOI table"


def test_losses_without_numbers_are_said_too() -> None:
    assert lossy_text(Lossy()) == "Lossy"
    assert lossy_text(Lossy(None, "JPEG")) == "Lossy JPEG"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[full", "cannot be read"),
        ("[fuller]\n", "unknown key fuller"),
        ("[full]\nmiddle = []\n", "unknown key full.middle"),
        ("full = 3\n", "full must be a table"),
        ("[full]\nupper_left = 3\n", "full.upper_left must be a list of lines"),
        ('[full]\nupper_left = ["{Shoe}"]\n', "full.upper_left names an unknown attribute {Shoe}"),
        ("modality = 3\n", "must be a list of tables"),
        ("[[modality]]\n", "modality 1: names must be a list"),
        ('[[modality]]\nnames = ["CT"]\nfuller = 3\n', "modality 1: unknown key fuller"),
    ],
)
def test_a_wrong_template_is_refused_naming_file_and_entry(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ViewerError) as caught:
        load(written(tmp_path, text))
    assert reason in str(caught.value)
    assert str(caught.value).startswith("corner_text.toml")


@pytest.mark.parametrize("modality", ["CT", "MG", "DX"])
def test_a17_a24_the_side_and_the_word_derived_stand_in_the_corners(shipped: Template, modality: str) -> None:
    dataset = make.cr_mono1(Modality=modality, Laterality="L", ImageType=["DERIVED", "PRIMARY"])
    corners = corner_text(shipped, Subject(describe(dataset, 1)), Detail.FULL)
    pieces = [
        piece for lines in astuple(corners) for line in lines for piece in line.replace("|", " ").split()
    ]
    assert "L" in pieces
    assert "Derived" in pieces
    original = describe(make.cr_mono1(Modality=modality, ImageType=["ORIGINAL", "PRIMARY"]), 1)
    assert not original.text.get("Derived")


def test_bir_B26_a_lossy_image_says_how_it_was_compressed_and_how_much(shipped: Template) -> None:
    dataset = make.ct()
    dataset.LossyImageCompression = "01"
    dataset.LossyImageCompressionRatio = "17.5"
    dataset.LossyImageCompressionMethod = "ISO_10918_1"
    for detail in (Detail.FULL, Detail.MINIMAL):
        lines = corner_text(shipped, Subject(describe(dataset, 1)), detail).lower_left
        assert any(line.startswith("Lossy JPEG 17.5:1") for line in lines)


def test_bir_B21_letters_and_side_stand_on_the_picture_where_they_are_known(shipped: Template) -> None:
    image = describe(make.ct(Laterality="R"), 1)
    edges = edge_letters(image, 0, flipped=False)
    assert edges is not None
    assert edges.left + edges.right + edges.top + edges.bottom == "RLAP"
    lines = corner_text(shipped, Subject(image), Detail.FULL).lower_left
    assert any("R" in line.split() for line in lines)
    assert not any("orientation unknown" in line for line in lines)
