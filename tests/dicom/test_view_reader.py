"""View, side, modifiers and what contradicts itself: codes first, words second, nothing guessed."""

import make
import numpy as np
import pytest
from pydicom import Dataset, uid

from viewer.dicom.describe import describe
from viewer.dicom.view import View


def code(value: str, scheme: str = "SCT", meaning: str = "a meaning", **more: object) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    for keyword, content in more.items():
        setattr(item, keyword, content)
    return item


def mammogram(**attributes: object) -> Dataset:
    """Return a right MLO without View Position, as the standard orients it."""
    plain: dict[str, object] = {
        "SOPClassUID": uid.DigitalMammographyXRayImageStorageForPresentation,
        "Modality": "MG",
        "ImageLaterality": "R",
        "PatientOrientation": ["P", "FL"],
        "ViewPosition": None,
        "ViewCodeSequence": [code("399368009")],
        "PhotometricInterpretation": "MONOCHROME2",
    }
    return make.cr_mono1(np.zeros((6, 8), "<u2"), **(plain | attributes))


@pytest.mark.parametrize(
    ("value", "scheme", "name"),
    [
        ("399162004", "SCT", "CC"),
        ("R-10242", "SRT", "CC"),
        ("399368009", "SCT", "MLO"),
        ("R-10226", "SNM3", "MLO"),
        ("399260004", "SCT", "ML"),
        ("272479007", "SCT", "PA"),
        ("R-10206", "SRT", "AP"),
        ("399173006", "SCT", "LL"),
    ],
)
def test_the_view_code_names_the_view(value: str, scheme: str, name: str) -> None:
    assert describe(mammogram(ViewCodeSequence=[code(value, scheme)]), 1).view.name == name


def test_the_code_wins_over_view_position_which_serves_where_the_code_is_unknown() -> None:
    assert describe(mammogram(ViewPosition="CC"), 1).view.name == "MLO"
    assert describe(mammogram(ViewPosition="CC", ViewCodeSequence=[code("0")]), 1).view.name == "CC"
    assert describe(mammogram(ViewPosition="XYZ", ViewCodeSequence=None), 1).view.name == "XYZ"


def test_a_ct_has_no_view() -> None:
    assert describe(make.ct(), 1).view == View()


@pytest.mark.parametrize(
    ("attributes", "side"),
    [
        ({}, "R"),
        ({"ImageLaterality": None, "Laterality": "L", "PatientOrientation": ["A", "FR"]}, "L"),
        ({"ImageLaterality": "B", "PatientOrientation": None}, "B"),
        ({"ImageLaterality": "U"}, ""),
    ],
)
def test_the_side_is_that_of_the_image_else_of_the_series(attributes: dict, side: str) -> None:
    assert describe(mammogram(**attributes), 1).view.laterality == side


def test_modifiers_stand_within_the_view_code_or_beside_it_and_are_said_on_the_picture() -> None:
    within = code("399162004", ViewModifierCodeSequence=[code("399163009"), code("R-102D7", "SRT")])
    image = describe(mammogram(ViewCodeSequence=[within], PatientOrientation=["P", "L"]), 1)
    assert image.view.modifiers == ("magnification", "spot compression")
    assert {"Magnification", "Spot compression"} <= set(image.notices)
    assert not image.view.plain
    beside = describe(mammogram(ViewModifierCodeSequence=[code("399209000")]), 1)
    assert beside.view.modifiers == ("implant displaced",)
    unknown = describe(mammogram(ViewModifierCodeSequence=[code("1", meaning="Seen from Afar")]), 1)
    assert unknown.view.modifiers == ("seen from afar",)
    assert describe(mammogram(), 1).view.plain


def test_a_partial_view_is_known_by_either_attribute() -> None:
    for attributes in ({"PartialView": "YES"}, {"PartialViewCodeSequence": [code("R-404CC")]}):
        image = describe(mammogram(**attributes), 1)
        assert image.view.partial
        assert not image.view.plain
        assert "Partial view" in image.notices
    assert not describe(mammogram(PartialView="NO"), 1).view.partial


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({}, ""),
        ({"PatientOrientation": ["A", "FL"]}, ""),  # the same breast, mirrored: turned, not doubted
        ({"PatientOrientation": ["A", "FR"]}, "Laterality R contradicts Patient Orientation"),
        ({"PatientOrientation": ["P", "L"]}, "View MLO contradicts Patient Orientation P\\L"),
        ({"PatientOrientation": ["L", "F"]}, "Patient Orientation L\\F is that of no mammogram"),
        ({"Laterality": "L"}, "Laterality contradicts itself: series L, image R"),
        ({"PatientOrientation": None}, ""),
        (
            {"ViewCodeSequence": [code("127457009")], "PatientOrientation": ["L", "F"]},
            "",
        ),  # no breast is on it
    ],
)
def test_A17_side_view_and_orientation_that_exclude_each_other_are_said(attributes: dict, words: str) -> None:
    image = describe(mammogram(**attributes), 1)
    assert image.view.conflict == words
    if "aterality" in words:
        assert words in image.notices
