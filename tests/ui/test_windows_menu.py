"""The menu of windows: the header's own alternatives, and the presets of the modality."""

import make
import numpy as np
import pytest
from window import assert_seen, slices, written

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


def filled(person):
    menu = person.window.furniture.windows.menu()
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions()}


def test_c07_the_alternatives_of_the_header_come_with_their_explanations(reader, tmp_path):
    series = slices(
        1,
        WindowCenter=[40, -600],
        WindowWidth=[400, 1500],
        WindowCenterWidthExplanation=["WINDOW1", "LUNG & AIR"],
    )
    person = reader(written(series, tmp_path / "ct"))
    actions = filled(person)
    (lung,) = (action for text, action in actions.items() if "LUNG" in text)
    assert "LUNG && AIR" in lung.text()
    assert not lung.isChecked()
    lung.trigger()
    assert "-600" in person.words()
    (lung,) = (action for text, action in filled(person).items() if "LUNG" in text)
    assert lung.isChecked()


def test_presets_are_those_of_the_modality_with_their_keys(reader, tmp_path):
    series = slices(1)
    person = reader(written(series, tmp_path / "ct"))
    texts = list(filled(person))
    assert any(text.startswith("Bone") and text.endswith("\t3") for text in texts)
    next(action for text, action in filled(person).items() if text.startswith("Liver")).trigger()
    assert_seen(person, series[0], center=90, width=150)


def test_auto_covers_the_values_of_the_image(reader, tmp_path):
    person = reader(written(slices(1), tmp_path / "ct"))
    next(action for text, action in filled(person).items() if text.startswith("Auto")).trigger()
    voi = person.window.reading.room.looks.voi(0)
    stored = person.pane.picture.frame.stored.astype(float) - 1024
    assert voi.center - voi.width / 2 == pytest.approx(np.percentile(stored, 0.5), abs=0.05 * np.ptp(stored))
    assert voi.center + voi.width / 2 == pytest.approx(np.percentile(stored, 99.5), abs=0.05 * np.ptp(stored))


def test_a_colour_image_has_no_window_and_no_image_has_none_either(reader, tmp_path):
    person = reader()
    assert list(filled(person)) == ["There is no image here"]
    person.open(make.write(make.us_color(), tmp_path / "us"))
    (text,) = filled(person)
    assert text == "A colour image has no window"
    before = person.seen()
    person.key("1")
    assert (person.seen() == before).all()


def test_bir_B14_own_presets_come_from_the_file_beside_the_settings(reader, tmp_path):
    person = reader(written(slices(1), tmp_path / "ct"))
    text = '[[preset]]\nmodality = "CT"\nname = "Stone"\ncenter = 500\nwidth = 900\nkey = "9"\n'
    (tmp_path / "presets.toml").write_text(text, "utf-8")
    menu = person.window.furniture.windows.menu()
    person.window.view_tools.read_presets(tmp_path / "settings.toml", menu)
    person.wait(lambda: any(preset.name == "Stone" for preset in menu.presets))
    assert any(entry.startswith("Stone") and entry.endswith("\t9") for entry in filled(person))
    person.key("9")
    assert "C 500" in person.words()


def test_a_wrong_file_of_own_presets_is_told_in_a_sentence(reader, tmp_path):
    person = reader()
    (tmp_path / "presets.toml").write_text("[[preset]]\n", "utf-8")
    person.window.view_tools.read_presets(tmp_path / "settings.toml")
    person.wait(lambda: bool(person.said))
    assert person.said == "presets.toml, preset 1: modality is missing."
