"""A header is described whatever it holds: fallbacks and notices, errors only where there is no image."""

import struct
from pathlib import Path
from typing import Any

import make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread, uid
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from viewer.dicom.describe import describe
from viewer.dicom.image import Lossy, Padding
from viewer.dicom.luts import LookupTable, Window
from viewer.dicom.read import read_header
from viewer.errors import ViewerError

PRESENTATION = "Presentation LUT Shape (2050,0020)"
PHOTOMETRIC = "Photometric Interpretation (0028,0004)"


def raw(dataset: Dataset, keyword: str, value: bytes, vr: str = "") -> Dataset:
    """Put a value into a dataset as a file has it, unchecked."""
    tag = Tag(tag_for_keyword(keyword))
    vr = vr or dictionary_VR(tag)
    dataset[tag] = RawDataElement(tag, vr, len(value), value, 0, is_implicit_VR=False, is_little_endian=True)
    return dataset


def voi_table(count: int = 4) -> Dataset:
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [count, 0, 16], np.arange(count, dtype="<u2").tobytes()
    item["LUTDescriptor"].VR, item["LUTData"].VR = "US", "OW"
    return item


# -------------------------------------------------------------------------------------------- the format
def test_a_ct_is_described_as_its_header_says() -> None:
    described = describe(make.ct(), 1)
    assert (described.rows, described.columns, described.number_of_frames) == (make.ROWS, make.COLUMNS, 1)
    assert (described.bits_allocated, described.bits_stored, described.signed) == (16, 16, True)
    assert described.photometric == "MONOCHROME2"
    assert described.pixel_aspect == 2.0
    assert (described.projection, described.identity_voi, described.inverted) == (False, False, False)
    assert described.notices == ()


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"Rows": 0}, "0 rows"),
        ({"Rows": None}, "no usable Rows"),
        ({"Columns": None}, "no usable Columns"),
        ({"BitsAllocated": 12, "BitsStored": 24}, "12 bits allocated"),
        ({"BitsAllocated": None, "BitsStored": None}, "no usable BitsAllocated"),
        ({"SamplesPerPixel": 4}, "4 samples per pixel"),
        ({"NumberOfFrames": "1000001"}, "1000001 frames"),
    ],
)
def test_no_image_has_such_numbers(attributes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ViewerError, match=reason):
        describe(make.ct(**attributes), 1)


def test_rows_that_are_half_a_number_are_refused() -> None:
    with pytest.raises(ViewerError, match="no usable Rows"):
        describe(raw(make.ct(), "Rows", b"\x05"), 1)


def test_e01_of_two_numbers_of_rows_the_first_is_used_and_that_is_said() -> None:
    described = describe(raw(make.ct(), "Rows", b"\x05\x00\x06\x00"), 1)
    assert described.rows == 5
    assert described.notices == ("Rows (0028,0010) has 2 values: the first is used",)


@pytest.mark.parametrize("frame", [0, 4, -1])
def test_a_frame_that_is_not_there_is_refused(frame: int) -> None:
    with pytest.raises(ViewerError, match="3 frames"):
        describe(make.enhanced_ct(3), frame)


def test_an_error_names_the_file_and_no_patient(tmp_path: Path) -> None:
    path = make.write(make.ct(Rows=0), tmp_path / "scout.dcm")
    with pytest.raises(ViewerError) as caught:
        describe(dcmread(path), 1)
    assert str(caught.value).startswith("scout.dcm cannot be shown")
    assert "Testperson" not in str(caught.value)


def test_float_pixels_need_no_bits_stored() -> None:
    described = describe(make.sc(BitsAllocated=32, BitsStored=None, HighBit=None), 1)
    assert (described.bits_stored, described.notices) == (32, ())


def test_missing_words_about_the_pixels_are_assumed_and_said() -> None:
    described = describe(make.ct(PhotometricInterpretation=None, BitsStored=99), 1)
    assert (described.photometric, described.bits_stored) == ("MONOCHROME2", 16)
    assert len(described.notices) == 2


@given(
    st.sampled_from(
        [
            "WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept", "PixelSpacing",
            "ImagePositionPatient", "ImageOrientationPatient", "PixelAspectRatio", "SliceThickness", "KVP",
            "PatientName", "PatientAge", "StudyDate", "LossyImageCompressionRatio", "CineRate",
            "FrameTimeVector", "InstanceNumber", "PatientOrientation", "ImageType", "VOILUTFunction",
        ]
    ),
    st.binary(max_size=40),
)  # fmt: skip
def test_e01_any_bytes_in_an_attribute_leave_a_description(keyword: str, value: bytes) -> None:
    described = describe(raw(make.ct(), keyword, value), 1)
    assert described.rows == make.ROWS
    assert all(window.width > 0 for window in described.vois if isinstance(window, Window))


