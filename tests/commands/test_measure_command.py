"""`viewer measure` from outside."""

import argparse
import json

import make
import pytest

from viewer.annotations.kinds import KINDS
from viewer.commands import measure
from viewer.dicom.pixels import read_frame
from viewer.errors import ViewerError


class Source:
    def read_frame(self, path, frame_number):
        return read_frame(path, frame_number)


def run(*words):
    parser = argparse.ArgumentParser(prog="viewer")
    measure.register(parser.add_subparsers(required=True))
    return measure.run(parser.parse_args(["measure", *map(str, words)]), Source())


def test_a_length_is_printed_with_its_calibration(tmp_path, capsys):
    path = make.write(make.ct(make.ramp(60, 80), spacing=(0.8, 0.5)), tmp_path / "ct.dcm")
    assert run(path, "--kind", "length", "--points", "10,10", "18,13.75", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "kind": "length",
        "value": pytest.approx(5.0),
        "unit": "mm",
        "calibration": "patient",
        "calibration_source": read_frame(str(path))[0].calibration.source,
        "text": "5.0 mm",
    }


def test_without_json_only_the_label_is_printed(tmp_path, capsys):
    path = make.write(make.sc(make.ramp(60, 80, "u1")), tmp_path / "sc.dcm")
    run(path, "--kind", "length", "--points", "0,0", "30,40")
    assert capsys.readouterr().out == "50.0 px\n"


def test_a_frame_is_chosen_by_its_number(tmp_path, capsys):
    path = make.write(make.enhanced_ct(3), tmp_path / "enhanced.dcm")
    run(path, "--kind", "length", "--points", "1,1", "5,1", "--frame", "3")
    assert capsys.readouterr().out == "1.0 mm\n"
    with pytest.raises(ViewerError):
        run(path, "--kind", "length", "--points", "1,1", "5,1", "--frame", "4")


def test_across_ultrasound_regions_there_is_no_number(tmp_path):
    dataset = make.us_color()
    first = dataset.SequenceOfUltrasoundRegions[0]
    first.RegionLocationMaxX1 = 3
    second = make._with(make.Dataset(), {element.keyword: element.value for element in first})
    second.RegionLocationMinX0, second.RegionLocationMaxX1 = 5, 7
    dataset.SequenceOfUltrasoundRegions = [first, second]
    path = make.write(dataset, tmp_path / "us.dcm")
    with pytest.raises(ViewerError, match=r"us\.dcm: no length: it reaches across different"):
        run(path, "--kind", "length", "--points", "2,2", "6,2")


@pytest.mark.parametrize("points", [["-1,5", "3,3"], ["1,5", "9,3"]])
def test_a_point_outside_the_image_is_refused(tmp_path, points):
    path = make.write(make.ct(), tmp_path / "ct.dcm")
    with pytest.raises(ViewerError, match="8 columns wide and 6 rows high"):
        run(path, "--kind", "length", "--points", *points)


@pytest.mark.parametrize(
    "words",
    [
        ["--kind", "length", "--points", "1,1"],
        ["--kind", "length", "--points", "1,1", "2,2", "3,3"],
        ["--kind", "length", "--points", "1,1", "nan,2"],
        ["--kind", "length", "--points", "1,1", "two"],
        ["--kind", "size", "--points", "1,1", "2,2"],
        ["--kind", "length", "--points", "1,1", "2,2", "--frame", "0"],
    ],
)
def test_wrong_usage_is_said(tmp_path, words, capsys):
    with pytest.raises(SystemExit) as caught:
        run(make.write(make.ct(), tmp_path / "ct.dcm"), *words)
    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err


POINTS = {
    "length": ["1,1", "5,3"],
    "polyline": ["1,1", "5,3", "6,1"],
    "angle": ["1,1", "5,3", "6,1"],
    "cobb": ["1,1", "5,1", "1,2", "5,4"],
    "bidirectional": ["1,1", "7,1", "4,1", "4,3"],
    "rectangle": ["1,1", "5,4"],
    "ellipse": ["1,3", "7,3", "4,1", "4,5"],
    "circle": ["4,3", "6,3"],
    "polygon": ["1,1", "6,1", "6,5"],
    "point": ["3.5,2.5"],
}  # of a make.ct: rows of 0.5 mm, columns of 0.25 mm


def test_every_kind_that_measures_is_there_and_says_its_points(capsys):
    assert set(measure.MEASURED) == set(POINTS)
    assert {kind.value.lower() for kind in measure.POINTS} == set(POINTS)
    with pytest.raises(SystemExit):
        run("--help")
    help_text = " ".join(capsys.readouterr().out.split())
    for words in (
        "angle 3 (arm, vertex, arm)",
        "ellipse 4 (ends of the major axis",
        "circle 2 (centre, edge)",
    ):
        assert words in help_text


