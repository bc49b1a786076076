"""Every step from the stored value to the grey, with its reason."""

import math
import random

import make
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import PositronEmissionTomographyImageStorage

from viewer.commands import render
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Padding, Suv
from viewer.dicom.luts import LookupTable, Palette, Rescale, Window, WindowFunction
from viewer.dicom.overlay import OverlayKind, OverlayPlane, Shutter
from viewer.dicom.pixels import FrameReader
from viewer.dicom.real_world import RealWorldMap
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError
from viewer.viewing.mpr import NOTICE
from viewer.viewing.why import explain, pixel_at

KEY = FrameKey("1.2.3")
STORED = np.array([[0, 1000, 1200], [1424, 3000, -2000]], "i2")
STAGES = ["stored", "padding", "modality", "voi", "presentation", "displayed"]
CT = {
    "modality_lut": Rescale(1, -1024, "HU", "Rescale Slope (0028,1053)"),
    "vois": (Window(40, 401, source="Window Center (0028,1050) value 1"),),
    "presentation_source": "Photometric Interpretation (0028,0004) MONOCHROME2",
    "signed": True,
}


def steps(stored, x, y, voi=None, *, inverted=False, photometric="MONOCHROME2", **attributes):
    """Return the steps by their stage."""
    image = ImageDescription(KEY, attributes.pop("sop_class_uid", "1.2"), *stored.shape[:2], **attributes)
    found = explain(image, Frame(KEY, stored, photometric), x, y, voi, inverted=inverted)
    assert [step.stage for step in found] == STAGES
    return {step.stage: step for step in found}


def test_each_stage_has_its_value_its_unit_and_what_decided():
    found = steps(STORED, 2.9, 0.1, **CT)
    assert (found["stored"].value, found["stored"].decided_by) == (
        1200,
        "Bits Stored (0028,0101) 16 of 16, signed, Pixel Representation (0028,0103) 1",
    )
    assert found["stored"].note == ""
    assert (found["modality"].value, found["modality"].unit) == (176, "HU")
    assert found["modality"].note == "1 x stored -1024"
    share = 100 * ((176 - 39.5) / 400 + 0.5)  # C.11.2.1.2.1
    assert found["voi"].value == pytest.approx(share, abs=0.05)
    assert found["voi"].note == "C 40 W 401 LINEAR"
    assert found["presentation"].value == found["voi"].value
    assert found["presentation"].note == f"P-value {round(share * 655.35)} of 65535"
    assert found["displayed"].value == round(share * 2.55)


def test_c10_bits_that_do_not_count_are_named():
    found = steps(STORED, 2, 0, **CT, bits_stored=12)["stored"]
    assert found.decided_by.startswith("Bits Stored (0028,0101) 12 of 16, signed")
    assert found.note == "the 12 bits up to High Bit (0028,0102), the others dropped, the sign extended"
    plain = steps(STORED.astype("u2"), 2, 0, bits_stored=10)["stored"]
    assert plain.decided_by == "Bits Stored (0028,0101) 10 of 16, unsigned"
    assert plain.note == "the 10 bits up to High Bit (0028,0102), the others dropped"


def test_the_readers_window_and_inversion_are_the_ones_that_are_explained():
    bone = Window(300, 2000, WindowFunction.LINEAR_EXACT, "Bone", "preset Bone")
    found = steps(STORED, 0.5, 1.5, bone, inverted=True, **CT)
    share = (400 - 300) / 2000 + 0.5
    assert (found["voi"].decided_by, found["voi"].note) == ("preset Bone", "C 300 W 2000 LINEAR_EXACT, Bone")
    assert found["presentation"].value == pytest.approx(100 * (1 - share), abs=0.05)
    assert found["presentation"].note == f"inverted by the reader, P-value {round(65535 * 0.45)} of 65535"
    assert found["displayed"].value == 115  # 0.45 * 255 = 114.75


def test_a14_an_image_and_its_reader_that_both_invert_show_high_values_bright():
    once = steps(STORED, 2, 0, inverted=False, **CT)
    image = ImageDescription(KEY, "1.2", *STORED.shape, inverted=True, **CT)
    twice = explain(image, Frame(KEY, STORED, "MONOCHROME1"), 2, 0, inverted=True)
    assert [step.value for step in twice] == [step.value for step in once.values()]
    assert twice[4].note.startswith("high values dark, inverted by the reader, P-value ")


