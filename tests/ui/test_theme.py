import pytest
from PySide6.QtGui import QFontMetricsF, QPalette

from viewer.errors import ViewerError
from viewer.ui import fonts, theme

pytestmark = pytest.mark.usefixtures("qapp")  # fonts and pixmaps need an application

NAMES = sorted(theme.PALETTES)
GROUNDS = ("window", "panel", "raised")


def test_contrast_is_that_of_the_guideline():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # published example
    assert theme.contrast("#123456", "#123456") == 1.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ground", [*GROUNDS, "hover", "selection"])
def test_text_is_read_on_every_ground(name, ground):
    colours = theme.PALETTES[name]
    assert theme.contrast(colours.text, getattr(colours, ground)) >= 7.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("part", ["secondary", "accent", "amber", "red"])
def test_the_rest_is_read_on_every_ground(name, ground, part):
    colours = theme.PALETTES[name]
    assert theme.contrast(getattr(colours, part), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("name", NAMES)
def test_secondary_text_is_read_where_the_mouse_is(name):
    colours = theme.PALETTES[name]
    assert theme.contrast(colours.secondary, colours.hover) >= 4.5
    assert theme.contrast(colours.secondary, colours.selection) >= 4.5


def test_high_contrast_is_high():
    colours = theme.CONTRAST
    for part in ("text", "secondary", "accent", "amber", "red", "disabled"):
        assert theme.contrast(getattr(colours, part), colours.window) >= 7.0


@pytest.mark.parametrize("color", [theme.CORNER_TEXT, theme.ANNOTATION, theme.AMBER, *theme.PATIENT_HUES])
def test_what_stands_on_the_picture_is_read_on_air(color):
    assert theme.contrast(color, theme.IMAGE_GROUND) >= 4.5


def test_the_edge_of_letters_is_read_on_bone():
    assert theme.contrast(theme.OUTLINE, "#ffffff") >= 7.0


def test_patients_hues_differ():
    assert len(set(theme.PATIENT_HUES)) == len(theme.PATIENT_HUES) >= 6


@pytest.mark.parametrize("name", ["light", "contrast", "dark"])
def test_a_palette_reaches_the_widgets_and_is_found_again(qapp, name):
    theme.apply(qapp, name)
    try:
        assert theme.colours_of(qapp.palette()) is theme.PALETTES[name]
        assert qapp.palette().color(QPalette.ColorRole.Text).name() == theme.PALETTES[name].text
    finally:
        theme.apply(qapp)


def test_an_unknown_palette_is_refused_with_those_that_exist(qapp):
    with pytest.raises(ViewerError, match="no palette pink; there are dark, light, contrast"):
        theme.apply(qapp, "pink")


def test_figures_are_equally_wide():
    metrics = QFontMetricsF(fonts.sans())
    assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1


def test_the_systems_family_comes_first_and_others_behind_it():
    families = fonts.families()
    assert len(set(families)) == len(families)
    assert set(families[1:]) <= set(fonts.FALLBACKS)


def test_another_size_keeps_the_families():
    font = fonts.sans()
    assert fonts.sized(font, fonts.TITLE, strong=True).families() == font.families()
    assert fonts.sized(font, fonts.TITLE).pixelSize() == fonts.TITLE
