"""Calibration by a line of known length: what it says, and which images it counts for."""

from dataclasses import replace

import pytest

from viewer.annotations.edits import Edit
from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription
from viewer.dicom.records import FrameKey
from viewer.viewing.calibrating import Known, calibrated, stated, words
from viewer.viewing.drawings import Drawings

HERE = ImageDescription(FrameKey("1.2.3"), "1.2", rows=100, columns=200, pixel_aspect=2.0)
THERE = replace(HERE, key=FrameKey("1.2.4"))
SERIES = {HERE.key: "a", THERE.key: "a"}


def line(*points, text="calibrated: 50 mm", frame=HERE.key):
    return Annotation(Kind.CALIBRATION, frame, points, text)


def known(**headers):
    found = {HERE.key: HERE, THERE.key: THERE} | headers
    return Known(lambda frame: SERIES.get(frame, frame.sop_instance_uid), found.get)


@pytest.mark.parametrize(("length", "whole"), [(50.0, False), (12.25, True), (0.5, False), (100000.0, True)])
def test_what_a_line_says_is_read_again(length, whole):
    assert stated(words(length, whole_series=whole)) == (length, whole)


@pytest.mark.parametrize("text", ["", "50 mm", "calibrated: 0 mm", "calibrated: 1e5 mm", "calibrated: -3 mm"])
def test_other_words_are_no_calibration(text):
    assert stated(text) is None


def test_b21_the_spacing_is_the_length_by_the_pixels_and_keeps_their_shape():
    found = calibrated(HERE, [line((10.0, 20.0), (110.0, 20.0))], known()).calibration
    assert found.kind is CalibrationClass.USER
    assert (found.column_spacing, found.row_spacing) == pytest.approx((0.5, 1.0))
    upright = calibrated(HERE, [line((10.0, 20.0), (10.0, 70.0))], known()).calibration
    assert (upright.column_spacing, upright.row_spacing) == pytest.approx((0.5, 1.0))


def test_a_line_counts_for_its_own_image_unless_it_says_for_the_series():
    own = [line((10.0, 20.0), (110.0, 20.0))]
    assert calibrated(THERE, own, known()) is THERE
    whole = [line((10.0, 20.0), (110.0, 20.0), text="series calibrated: 50 mm")]
    assert calibrated(THERE, whole, known()).calibration.kind is CalibrationClass.USER


def test_the_line_on_the_image_goes_before_that_of_the_series_and_the_later_before_the_earlier():
    whole = line((0.0, 0.0), (100.0, 0.0), text="series calibrated: 100 mm")
    own = line((0.0, 0.0), (100.0, 0.0), text="calibrated: 300 mm", frame=THERE.key)
    later = line((0.0, 0.0), (100.0, 0.0), text="series calibrated: 700 mm")
    lines = [whole, own, later]
    assert calibrated(THERE, lines, known()).calibration.column_spacing == pytest.approx(3)
    assert calibrated(HERE, lines, known()).calibration.column_spacing == pytest.approx(7)


def test_a_line_does_not_count_for_images_of_another_size_or_series():
    whole = [line((10.0, 20.0), (110.0, 20.0), text="series calibrated: 50 mm")]
    other = replace(THERE, rows=50)
    assert calibrated(other, whole, known()) is other
    stranger = replace(HERE, key=FrameKey("1.9"))
    assert calibrated(stranger, whole, known()) is stranger


@pytest.mark.parametrize("kind", [CalibrationClass.PATIENT, CalibrationClass.REGION])
def test_millimetres_of_the_header_are_not_replaced(kind):
    own = replace(HERE, calibration=Calibration(kind, 0.3, 0.3))
    assert calibrated(own, [line((10.0, 20.0), (110.0, 20.0))], known()) is own


def test_a_line_without_a_length_counts_for_nothing():
    assert calibrated(HERE, [line((10.0, 20.0), (10.0, 20.0))], known()) is HERE


def test_undo_takes_a_calibration_back():
    drawings = Drawings()
    drawings.describe(HERE)
    drawing = drawings.of("1")
    drawing.do(Edit(None, line((10.0, 20.0), (110.0, 20.0))))
    assert drawings.description(HERE.key).calibration.kind is CalibrationClass.USER
    drawing.undo()
    assert drawings.description(HERE.key) is HERE