def test_a23_padding_says_which_attribute_and_is_black():
    found = steps(STORED, 2.5, 1.5, padding=Padding(-2000, -1900), **CT)
    assert found["padding"].value is True
    assert found["padding"].decided_by == "Pixel Padding Value (0028,0120) and Range Limit: -2000 to -1900"
    single = steps(STORED, 0, 0, padding=Padding(-2000, -2000), **CT)["padding"]
    assert (single.value, single.decided_by) == (False, "Pixel Padding Value (0028,0120) -2000")
    floats = steps(np.array([[2.5]], "f4"), 0, 0, padding=Padding(2.5, 2.5))["padding"]
    assert (floats.value, "Float Pixel Padding Value" in floats.decided_by) == (True, True)
    assert (found["displayed"].value, found["displayed"].decided_by) == (0, "padding: black")
    assert steps(STORED, 0, 0, **CT)["padding"].decided_by == "none in the header"


def test_tables_say_how_long_they_are():
    table = LookupTable(-5, np.arange(10, dtype="u2") * 7, 8, "Skin", "OD", "Modality LUT Sequence")
    found = steps(np.array([[2]], "i2"), 0, 0, table, modality_lut=Rescale(), signed=True)
    assert (found["voi"].note, found["voi"].value) == ("10 entries from -5, 8 bits, Skin", 19.2)
    assert steps(np.array([[2]], "i2"), 0, 0, modality_lut=table)["modality"].value == 49


def test_c09_a_colour_pixel_has_its_three_samples_and_no_window():
    found = steps(np.arange(6, dtype="u1").reshape(1, 2, 3), 1.5, 0.5, photometric="RGB", bits_stored=8)
    assert (found["stored"].value, found["displayed"].value) == ((3, 4, 5), (3, 4, 5))
    assert found["voi"].value is None
    assert found["voi"].decided_by == "none: a colour image"


def test_a_palette_pixel_has_its_index_and_its_colour():
    palette = Palette(1, np.array([[9, 8, 7], [6, 5, 4]], "u1"))
    found = steps(np.array([[2]], "u1"), 0, 0, photometric="PALETTE COLOR", palette=palette)
    assert (found["stored"].value, found["displayed"].value) == (2, (6, 5, 4))
    assert found["presentation"].note == "2 colours from 1"
    assert "Palette Color Lookup Tables" in found["presentation"].decided_by


def test_a_window_that_the_program_chose_says_why():
    auto = steps(STORED, 2, 0, signed=True)["voi"]
    assert auto.decided_by == "auto"
    assert auto.note.endswith("LINEAR_EXACT; no VOI LUT in the header: from the values")
    identity = steps(np.array([[128]], "u1"), 0, 0, bits_stored=8, bits_allocated=8, identity_voi=True)["voi"]
    assert identity.decided_by == "no VOI LUT: the full range of the values"


def test_c18_a_presentation_table_is_named_with_its_p_value():
    squares = (np.arange(256, dtype="u4") ** 2).astype("u2")
    table = LookupTable(0, squares, 16, "Film", source="Presentation LUT Sequence (2050,0010)")
    image = ImageDescription(KEY, "1.2", 1, 1, vois=CT["vois"], presentation_lut=table,
                             presentation_source=table.source)  # fmt: skip
    found = {
        step.stage: step for step in explain(image, Frame(KEY, np.array([[40]], "i2"), "MONOCHROME2"), 0, 0)
    }
    assert found["presentation"].decided_by == "Presentation LUT Sequence (2050,0010)"
    index = round(255 * ((40 - 39.5) / 400 + 0.5))
    p_value = int(found["presentation"].note.rpartition("P-value ")[2].split()[0])
    assert abs(p_value - index**2) <= 2 * 255  # one entry of the table
    assert found["presentation"].note.startswith("256 entries from 0, 16 bits, Film")
    assert found["displayed"].value == round(p_value / 65535 * 255)


def test_b13_real_world_values_follow_the_stages_with_their_range():
    maps = (
        RealWorldMap(1000, 1300, 0.5, 2.0, unit="mm2/s", label="ADC", explanation="Apparent diffusion"),
        RealWorldMap(0, 10, unit="1", label="T"),
    )
    image = ImageDescription(KEY, "1.2", *STORED.shape, real_world=maps, **CT)
    found = explain(image, Frame(KEY, STORED, "MONOCHROME2"), 2, 0)
    assert [step.stage for step in found] == [*STAGES, "real world", "real world"]
    adc, other = found[-2:]
    assert (adc.value, adc.unit, adc.note) == (602, "mm2/s", "stored 1000 to 1300 are mapped")
    assert adc.decided_by == "Real World Value Mapping (0040,9096): ADC, Apparent diffusion"
    assert (other.value, other.note) == (None, "not mapped: only stored 0 to 10 are")


