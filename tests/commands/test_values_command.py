"""`viewer values`: the pixel under a point."""

import argparse
import json

import numpy as np
import pytest

from viewer.commands import values
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription, Padding
from viewer.dicom.luts import LookupTable, Palette, Rescale, Window
from viewer.dicom.overlay import OverlayKind, OverlayPlane, Shutter
from viewer.dicom.real_world import RealWorldMap
from viewer.dicom.records import FrameKey
from viewer.errors import ViewerError

KEY = FrameKey("1.2.3")
STORED = np.arange(6, dtype="i2").reshape(2, 3) * 100
STORED[1, 2] = -2000
STORED.setflags(write=False)

STAGES = ["stored", "padding", "modality", "voi", "presentation", "displayed"]


class Frames:
    def __init__(self, stored, photometric="MONOCHROME2", damage="", **more):
        self.image = ImageDescription(KEY, "1.2", *stored.shape[:2], **more)
        self.frame = Frame(KEY, stored, photometric, damage)
        self.asked = []

    def read_frame(self, path, frame_number):
        self.asked.append((path, frame_number))
        return self.image, self.frame


CT = Frames(
    STORED,
    modality_lut=Rescale(1, -1024, "HU", "Rescale Slope (0028,1053)"),
    vois=(Window(-824, 401, source="Window Center (0028,1050) value 1"),),
    padding=Padding(-2000, -2000),
    presentation_source="Photometric Interpretation (0028,0004) MONOCHROME2",
)


def run(frames, *words):
    parser = argparse.ArgumentParser()
    values.register(parser.add_subparsers())
    return values.run(parser.parse_args(["values", "image.dcm", *words]), frames)


