"""A millimetre on the screen for a millimetre of the image: in device pixels, whatever the system scales."""

from dataclasses import replace

import pytest

from viewer import settings
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription, Region
from viewer.dicom.records import FrameKey
from viewer.viewing.monitors import Monitor, Pitch, Screen, with_monitor, without_monitor
from viewer.viewing.spacing import mm_per_column
from viewer.viewing.true_size import NO_LENGTH, at_true_size, no_true_size, true_size_words
from viewer.viewing.viewport import ViewportState

PATIENT = Calibration(CalibrationClass.PATIENT, 0.8, 0.5, "Pixel Spacing")
IMAGE = ImageDescription(FrameKey("1.2.3"), "1.2", 400, 600, calibration=PATIENT, pixel_aspect=1.6)
STATE = ViewportState(1000, 800, IMAGE, pan=(40.0, -10.0))
EDID = Screen("DP-1", "ACME Diagnostic", "S/N 7", 2560, 1600, 640.0, 400.0)  # 0.25 mm


def with_class(kind, **more):
    return replace(STATE, image=replace(IMAGE, calibration=replace(PATIENT, kind=kind, **more)))


@pytest.mark.parametrize("mm", [0.25, 0.1, 0.2715])
def test_100_mm_of_the_image_take_100_mm_of_the_screen_in_both_directions(mm):
    state = at_true_size(STATE, Pitch(mm, "2026-11-22"))
    left, top = state.to_screen(100, 100)
    right, bottom = state.to_screen(100 + 100 / 0.5, 100 + 100 / 0.8)
    assert (right - left) * mm == pytest.approx(100)
    assert (bottom - top) * mm == pytest.approx(100)
    assert state.to_image(500, 400) == pytest.approx(STATE.to_image(500, 400))


def test_it_is_written_on_the_picture_for_as_long_as_it_is_so():
    pitch = Pitch(0.25, "2026-11-22")
    state = at_true_size(STATE, pitch)
    assert true_size_words(state, pitch) == "true size"
    assert true_size_words(replace(state, pan=(3.0, 4.0)), pitch) == "true size"
    assert true_size_words(state.zoomed(1.01, 0, 0), pitch) == ""
    assert true_size_words(state, Pitch(0.26, "2026-11-22")) == ""
    assert true_size_words(state, None) == ""


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (CalibrationClass.DETECTOR, "true size at detector"),
        (CalibrationClass.CORRECTED, "true size corrected"),
        (CalibrationClass.NOMINAL, "true size nominal"),
        (CalibrationClass.USER, "true size as calibrated by the reader"),
    ],
)
def test_in_which_sense_it_is_true_is_said(kind, words):
    pitch = Pitch(0.25, "2026-11-22")
    assert true_size_words(at_true_size(with_class(kind), pitch), pitch) == words


def test_a_monitor_that_was_never_measured_is_said():
    pitch = Pitch.of(EDID, ())
    assert pitch.mm == 0.25
    assert true_size_words(at_true_size(STATE, pitch), pitch) == "true size, monitor not calibrated"


def test_without_a_spacing_there_is_no_true_size_and_the_reason_is_said():
    none = with_class(CalibrationClass.NONE)
    assert no_true_size(none.image) == NO_LENGTH
    assert at_true_size(none, Pitch(0.25)) == none
    assert no_true_size(None) == "There is no image here."
    assert no_true_size(IMAGE) == ""


def test_an_ultrasound_has_the_spacing_that_all_its_regions_in_cm_share():
    one = Region(0, 0, 99, 99, "cm", "cm", 0.02, 0.02)
    assert mm_per_column(with_class(CalibrationClass.REGION, regions=(one,)).image) == pytest.approx(0.2)
    other = replace(one, delta_x=0.03)
    assert mm_per_column(with_class(CalibrationClass.REGION, regions=(one, other)).image) is None


# ----------------------------------------------------------------------------------------- monitors
def test_what_was_measured_counts_before_what_the_monitor_says():
    measured = Monitor(EDID.key, 0.2481, "2026-11-22")
    assert Pitch.of(EDID, (Monitor("another", 0.3), measured)) == Pitch(0.2481, "2026-11-22")
    assert Pitch.of(replace(EDID, width=1280, height=800), (measured,)) == Pitch(0.5)  # other pixels
    assert Pitch.of(replace(EDID, serial="S/N 8"), (measured,)).measured == ""


@pytest.mark.parametrize(
    "said",
    [
        {"width_mm": 0.0, "height_mm": 0.0},
        {"width_mm": 16.0, "height_mm": 9.0},  # a television: the shape of the picture
        {"width_mm": 640.0, "height_mm": 480.0},  # not square
        {"width_mm": float("nan")},
        {"width": 0},
    ],
)
def test_what_a_monitor_cannot_be_is_not_believed(said):
    assert replace(EDID, **said).pitch is None
    assert Pitch.of(replace(EDID, **said), ()) is None


def test_measurements_are_replaced_by_monitor_and_forgotten():
    first = with_monitor((), Monitor("a", 0.25, "2026-01-01"))
    second = with_monitor(with_monitor(first, Monitor("b", 0.2)), Monitor("a", 0.26))
    assert {monitor.name: monitor.pitch for monitor in second} == {"a": 0.26, "b": 0.2}
    assert without_monitor(second, "a") == (Monitor("b", 0.2),)


def test_a_monitor_is_kept_in_the_settings_and_nonsense_there_is_told():
    kept = settings.Settings(monitors=(Monitor(EDID.key, 0.2481, "2026-11-22"),))
    text = settings.saved(kept, "# mine\n", "settings.toml")
    assert settings.loaded(text, "settings.toml").settings == kept
    found = settings.loaded('[[monitor]]\nname = "x"\npitch = 12.0\n', "settings.toml")
    assert found.settings.monitors == ()
    assert "millimetres of a pixel" in found.notices[0]
