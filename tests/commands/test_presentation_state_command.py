"""`viewer presentation-state` from outside."""

import argparse
import json

import make
import numpy as np
import pytest
from pydicom import dcmread
from verifiers import iod_findings, lint

from viewer.commands import presentation_state
from viewer.dicom.pixels import read_frame
from viewer.dicom.read import read_header
from viewer.errors import ViewerError


class Source:
    def read_frame(self, path, frame_number):
        return read_frame(path, frame_number)


def run(*words):
    parser = argparse.ArgumentParser(prog="viewer")
    presentation_state.register(parser.add_subparsers(required=True))
    return presentation_state.run(parser.parse_args(["presentation-state", *map(str, words)]), Source())


def shown(path, capsys):
    capsys.readouterr()
    assert run("show", path, "--json") == 0
    return json.loads(capsys.readouterr().out)


def ct(tmp_path, **attributes):
    return make.write(make.ct(make.ramp(60, 80), spacing=(0.5, 0.25), **attributes), tmp_path / "ct.dcm")


def test_what_was_asked_for_is_written_and_shown(tmp_path, capsys):
    image, out = ct(tmp_path), tmp_path / "ps.dcm"
    look = ["--window", "-600,1500", "--invert", "--rotate", "90", "--flip", "--label", "lung"]
    assert run("create", image, "-o", out, *look, "--annotation", "length:10,20:26,26:node: left") == 0
    assert iod_findings(out) == []
    found = shown(out, capsys)
    uid = read_header(str(image)).SOPInstanceUID
    assert found["content_label"] == "LUNG"
    assert found["references"] == [{"sop_instance_uid": uid, "frames": []}]
    assert (found["voi"][0]["center"], found["voi"][0]["width"]) == (-600.0, 1500.0)
    assert found["modality"] == {"slope": 1.0, "intercept": -1024.0, "unit": "HU"}
    assert (found["rotation"], found["flip"], found["presentation_lut_shape"]) == (90, True, "INVERSE")
    (line,) = found["annotations"]
    assert line["points"] == [[10.0, 20.0], [26.0, 26.0]]
    assert (line["kind"], line["text"], line["own_words"]) == ("length", "node: left\n5.0 mm", "node: left")
    assert (line["sop_instance_uid"], line["frame"], line["by_another_program"]) == (uid, 1, False)
    assert found["not_understood"] == []


def test_without_options_the_header_decides(tmp_path, capsys):
    run("create", ct(tmp_path), "-o", tmp_path / "ps.dcm")
    found = shown(tmp_path / "ps.dcm", capsys)
    assert (found["voi"][0]["center"], found["voi"][0]["width"]) == (40.0, 400.0)
    area = found["displayed_areas"][0]
    assert [area[side] for side in ("left", "top", "right", "bottom")] == [1, 1, 80, 60]
    assert area["pixel_spacing"] == [0.5, 0.25]


def test_an_image_without_a_window_gets_the_automatic_one(tmp_path, capsys):
    image = make.write(make.mr(make.ramp(60, 80), WindowCenter=None, WindowWidth=None), tmp_path / "mr.dcm")
    run("create", image, "-o", tmp_path / "ps.dcm", "--function", "sigmoid")
    found = shown(tmp_path / "ps.dcm", capsys)
    assert found["voi"][0]["function"] == "SIGMOID"
    assert found["voi"][0]["width"] > 0


def test_an_area_names_the_pixels_of_which_something_is_inside(tmp_path, capsys):
    run("create", ct(tmp_path), "-o", tmp_path / "ps.dcm", "--area", "30,50.5,10,20")
    area = shown(tmp_path / "ps.dcm", capsys)["displayed_areas"][0]
    assert [area[side] for side in ("left", "top", "right", "bottom")] == [11, 21, 30, 51]
    assert iod_findings(tmp_path / "ps.dcm") == []


def test_several_images_of_a_series_share_a_state(tmp_path, capsys):
    datasets = make.ct_series(3)
    paths = [make.write(dataset, tmp_path / f"{n}.dcm") for n, dataset in enumerate(datasets)]
    run("create", *paths, paths[0], "-o", tmp_path / "ps.dcm", "--annotation", "length:1,1:5,1")
    found = shown(tmp_path / "ps.dcm", capsys)
    assert len(found["references"]) == len(found["annotations"]) == 3
    assert len({shape["tracking_uid"] for shape in found["annotations"]}) == 3
    sizes = {dataset.SOPInstanceUID: (1, make.ROWS, make.COLUMNS) for dataset in datasets}
    assert lint(read_header(str(tmp_path / "ps.dcm")), sizes) == []


def test_one_frame_of_many_is_meant_by_its_number(tmp_path, capsys):
    image = make.write(make.enhanced_ct(np.stack([make.ramp(60, 80)] * 3)), tmp_path / "enhanced.dcm")
    run("create", image, "-o", tmp_path / "ps.dcm", "--frame", "2", "--annotation", "length:1,1:5,1")
    found = shown(tmp_path / "ps.dcm", capsys)
    assert found["references"][0]["frames"] == [2]
    assert found["annotations"][0]["frame"] == 2
    run("create", image, "-o", tmp_path / "ps.dcm")
    found = shown(tmp_path / "ps.dcm", capsys)
    assert found["references"][0]["frames"] == []
    assert [item["center"] for item in found["voi"]] == [40.0, 41.0, 42.0]


def test_show_has_words_for_a_person(tmp_path, capsys):
    run("create", ct(tmp_path), "-o", tmp_path / "ps.dcm", "--annotation", "length:10,20:26,26:node")
    assert run("show", tmp_path / "ps.dcm") == 0
    out = capsys.readouterr().out
    assert "window       40 / 400 LINEAR" in out
    assert "length       10,20 26,26  node; 5.0 mm" in out
    assert make.NAME.split("^")[0] not in out