def said(capsys, frames, *words):
    assert run(frames, *words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_a_point_has_its_pixel_its_values_and_what_decided_them(capsys):
    found = said(capsys, CT, "--at", "2.5,0.5", "--frame", "4")
    assert [step["stage"] for step in found.pop("steps")] == STAGES
    assert found == {
        "stored": 200,
        "missing": False,
        "modality": -824,
        "modality_unit": "HU",
        "displayed": 128,  # ((-824 + 824.5) / 400 + 0.5) * 255 = 127.8
        "padding": False,
        "decided_by": {
            "modality": "Rescale Slope (0028,1053)",
            "voi": "Window Center (0028,1050) value 1",
            "presentation": "Photometric Interpretation (0028,0004) MONOCHROME2",
        },
        "real_world": [],
        "covered_by": [],
        "damage": "",
        "notices": [],
    }
    assert CT.asked[-1] == ("image.dcm", 4)


@pytest.mark.parametrize(("point", "stored"), [("0,0", 0), ("0.99,0.99", 0), ("1,0", 100), ("0.2,1.9", 300)])
def test_a_pixel_reaches_from_corner_to_corner(capsys, point, stored):
    assert said(capsys, CT, "--at", point)["stored"] == stored


def test_padding_is_named_and_black(capsys):
    found = said(capsys, CT, "--at", "2.5,1.5")
    assert (found["stored"], found["padding"], found["displayed"]) == (-2000, True, 0)


@pytest.mark.parametrize("point", ["3,0.5", "0.5,2", "-0.1,0", "-3,5", "99,99"])
def test_a_point_outside_the_image_is_said(point):
    with pytest.raises(ViewerError, match=r"image.dcm has no pixel at .*3 columns wide and 2 rows high"):
        run(CT, "--at", point)


@pytest.mark.parametrize("point", ["1", "1,2,3", "a,b", "nan,1", "inf,0"])
def test_what_is_no_point_is_wrong_usage(point):
    with pytest.raises(SystemExit) as stopped:
        run(CT, "--at", point)
    assert stopped.value.code == 2


def test_colours_have_three_values_and_no_modality_value(capsys):
    stored = np.arange(18, dtype="u1").reshape(2, 3, 3)
    found = said(capsys, Frames(stored, "RGB", bits_stored=8), "--at", "1.5,1.5")
    assert (found["stored"], found["displayed"], found["modality"]) == ([12, 13, 14], [12, 13, 14], None)


def test_b12_tables_fractions_and_holes(capsys):
    table = Frames(np.ones((1, 1), "u1"), modality_lut=LookupTable(0, np.array([7, 9], "u2"), 16, unit="OD"))
    found = said(capsys, table, "--at", "0.5,0.5")
    assert (found["modality"], found["modality_unit"], found["decided_by"]["voi"]) == (9, "OD", "auto")
    floats = Frames(np.array([[0.25, np.nan]], "f4"), modality_lut=Rescale(2, 0))
    assert said(capsys, floats, "--at", "0.5,0.5")["modality"] == 0.5
    hole = said(capsys, floats, "--at", "1.5,0.5")
    assert (hole["stored"], hole["modality"], hole["padding"], hole["displayed"]) == (None, None, True, 0)


def test_people_get_every_stage_and_who_decided_in_words(capsys):
    assert run(CT, "--at", "2.5,0.5") == 0
    assert capsys.readouterr().out.splitlines() == [
        "stored value     200",
        "stored by        Bits Stored (0028,0101) 16 of 16, unsigned",
        "padding          no",
        "padding by       Pixel Padding Value (0028,0120) -2000",
        "modality value   -824 HU",
        "modality by      Rescale Slope (0028,1053): 1 x stored -1024",
        "voi value        50.1 %",
        "voi by           Window Center (0028,1050) value 1: C -824 W 401 LINEAR",
        "presentation     50.1 %",
        "presentation by  Photometric Interpretation (0028,0004) MONOCHROME2: P-value 32849 of 65535",
        "displayed value  128 of 255",
        "displayed by     rounded to a whole grey",
    ]
    assert run(CT, "--at", "2.5,1.5") == 0
    out = capsys.readouterr().out
    assert "modality value   -3024 HU" in out
    assert "padding          yes: no tissue" in out
    assert "displayed by     padding: black" in out


def test_every_stage_is_in_the_document_too(capsys):
    steps = {step["stage"]: step for step in said(capsys, CT, "--at", "2.5,0.5")["steps"]}
    assert steps["voi"] == {
        "stage": "voi",
        "value": 50.1,
        "unit": "%",
        "decided_by": "Window Center (0028,1050) value 1",
        "note": "C -824 W 401 LINEAR",
    }
    assert steps["padding"]["value"] is False


def test_what_lies_on_the_pixel_the_damage_and_the_notices_are_said(capsys):
    bits = np.packbits([0, 0, 1, 0, 0, 0], bitorder="little")
    more = {
        "damage": "the last row is missing",
        "notices": ("Laterality contradicts itself: series L, image R", "Ünï ✓"),
        "overlays": (OverlayPlane(0x6002, OverlayKind.GRAPHIC, bits),),
        "shutter": Shutter(rectangle=(1, 1, 2, 2)),
    }
    found = said(capsys, Frames(STORED, **more), "--at", "2.5,0.5")
    assert found["covered_by"] == ["a shutter lies on it", "an overlay (6002,3000) lies on it"]
    assert (found["damage"], found["notices"]) == (more["damage"], list(more["notices"]))
    assert run(Frames(STORED, **more), "--at", "2.5,0.5") == 0
    captured = capsys.readouterr()
    assert "displayed by     rounded to a whole grey: a shutter lies on it; an overlay" in captured.out
    assert "damage           the last row is missing" in captured.out
    assert "notice           Laterality contradicts itself: series L, image R" in captured.out
    assert captured.err == "viewer: image.dcm: the last row is missing\n"


def test_a_colour_pixel_is_explained_in_words(capsys):
    palette = Palette(0, np.array([[9, 8, 7], [6, 5, 4]], "u1"))
    stored = np.ones((2, 3), "u1")
    assert (
        run(Frames(stored, "PALETTE COLOR", palette=palette, bits_stored=8, bits_allocated=8), "--at", "0,0")
        == 0
    )
    out = capsys.readouterr().out.splitlines()
    assert "stored value     1" in out
    assert "displayed value  6 5 4 of 255" in out
    assert any(line.startswith("presentation by  Photometric") and "2 colours from 0" in line for line in out)


REAL_WORLD = (
    RealWorldMap(0, 250, 0.5, -3.0, unit="mm2/s", label="ADC"),
    RealWorldMap(300, 301, table=np.array([7.0, 8.5]), unit="1", label="T"),
)


def test_B13_real_world_values_are_beside_the_modality_value_and_only_where_they_are_mapped(capsys):
    frames = Frames(STORED, real_world=REAL_WORLD)
    for column, row in np.ndindex(STORED.shape[::-1]):
        stored = int(STORED[row, column])
        line = 0.5 * stored - 3 if 0 <= stored <= 250 else None
        entry = {300: 7, 301: 8.5}.get(stored)
        document = said(capsys, frames, "--at", f"{column},{row}")
        assert document["real_world"] == [
            {"value": line, "unit": "mm2/s", "label": "ADC"},
            {"value": entry, "unit": "1", "label": "T"},
        ]
        assert document["modality"] == stored


def test_B13_real_world_values_are_said_in_words(capsys):
    assert run(Frames(STORED, real_world=REAL_WORLD), "--at", "2.5,0.5") == 0
    words = capsys.readouterr().out
    assert "real world value 97 mm2/s\nreal world by    Real World Value Mapping (0040,9096): ADC" in words
    assert "real world value not mapped\nreal world by    Real World Value Mapping (0040,9096): T" in words


def test_a10_a_pixel_that_a_truncated_file_does_not_hold_has_no_number(capsys):
    cut = Frames(STORED)
    cut.frame = Frame(KEY, STORED, "MONOCHROME2", "1 of 2 rows are missing", 3)
    found = said(capsys, cut, "--at", "1,1")
    assert found["missing"]
    assert (found["stored"], found["modality"], found["displayed"]) == (None, None, None)
    run(cut, "--at", "1,1")
    assert "stored value     missing\n" in capsys.readouterr().out
    assert said(capsys, cut, "--at", "1,0")["missing"] is False