@pytest.mark.parametrize(
    ("suv", "x", "value", "words"),
    [
        (Suv(0.0005, source="80 kg / 400 MBq"), 1, 1.0, "80 kg / 400 MBq"),
        (Suv(0.0005), 0, None, "padding has no SUV"),
        (Suv(reason="the header has no dose"), 1, None, "SUV n/a: the header has no dose"),
    ],
)
def test_b14_the_suv_of_a_pixel_or_why_it_has_none_follows_the_stages(suv, x, value, words):
    slope = Rescale(2.0, 0.0, "BQML")
    image = ImageDescription(KEY, "1.2", 2, 3, modality_lut=slope, suv=suv, padding=Padding(0, 0))
    found = explain(image, Frame(KEY, STORED, "MONOCHROME2"), x, 0)
    assert [step.stage for step in found] == [*STAGES, "SUV"]
    assert (found[-1].value, found[-1].decided_by) == (pytest.approx(value), words)


def values_of(path, frame, x, y):
    """Return the steps of a pixel of a file by their stage."""
    found = explain(*FrameReader().read(str(path), frame), x + 0.5, y + 0.5)
    return {step.stage: step for step in found}


def test_b11_slices_of_one_pet_series_have_values_by_their_own_slopes(tmp_path):
    slopes = [0.37, 1.9, 12.25]
    for number, slope in enumerate(slopes):
        dataset = make.ct(
            SOPClassUID=PositronEmissionTomographyImageStorage, Modality="PT", Units="BQML", RescaleType=None,
            slope=slope, intercept=0.0, WindowCenter="5000", WindowWidth="10000", InstanceNumber=number + 1,
        )  # fmt: skip
        found = values_of(make.write(dataset, tmp_path / f"pet{number}"), 1, 5, 2)
        stored = 1000 + 2 * make.COLUMNS + 5
        assert found["stored"].value == stored
        assert found["modality"].value == pytest.approx(slope * stored)
        assert (found["modality"].unit, found["modality"].note) == ("BQML", f"{slope:g} x stored +0")
        share = (slope * stored - 4999.5) / 9999 + 0.5  # C.11.2.1.2.1
        assert found["displayed"].value == math.floor(255 * min(max(share, 0), 1) + 0.5)


def test_b11_frames_of_one_image_have_their_own_rescale_and_window_and_say_from_where(tmp_path):
    path = make.write(make.enhanced_ct(np.stack([make.ramp()] * 3), slopes=(1.0, 2.0, 0.5)), tmp_path / "ct")
    stored = 1000 + 3 * make.COLUMNS + 1
    for frame, slope in ((3, 0.5), (1, 1.0), (2, 2.0)):
        found = values_of(path, frame, 1, 3)
        value = slope * stored - 1024
        assert (found["stored"].value, found["modality"].value, found["modality"].unit) == (
            stored,
            value,
            "HU",
        )
        assert (
            found["modality"].decided_by
            == f"Pixel Value Transformation Sequence (0028,9145) of frame {frame}"
        )
        assert found["voi"].decided_by.endswith(f"in Frame VOI LUT Sequence (0028,9132) of frame {frame}")
        share = (value - (39 + frame - 0.5)) / 399 + 0.5
        assert found["displayed"].value == math.floor(255 * min(max(share, 0), 1) + 0.5)


def test_b11_a_rescale_that_all_frames_share_is_said_to_be_shared(tmp_path):
    dataset = make.enhanced_ct(2)
    groups = dataset.PerFrameFunctionalGroupsSequence
    shared = dataset.SharedFunctionalGroupsSequence[0]
    shared.PixelValueTransformationSequence = groups[0].PixelValueTransformationSequence
    for group in groups:
        del group.PixelValueTransformationSequence
    found = values_of(make.write(dataset, tmp_path / "ct"), 2, 0, 0)["modality"]
    assert found.decided_by == "Pixel Value Transformation Sequence (0028,9145) of all frames"


