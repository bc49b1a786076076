"""`viewer measure` from outside."""

import argparse
import json

import make
import pytest

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
