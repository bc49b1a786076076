"""The well-known palettes are those of PS3.6 Annex B, each under its own name."""

from pathlib import Path

import numpy as np
import pydicom
import pytest

from viewer.dicom.palettes import TITLES, WELL_KNOWN, load

FOLDER = Path(pydicom.__file__).parent / "data" / "palettes"
# First, middle (128) and last colour, from the tables of PS3.6 B.1.
COLORS = {
    "hot-iron": ((0, 0, 0), (255, 0, 0), (255, 255, 255)),
    "pet": ((0, 0, 0), (128, 0, 255), (255, 255, 255)),
    "hot-metal-blue": ((0, 0, 0), (116, 17, 97), (255, 255, 255)),
    "pet-20-step": ((0, 0, 0), (80, 192, 80), (255, 255, 255)),
    "spring": ((255, 0, 255), (255, 128, 127), (255, 255, 0)),
    "summer": ((0, 255, 0), (0, 191, 2), (0, 128, 254)),
    "fall": ((255, 255, 0), (255, 127, 0), (255, 0, 0)),
    "winter": ((0, 0, 255), (1, 128, 191), (127, 255, 128)),
}


@pytest.mark.parametrize("known", WELL_KNOWN, ids=lambda known: known.name)
def test_a_palette_has_the_colours_of_the_standard(known):
    colors = load(known).colors
    assert colors.shape == (256, 3)
    assert tuple(map(tuple, colors[[0, 128, 255]].tolist())) == COLORS[known.name]


@pytest.mark.parametrize("known", WELL_KNOWN, ids=lambda known: known.name)
def test_a_palette_is_the_one_whose_uid_and_label_its_file_has(known):
    dataset = pydicom.dcmread(FOLDER / known.file)
    assert dataset.PaletteColorLookupTableUID == known.uid
    assert dataset.ContentLabel.removesuffix(" LUT").replace("_", "-").lower() == known.name


@pytest.mark.parametrize("known", WELL_KNOWN, ids=lambda known: known.name)
def test_a_palette_is_the_same_as_pydicoms_own_by_uid(known):
    """By UID only: pydicom 3.0 gives WINTER for the word FALL, and FALL for WINTER."""
    from pydicom.pixels import apply_color_lut  # noqa: PLC0415  only here

    every = np.arange(256, dtype="u1").reshape(16, 16)
    assert (apply_color_lut(every, palette=known.uid).reshape(256, 3) == load(known).colors).all()


def test_the_plain_palettes_hold_the_bytes_of_their_files():
    for known in WELL_KNOWN[:4]:
        dataset = pydicom.dcmread(FOLDER / known.file)
        for channel, color in enumerate(("Red", "Green", "Blue")):
            data = dataset[f"{color}PaletteColorLookupTableData"].value
            assert load(known).colors[:, channel].tobytes() == data


def test_every_palette_has_a_title():
    assert list(TITLES) == list(COLORS)
