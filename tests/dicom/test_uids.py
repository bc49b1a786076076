from pydicom.uid import UID, UID_dictionary

from viewer.dicom.uids import (
    SOP_CLASSES,
    TRANSFER_SYNTAXES,
    Kind,
    sop_class,
    transfer_syntax_name,
)

STORAGE = "1.2.840.10008.5.1.4.1.1."


def test_every_storage_class_of_the_standard_has_a_row():
    medical = {
        uid
        for uid, (name, kind, *_) in UID_dictionary.items()
        if kind == "SOP Class"
        and "Storage" in name
        and uid.startswith(STORAGE)
        and ".501." not in uid
        and ".601." not in uid
    }
    assert medical - set(SOP_CLASSES) == set()


def test_names_are_those_of_the_standard_without_storage():
    for uid, found in SOP_CLASSES.items():
        if (
            uid.startswith(STORAGE)
            and uid in UID_dictionary
            and "Retired" not in UID(uid).info
            and "trial" not in found.name
        ):
            assert found.name == UID(uid).name.replace(" Storage", "", 1).replace(" SOP Class", ""), uid


def test_what_has_pixels_is_an_image_or_a_segmentation():
    assert sop_class(STORAGE + "2").kind is Kind.IMAGE
    assert sop_class(STORAGE + "481.2").has_pixels  # RT Dose
    assert sop_class(STORAGE + "66.4").has_pixels
    assert not sop_class(STORAGE + "66.5").has_pixels  # a surface
    assert not sop_class(STORAGE + "4.2").has_pixels  # spectra


def test_kinds_that_the_program_treats_apart():
    assert sop_class(STORAGE + "11.1").kind is Kind.PRESENTATION_STATE
    assert sop_class(STORAGE + "88.59").kind is Kind.KEY_OBJECT
    assert sop_class(STORAGE + "88.67").kind is Kind.REPORT
    assert sop_class(STORAGE + "104.1").kind is Kind.DOCUMENT
    assert sop_class(STORAGE + "9.1.1").kind is Kind.WAVEFORM
    assert sop_class(STORAGE + "481.5").kind is Kind.RT


def test_projections_are_x_ray_views_and_no_slices():
    projected = {uid for uid, found in SOP_CLASSES.items() if found.projection}
    assert {STORAGE + end for end in ("1", "1.1", "1.2", "12.1", "12.2", "481.1")} <= projected
    assert not projected & {STORAGE + end for end in ("2", "4", "13.1.3", "128", "7", "6.1")}


def test_an_unknown_class_is_named_by_its_uid():
    found = sop_class("1.2.3")
    assert (found.name, found.kind, found.has_pixels) == ("unknown SOP class 1.2.3", Kind.OTHER, False)
    assert sop_class("").name == "object without a SOP class"


def test_transfer_syntaxes_have_names():
    assert transfer_syntax_name("1.2.840.10008.1.2.4.70") == "JPEG Lossless"
    assert transfer_syntax_name("1.2.3") == "unknown transfer syntax 1.2.3"
    assert transfer_syntax_name("") == "no transfer syntax"
    current = {
        uid
        for uid, (_, kind, _, retired, *_) in UID_dictionary.items()
        if kind == "Transfer Syntax" and not retired and not uid.startswith("1.2.840.10008.1.2.7")
    }
    assert current <= set(TRANSFER_SYNTAXES)