def test_b12_a_file_with_a_modality_table_has_the_output_and_the_unit_of_the_table(tmp_path):
    table = Dataset()
    table.add_new("LUTDescriptor", "SS", [4, 1001, 16])
    table.add_new("LUTData", "OW", np.array([7, 500, 40_000, 65_535], "<u2").tobytes())
    table.ModalityLUTType, table.LUTExplanation = "OD", "Film"
    dataset = make.ct(
        RescaleSlope=None, RescaleIntercept=None, RescaleType=None, ModalityLUTSequence=[table],
        WindowCenter="30000", WindowWidth="60000",
    )  # fmt: skip
    path = make.write(dataset, tmp_path / "film")
    for column, expected in ((0, 7), (1, 7), (2, 500), (3, 40_000), (4, 65_535), (7, 65_535)):
        found = values_of(path, 1, column, 0)
        assert found["stored"].value == 1000 + column
        assert (found["modality"].value, found["modality"].unit) == (expected, "OD")
        assert found["modality"].decided_by == "Modality LUT Sequence (0028,3000)"
        assert found["modality"].note == "4 entries from 1001, 16 bits, Film"
        share = min(max((expected - 29_999.5) / 59_999 + 0.5, 0), 1)
        assert found["displayed"].value == math.floor(255 * share + 0.5)


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "RGB"])
def test_damage_and_notices_of_the_header_follow_the_stages(photometric):
    stored = np.zeros((2, 3, 3), "u1") if photometric == "RGB" else STORED
    image = ImageDescription(KEY, "1.2", 2, 3, notices=("Window Width (0028,1051) is not positive: ignored",))
    found = explain(image, Frame(KEY, stored, photometric, "the last row is missing"), 0, 0)
    assert [(step.stage, step.decided_by) for step in found[len(STAGES) :]] == [
        ("damage", "the last row is missing"),
        ("notice", "Window Width (0028,1051) is not positive: ignored"),
    ]


def test_a_plane_through_a_volume_is_interpolated_and_ends_where_the_volume_does():
    plane = {"sop_class_uid": "", "modality_lut": Rescale(unit="HU", source=NOTICE), "vois": CT["vois"]}
    values = np.array([[41.5, np.nan]], "f4")
    inside = steps(values, 0, 0, **plane)
    assert (inside["stored"].decided_by, inside["modality"].decided_by) == (
        "interpolated between the slices",
        "MPR: interpolated",
    )
    outside = steps(values, 1, 0, **plane)
    assert (outside["padding"].value, outside["padding"].decided_by) == (True, "outside the volume")
    assert (outside["stored"].value, outside["voi"].value, outside["displayed"].value) == (None, None, 0)


@pytest.mark.parametrize("point", [(-0.1, 0), (3, 0), (0, 2), (float("nan"), 0), (0, float("inf"))])
def test_beside_the_image_there_is_nothing_to_explain(point):
    image = ImageDescription(KEY, "1.2", *STORED.shape, **CT)
    assert pixel_at(image, *point) is None
    assert explain(image, Frame(KEY, STORED, "MONOCHROME2"), *point) == ()


def test_what_lies_on_a_pixel_is_said_beside_its_own_grey():
    bits = np.packbits([0, 0, 1, 0, 0, 1], bitorder="little")
    plane = OverlayPlane(0x6002, OverlayKind.GRAPHIC, bits)
    more = {**CT, "overlays": (plane,), "shutter": Shutter(rectangle=(1, 1, 3, 1))}
    assert steps(STORED, 0, 0, **more)["displayed"].note == ""
    assert steps(STORED, 2, 0, **more)["displayed"].note == "an overlay (6002,3000) lies on it"
    hidden = steps(STORED, 2, 1, **more)["displayed"]
    assert hidden.note == "a shutter lies on it; an overlay (6002,3000) lies on it"
    assert hidden.value == steps(STORED, 2, 1, **CT)["displayed"].value


@pytest.mark.corpus
def test_the_last_step_is_the_pixel_that_render_writes(corpus):
    chance = random.Random(7)  # noqa: S311  the same pixels each time
    reader, compared = FrameReader(), 0
    for path in sorted(corpus.rglob("*.dcm"))[::9]:
        try:
            description, frame = reader.read(str(path), 1)
            picture = render.picture(description, frame, render.Options())
        except ViewerError:
            continue
        x, y = chance.randrange(description.columns), chance.randrange(description.rows)
        found = explain(description, frame, x + 0.5, y + 0.5)
        last = next(step for step in found if step.stage == "displayed")
        if "lies on it" not in last.note:
            assert np.all(picture[y, x] == last.value), path
            compared += 1
    assert compared > 70
