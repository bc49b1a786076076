"""Presets are windows with names; a wrong file is refused in words."""

from pathlib import Path

import pytest

from viewer.dicom.luts import Window, WindowFunction
from viewer.errors import ViewerError
from viewer.paths import resource
from viewer.viewing.presets import Preset, for_modality, joined, load, load_own

LUNG = '[[preset]]\nmodality = "CT"\nname = "Lung"\ncenter = -600\nwidth = 1500\nkey = "2"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "presets.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_preset_is_a_window_that_says_where_it_is_from(tmp_path: Path) -> None:
    window = Window(-600.0, 1500.0, explanation="Lung", source="preset Lung")
    assert load(written(tmp_path, LUNG)) == (Preset("CT", "Lung", window, "2"),)


def test_the_shipped_presets_are_the_usual_ones_of_ct_with_a_key_each() -> None:
    presets = for_modality(load(resource("presets.toml")), "CT")
    ranges = {preset.name: (preset.window.center, preset.window.width) for preset in presets}
    assert ranges["Brain"] == (40, 80)
    assert ranges["Subdural"] == (75, 215)
    assert ranges["Lung"] == (-600, 1500)
    assert ranges["Bone"] == (480, 2500)
    assert ranges["Soft tissue"] == (60, 400)
    assert [preset.key for preset in presets] == list("123456789")


def test_another_modality_has_none() -> None:
    assert for_modality(load(resource("presets.toml")), "MR") == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[preset", "cannot be read"),
        ("[[presets]]\n", "unknown key presets"),
        ("preset = 3\n", "must be a list"),
        ("preset = [3]\n", "preset 1: it must be a table"),
        (LUNG + "colour = 3\n", "preset 1: unknown key colour"),
        (LUNG.replace("width = 1500\n", ""), "preset 1: width is missing"),
        (LUNG.replace("1500", "true"), "width has the wrong type"),
        (LUNG.replace("1500", "0"), "width a number above 0"),
        (LUNG.replace("-600", "nan"), "center must be a number"),
        (LUNG.replace('key = "2"', 'key = "0"'), "key must be one of"),
        (LUNG + LUNG.replace("Lung", "Air"), "two presets with the name or key 2"),
        (LUNG + LUNG.replace('"2"', '"3"'), "two presets with the name or key Lung"),
    ],
)
def test_a_wrong_file_is_refused_naming_file_and_entry(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ViewerError, match=reason) as caught:
        load(written(tmp_path, text))
    assert "presets.toml" in str(caught.value)


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ViewerError, match=r"presets\.toml cannot be read"):
        load(tmp_path / "presets.toml")


def test_bir_B14_ct_has_soft_tissue_lung_bone_and_brain() -> None:
    names = {preset.name for preset in for_modality(load(resource("presets.toml")), "CT")}
    assert {"Soft tissue", "Lung", "Bone", "Brain"} <= names


def test_bir_B14_an_own_preset_takes_the_place_of_its_namesake(tmp_path: Path) -> None:
    shipped = load(resource("presets.toml"))
    own = '[[preset]]\nmodality = "MR"\nname = "ADC"\ncenter = 0.0015\nwidth = 0.003\nkey = "1"\n'
    written(tmp_path, LUNG.replace("-600", "-500").replace('"2"', '"9"') + own)
    found = joined(shipped, load_own(tmp_path / "settings.toml"))
    ct = {preset.name: preset for preset in for_modality(found, "CT")}
    assert [preset.name for preset in found[:2]] == ["Soft tissue", "Lung"]  # in its place
    assert (ct["Lung"].window.center, ct["Lung"].key) == (-500, "9")
    assert ct["Angiography"].key == ""  # its key was taken
    assert ct["Bone"].key == "3"
    (adc,) = for_modality(found, "MR")
    assert adc.window.function is WindowFunction.LINEAR_EXACT
    assert len(found) == len(shipped) + 1


def test_without_an_own_file_there_are_the_presets_of_the_program(tmp_path: Path) -> None:
    assert load_own(tmp_path / "settings.toml") == ()
    shipped = load(resource("presets.toml"))
    assert joined(shipped, ()) == shipped


def test_a_file_that_is_much_too_long_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "#" * ((1 << 20) + 1))
    with pytest.raises(ViewerError, match="more than 1 MiB"):
        load(path)