@given(st.binary(max_size=12), st.sampled_from(["US", "SS", "OW"]))
def test_e01_e03_any_bytes_in_a_table_leave_a_description(value: bytes, vr: str) -> None:
    item = raw(voi_table(), "LUTDescriptor", value, vr)
    assert describe(make.sc(VOILUTSequence=[item]), 1).rows == make.ROWS


# ---------------------------------------------------------------------------------------------- grays
@pytest.mark.parametrize(
    ("photometric", "shape", "inverted", "source"),
    [
        ("MONOCHROME2", None, False, f"{PHOTOMETRIC} MONOCHROME2"),
        ("MONOCHROME1", None, True, f"{PHOTOMETRIC} MONOCHROME1"),
        ("MONOCHROME2", "IDENTITY", False, f"{PRESENTATION} IDENTITY"),
        ("MONOCHROME1", "INVERSE", True, f"{PRESENTATION} INVERSE"),
        ("MONOCHROME1", "IDENTITY", False, f"{PRESENTATION} IDENTITY"),
        ("MONOCHROME2", "INVERSE", True, f"{PRESENTATION} INVERSE"),
    ],
)
def test_a14_the_picture_is_inverted_once_or_not_at_all(
    photometric: str, shape: str | None, source: str, *, inverted: bool
) -> None:
    dataset = make.cr_mono1(PhotometricInterpretation=photometric, PresentationLUTShape=shape)
    described = describe(dataset, 1)
    assert (described.inverted, described.presentation_source) == (inverted, source)
    contradiction = shape is not None and inverted != (photometric == "MONOCHROME1")
    assert bool(described.notices) == contradiction


@pytest.mark.parametrize(
    ("modality", "intent", "default"),
    [
        ("MG", "FOR PRESENTATION", 1),
        ("DX", "FOR PRESENTATION", 1),
        ("DX", "FOR PROCESSING", 0),
        ("CR", None, 0),
        ("CT", "FOR PRESENTATION", 0),
    ],
)
def test_c07_a_processed_radiograph_is_shown_first_with_its_makers_table(
    modality: str, intent: str | None, default: int
) -> None:
    dataset = make.cr_mono1(
        Modality=modality, PresentationIntentType=intent, VOILUTSequence=[voi_table(), voi_table()]
    )
    described = describe(dataset, 1)
    assert [type(voi) for voi in described.vois] == [Window, LookupTable, LookupTable]
    assert described.default_voi == default


@pytest.mark.parametrize(
    ("dataset", "identity"),
    [
        (make.sc(), True),
        (make.sc(make.ramp(dtype="<u2")), False),
        (make.sc(Modality="MR"), False),
        (make.sc(RescaleSlope="2", RescaleIntercept="0"), False),
        (make.sc(WindowCenter="5", WindowWidth="9"), False),
        (make.ct(WindowCenter=None, WindowWidth=None, PresentationLUTShape="IDENTITY"), False),
        (make.cr_mono1(WindowCenter=None, WindowWidth=None), False),
        (make.cr_mono1(WindowCenter=None, WindowWidth=None, PresentationLUTShape="INVERSE"), True),
        (make.us_color(), False),
        (make.sc(BitsAllocated=1, BitsStored=1, HighBit=0, Modality="SEG"), True),
        (make.sc(Modality="SEG", SegmentationType="LABELMAP"), False),
        (make.sc(Modality="SEG", SegmentationType="FRACTIONAL"), True),
    ],
)
def test_c08_values_for_the_screen_are_shown_as_they_are(dataset: Dataset, *, identity: bool) -> None:
    assert describe(dataset, 1).identity_voi == identity


@pytest.mark.parametrize(
    ("value", "limit", "vr", "signed", "expected"),
    [
        (63536, None, "US", 1, Padding(-2000, -2000)),  # a signed value under the wrong VR
        (-2000, None, "SS", 1, Padding(-2000, -2000)),
        (-2000, None, "SS", 0, Padding(63536, 63536)),
        (0, 15, "US", 0, Padding(0, 15)),
        (4095, 4000, "US", 0, Padding(4000, 4095)),  # MONOCHROME1: from the limit up
        (65534, 3, "US", 1, Padding(-2, 3)),
    ],
)
def test_a23_padding_has_the_sign_of_the_pixels(
    value: int, limit: int | None, vr: str, signed: int, expected: Padding
) -> None:
    dataset = make.sc(make.ramp(dtype="<u2"), PixelRepresentation=signed)
    for keyword, number in (("PixelPaddingValue", value), ("PixelPaddingRangeLimit", limit)):
        if number is not None:
            raw(dataset, keyword, struct.pack("<H", number & 0xFFFF), vr)
    assert describe(dataset, 1).padding == expected