@pytest.mark.parametrize("kind", POINTS)
def test_every_kind_answers_in_words_and_in_the_shape_of_the_contract(tmp_path, capsys, kind):
    path = make.write(make.ct(), tmp_path / "ct.dcm")
    assert run(path, "--kind", kind, "--points", *POINTS[kind]) == 0
    words = capsys.readouterr().out
    assert run(path, "--kind", kind, "--points", *POINTS[kind], "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["text"] + "\n" == words
    assert list(found)[:6] == ["kind", "value", "unit", "calibration", "calibration_source", "text"]
    is_region = KINDS[measure.MEASURED[kind]].region is not None and kind != "point"
    keys = {"area", "area_unit", "mean", "sd", "min", "max", "pixels", "modality_unit"}
    assert keys & set(found) == (keys if is_region else {"modality_unit"} if kind == "point" else set())


def test_B10_a_rectangle_has_its_area_and_the_numbers_of_its_pixels(tmp_path, capsys):
    """Stored 1000 + 8 row + column, less 1024; rows 1 to 3 and columns 1 to 4."""
    path = make.write(make.ct(), tmp_path / "ct.dcm")
    run(path, "--kind", "rectangle", "--points", *POINTS["rectangle"], "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["area"] == found["value"] == pytest.approx(1.0 * 1.5)  # mm
    assert (found["area_unit"], found["perimeter"], found["perimeter_unit"]) == (
        "mm²",
        pytest.approx(5),
        "mm",
    )
    assert (found["mean"], found["min"], found["max"], found["pixels"]) == (-5.5, -15, 4, 12)
    assert found["sd"] == pytest.approx(6.62, abs=0.01)
    assert (found["modality_unit"], found["calibration"]) == ("HU", "patient")
    assert found["text"] == "1.5 mm²\nperimeter 5.0 mm\nmean -5.5 SD 6.6 HU\nmin -15 max 4 n 12"


def test_a_point_prints_its_value_and_its_place_in_the_patient(tmp_path, capsys):
    path = make.write(make.ct(), tmp_path / "ct.dcm")
    run(path, "--kind", "point", "--points", "3.5,2.5", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["value"], found["unit"]) == (1019 - 1024, "HU")
    assert found["patient_position"] == pytest.approx([-10.5 + 3 * 0.25, -20.25 + 2 * 0.5, 30.75])
    assert found["text"] == "value -5 HU\nat -9.8, -19.2, 30.8 mm"


def test_a_point_of_a_colour_image_has_no_value_but_a_box_has_its_area(tmp_path, capsys):
    path = make.write(make.us_color(), tmp_path / "us.dcm")
    with pytest.raises(ViewerError, match=r"us\.dcm: no value: a colour image\."):
        run(path, "--kind", "point", "--points", "3,3")
    run(path, "--kind", "rectangle", "--points", "2,2", "5,4", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["area"], found["mean"], found["pixels"]) == (pytest.approx(0.6 * 0.6), None, 0)
    assert found["reason"] == "a colour image"


def test_B14_SUV_or_its_reason_stands_beside_the_activity(tmp_path, capsys):
    dataset = make.ct(Modality="PT", Units="GML", CorrectedImage=["ATTN", "DECY"], RescaleType=None)
    path = make.write(dataset, tmp_path / "pt.dcm")
    run(path, "--kind", "point", "--points", "3.5,2.5", "--json")
    assert json.loads(capsys.readouterr().out)["suv"] == -5
    run(path, "--kind", "rectangle", "--points", "1,1", "5,4", "--json")
    assert json.loads(capsys.readouterr().out)["suv"]["mean"] == -5.5
    dataset.Units = "PROPCNTS"
    path = make.write(dataset, tmp_path / "pt.dcm")
    run(path, "--kind", "point", "--points", "3.5,2.5", "--json")
    assert json.loads(capsys.readouterr().out)["suv_reason"] == "Units (0054,1001) is PROPCNTS"


def test_B07_in_a_doppler_spectrum_a_point_is_a_velocity(tmp_path, capsys):
    dataset = make.us_color()
    item = dataset.SequenceOfUltrasoundRegions[0]
    item.PhysicalUnitsXDirection, item.PhysicalUnitsYDirection = 4, 7
    item.PhysicalDeltaX, item.PhysicalDeltaY = 0.01, -2.0
    item.ReferencePixelX0, item.ReferencePixelY0 = 0, 3
    path = make.write(dataset, tmp_path / "us.dcm")
    run(path, "--kind", "point", "--points", "3.5,2.5", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["value"], found["unit"]) == (pytest.approx(4.0), "cm/s")  # two rows above the base line
    assert (found["velocity"], found["time"], found["time_unit"]) == (
        pytest.approx(4),
        pytest.approx(0.02),
        "s",
    )
    run(path, "--kind", "length", "--points", "2,2", "5,4", "--json")
    found = json.loads(capsys.readouterr().out)
    assert (found["value"], found["velocity_difference"]) == (None, pytest.approx(4.0))
    with pytest.raises(ViewerError, match="no area: this ultrasound region is not in centimetres"):
        run(path, "--kind", "rectangle", "--points", "2,2", "5,4")


@pytest.mark.parametrize(
    ("kind", "count"),
    [("polygon", 2), ("polyline", 1), ("ellipse", 3), ("point", 2), ("cobb", 5), ("angle", 2)],
)
def test_too_few_or_too_many_points_are_wrong_usage(tmp_path, capsys, kind, count):
    path = make.write(make.ct(), tmp_path / "ct.dcm")
    with pytest.raises(SystemExit) as caught:
        run(path, "--kind", kind, "--points", *["1,1", "2,2", "3,3", "4,4", "5,5"][:count])
    assert caught.value.code == 2
    assert f"error: {kind} has" in capsys.readouterr().err