def test_show_tells_tables_and_what_is_missing(tmp_path, capsys):
    state = make.Dataset()
    state.SOPClassUID, state.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.3"
    image = make._item(ReferencedSOPClassUID="1.2", ReferencedSOPInstanceUID="1.2.4")
    state.ReferencedSeriesSequence = [make._item(ReferencedImageSequence=[image])]
    state.file_meta = make.FileMetaDataset()
    state.file_meta.TransferSyntaxUID = make.uid.ExplicitVRLittleEndian
    make.write(state, tmp_path / "ps.dcm")
    found = shown(tmp_path / "ps.dcm", capsys)
    assert (found["modality"], found["voi"], found["created"]) == (None, [], "")
    table = make._item(LUTDescriptor=[4, 0, 8], LUTData=b"\0\1\2\3")
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    state.ModalityLUTSequence = [make._item(ModalityLUTType="OD")]
    state.ModalityLUTSequence[0].update(table)
    state.SoftcopyVOILUTSequence = [make._item(VOILUTSequence=[table])]
    make.write(state, tmp_path / "ps.dcm")
    found = shown(tmp_path / "ps.dcm", capsys)
    assert found["modality"] == {"table": 4, "first": 0, "bits": 8, "unit": "OD"}
    assert found["voi"][0]["table"] == 4
    run("show", tmp_path / "ps.dcm")
    assert "window       table of 4 entries" in capsys.readouterr().out


def test_what_cannot_be_done_is_said(tmp_path):
    image, out = ct(tmp_path), tmp_path / "ps.dcm"
    with pytest.raises(ViewerError, match="would be overwritten"):
        run("create", image, "-o", image)
    with pytest.raises(ViewerError, match="80 columns wide"):
        run("create", image, "-o", out, "--annotation", "length:1,1:500,1")
    with pytest.raises(ViewerError, match="no frame 2"):
        run("create", image, "-o", out, "--frame", "2")
    with pytest.raises(ViewerError, match="area to display is empty"):
        run("create", image, "-o", out, "--area", "5,5,5,9")
    other = make.write(make.ct(make.ramp(60, 80), slope=2.0), tmp_path / "other.dcm")
    with pytest.raises(ViewerError, match="cannot share"):
        run("create", image, other, "-o", out)
    with pytest.raises(ViewerError, match="colour"):
        run("create", make.write(make.us_color(), tmp_path / "us.dcm"), "-o", out)
    with pytest.raises(ViewerError, match="not a presentation state"):
        run("show", image)
    with pytest.raises(ViewerError, match=r"gone\.dcm"):
        run("show", tmp_path / "gone.dcm")
    assert not out.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--annotation", "length:1,1"],
        ["--annotation", "size:1,1:2,2"],
        ["--window", "40"],
        ["--window", "40,0"],
        ["--area", "1,2,3"],
        ["--rotate", "45"],
        ["--function", "cubic"],
    ],
)
def test_wrong_usage_is_status_2(tmp_path, words, capsys):
    with pytest.raises(SystemExit) as caught:
        run("create", ct(tmp_path), "-o", tmp_path / "ps.dcm", *words)
    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err


EVERY_KIND = {
    "length": "10,20:26,26",
    "polyline": "1,1:5,1:5,9:7,7",
    "angle": "1,1:5,5:9,1",
    "cobb": "1,1:9,2:1,9:9,7",
    "bidirectional": "1,1:9,1:5,0:5,3",
    "rectangle": "2,2:8,6",
    "ellipse": "2,5:10,5:6,2:6,8",
    "circle": "6,6:8,6",
    "polygon": "1,1:9,1:9,9:3,7",
    "point": "3.5,4.5",
    "arrow": "3,4:9,9",
}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_is_written_with_its_words_and_its_numbers(kind, tmp_path, capsys):
    out = tmp_path / "ps.dcm"
    assert run("create", ct(tmp_path), "-o", out, "--annotation", f"{kind}:{EVERY_KIND[kind]}:a: b") == 0
    (found,) = shown(out, capsys)["annotations"]
    assert found["kind"] == kind
    assert found["own_words"] == "a: b"
    assert not found["by_another_program"]
    assert found["text"].startswith("a: b")
    assert len(found["points"]) == EVERY_KIND[kind].count(":") + 1


def test_a_calibration_gives_the_image_its_millimetres(tmp_path):
    image = make.write(make.cr_mono1(np.zeros((40, 50), "<u2")), tmp_path / "cr.dcm")
    out = tmp_path / "ps.dcm"
    lines = ("--annotation", "calibration:0,10:20,10:50", "--annotation", "length:0,20:40,20")
    assert run("create", image, "-o", out, *lines) == 0
    state = dcmread(out)
    texts = [item.TextObjectSequence[0].UnformattedTextValue for item in state.GraphicAnnotationSequence]
    assert texts[0] == "calibrated: 50 mm"
    assert texts[1].startswith("100.0 mm")
    assert "user" in texts[1]
    (area,) = state.DisplayedAreaSelectionSequence
    assert float(area.PresentationPixelSpacing[1]) == 2.5


@pytest.mark.parametrize(
    "wrong", ["calibration:1,1:9,9", "calibration:1,1:9,9:-4", "text:1,1", "polygon:1,1:2,2"]
)
def test_what_is_incomplete_is_refused(wrong, tmp_path):
    with pytest.raises(SystemExit):
        run("create", ct(tmp_path), "-o", tmp_path / "ps.dcm", "--annotation", wrong)