def test_a23_padding_that_would_leave_nothing_to_see_is_ignored_and_told() -> None:
    for signed, ends in ((0, (0, 65535)), (0, (65535, 0)), (1, (-32768, 32767))):
        dataset = make.sc(make.ramp(dtype="<u2"), PixelRepresentation=signed)
        for keyword, number in zip(("PixelPaddingValue", "PixelPaddingRangeLimit"), ends, strict=True):
            raw(dataset, keyword, struct.pack("<H", number & 0xFFFF), "US")
        described = describe(dataset, 1)
        assert described.padding is None
        assert "Pixel Padding Range Limit (0028,0121) makes every value padding: ignored" in described.notices


# ---------------------------------------------------------------------------------------------- shape
@pytest.mark.parametrize(
    ("attributes", "aspect"),
    [
        ({"PixelAspectRatio": [4, 3]}, 4 / 3),
        ({"PixelAspectRatio": [4, 3], "PixelSpacing": [0.5, 1.0]}, 0.5),
        ({"ImagerPixelSpacing": [0.2, 0.1]}, 2.0),
        ({"NominalScannedPixelSpacing": [0.1, 0.2]}, 0.5),
        ({"PixelAspectRatio": [0, 3]}, 1.0),
        ({"PixelAspectRatio": [1000, 3]}, 1.0),
        ({}, 1.0),
    ],
)
def test_c21_the_shape_of_a_pixel_is_height_over_width(attributes: dict[str, Any], aspect: float) -> None:
    assert describe(make.sc(**attributes), 1).pixel_aspect == pytest.approx(aspect)


# ---------------------------------------------------------------------------------------------- losses
@pytest.mark.parametrize(
    ("attributes", "syntax", "expected"),
    [
        ({}, uid.ExplicitVRLittleEndian, None),
        ({"LossyImageCompression": "00"}, uid.JPEG2000, None),
        ({}, uid.JPEG2000, Lossy(None, "JPEG 2000")),
        ({}, uid.JPEGLSNearLossless, Lossy(None, "JPEG-LS")),
        ({"LossyImageCompression": "00"}, uid.JPEGBaseline8Bit, Lossy(None, "JPEG")),
        ({}, uid.JPEG2000Lossless, None),
        ({"LossyImageCompression": "01"}, uid.ExplicitVRLittleEndian, Lossy()),
        (
            {
                "LossyImageCompression": "01",
                "LossyImageCompressionRatio": ["5", "12.5"],
                "LossyImageCompressionMethod": ["ISO_10918_1", "ISO_15444_1"],
            },
            uid.ExplicitVRLittleEndian,
            Lossy(12.5, "JPEG 2000"),
        ),
    ],
)
def test_a16_a_lossy_image_says_how_and_how_much(
    attributes: dict[str, Any], syntax: str, expected: Lossy | None
) -> None:
    dataset = make.sc(**{"LossyImageCompression": None, **attributes})
    dataset.file_meta.TransferSyntaxUID = syntax
    assert describe(dataset, 1).lossy == expected


# ---------------------------------------------------------------------------------------------- notices
@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"PresentationIntentType": "FOR PROCESSING"}, "FOR PROCESSING: raw detector values"),
        (
            {"SOPClassUID": uid.DigitalMammographyXRayImageStorageForProcessing},
            "FOR PROCESSING: raw detector values",
        ),
        ({"QualityControlImage": "YES"}, "Quality control image"),
        ({"Laterality": "L", "ImageLaterality": "R"}, "Laterality contradicts itself: series L, image R"),
        (
            {"Modality": "MG", "ImageLaterality": "R", "PatientOrientation": ["P", "FR"]},
            "Laterality R contradicts Patient Orientation",
        ),
        (
            {"Modality": "MG", "ImageLaterality": "L", "PatientOrientation": ["A", "HR"]},
            "Laterality L contradicts Patient Orientation",
        ),
    ],
)
def test_a24_what_a_reader_must_know_first_is_a_notice(attributes: dict[str, Any], words: str) -> None:
    assert describe(make.cr_mono1(**attributes), 1).notices == (words,)


@pytest.mark.parametrize(
    "attributes",
    [
        {"Laterality": "L", "ImageLaterality": "B"},
        {"Laterality": "R", "ImageLaterality": "R"},
        {"Modality": "MG", "ImageLaterality": "R", "PatientOrientation": ["P", "FL"]},
        {"Modality": "MG", "ImageLaterality": "L", "PatientOrientation": ["A", "FR"]},
        {"Modality": "MG", "ImageLaterality": "L", "PatientOrientation": ["A", "R"]},
    ],
)
def test_a17_consistent_sides_are_no_notice(attributes: dict[str, Any]) -> None:
    assert describe(make.cr_mono1(**attributes), 1).notices == ()


def test_a17_a_frame_of_the_other_side_is_a_notice() -> None:
    dataset = make.enhanced_ct(2, Laterality="L")
    anatomy = Dataset()
    anatomy.FrameLaterality = "R"
    dataset.PerFrameFunctionalGroupsSequence[1].FrameAnatomySequence = [anatomy]
    assert describe(dataset, 1).notices == ()
    assert describe(dataset, 2).notices == ("Laterality contradicts itself: series L, frame R",)


@pytest.mark.parametrize(
    ("sop_class", "modality", "projection"),
    [
        (uid.ComputedRadiographyImageStorage, "CR", True),
        (uid.DigitalXRayImageStorageForPresentation, "DX", True),
        (uid.XRayAngiographicImageStorage, "XA", True),
        (uid.EnhancedXAImageStorage, "XA", True),
        (uid.XRay3DAngiographicImageStorage, "XA", False),
        (uid.BreastTomosynthesisImageStorage, "MG", False),
        (uid.SecondaryCaptureImageStorage, "DX", True),
        (uid.SecondaryCaptureImageStorage, "OT", False),
        (uid.UltrasoundImageStorage, "US", False),
    ],
)
def test_x_ray_shadows_are_projections(sop_class: str, modality: str, *, projection: bool) -> None:
    assert describe(make.sc(SOPClassUID=sop_class, Modality=modality), 1).projection == projection


# ---------------------------------------------------------------------------------------------- real files
@pytest.mark.corpus
def test_every_kind_of_real_file_is_described(corpus: Path) -> None:
    folders = ("color", "compression", "enhanced", "lut", "mg_dx_cr", "nm_pet", "overlay", "rt", "us", "xa")
    described = 0
    for path in sorted(file for name in folders for file in (corpus / name).rglob("*") if file.is_file()):
        dataset = read_header(str(path))
        if "Rows" not in dataset:
            continue
        found = describe(dataset, int(dataset.get("NumberOfFrames") or 1))
        assert found.pixel_aspect > 0
        described += 1
    assert described > 50


@pytest.mark.corpus
def test_pixel_padding_of_a_real_ct_lies_outside_its_window(corpus: Path) -> None:
    described = describe(dcmread(corpus / "syntax" / "pydicom__CT_small.dcm"), 1)
    assert described.padding == Padding(-2000, -2000)
    assert described.text["SliceLocation"] == "F 75.7 mm"
    assert described.calibration.row_spacing == 0.661468


@pytest.mark.parametrize(("slope", "intercept", "as_it_is"), [(1, 0, True), (2, 0, False), (1, -1024, False)])
def test_c08_a_radiograph_without_a_voi_is_shown_as_it_is_only_when_its_rescale_changes_nothing(
    slope: int, intercept: int, *, as_it_is: bool
) -> None:
    dataset = make.cr_mono1()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    dataset.Modality, dataset.PresentationIntentType = "DX", "FOR PRESENTATION"
    dataset.PhotometricInterpretation, dataset.PresentationLUTShape = "MONOCHROME2", "IDENTITY"
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = slope, intercept, "US"
    for keyword in ("WindowCenter", "WindowWidth", "VOILUTSequence"):
        if keyword in dataset:
            delattr(dataset, keyword)
    assert describe(dataset, 1).identity_voi is as_it_is


@pytest.mark.parametrize(
    ("limit", "expected"), [(None, Padding(-9999.0, -9999.0)), (-9000.0, Padding(-9999.0, -9000.0))]
)
def test_a23_float_pixel_data_have_a_float_padding_value(limit: float | None, expected: Padding) -> None:
    dataset = make.ct()
    dataset.FloatPixelPaddingValue = -9999.0
    if limit is not None:
        dataset.FloatPixelPaddingRangeLimit = limit
    assert describe(dataset, 1).padding == expected
