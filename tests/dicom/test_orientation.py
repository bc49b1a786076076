"""The letters at the edges are right in all states, against brute force over the pixels."""

import itertools

import make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.dicom.describe import describe
from viewer.dicom.orientation import Edges, direction_letters, edge_letters, is_orientation, opposite

STATES = list(itertools.product((0, 90, 180, 270), (False, True)))
AXES = [np.array(axis, float) for axis in itertools.product((-1, 0, 1), repeat=3) if np.abs(axis).sum() == 1]
ORTHOGONAL = [(row, down) for row in AXES for down in AXES if row @ down == 0]  # 24 of them
LETTERS = {
    (1, 0, 0): "L",
    (-1, 0, 0): "R",
    (0, 1, 0): "P",
    (0, -1, 0): "A",
    (0, 0, 1): "H",
    (0, 0, -1): "F",
}


def shown(positions: np.ndarray, rotation: int, *, flipped: bool) -> np.ndarray:
    """Turn patient positions (rows, columns, 3) as the picture is turned: clockwise, then flipped."""
    turned = np.rot90(positions, -rotation // 90)
    return turned[:, ::-1] if flipped else turned


@pytest.mark.parametrize(("rotation", "flipped"), STATES)
@pytest.mark.parametrize("directions", ORTHOGONAL)
def test_a02_letters_name_the_side_where_the_outermost_pixels_lie(
    directions: tuple[np.ndarray, np.ndarray], rotation: int, *, flipped: bool
) -> None:
    row, down = directions
    image = describe(make.ct(orientation=tuple(np.concatenate(directions))), 1)
    rows, columns = np.mgrid[:3, :5]
    positions = rows[..., None] * down + columns[..., None] * row
    picture = shown(positions, rotation, flipped=flipped)
    middle_row, middle_column = picture.shape[0] // 2, picture.shape[1] // 2
    to_right = np.sign(picture[middle_row, -1] - picture[middle_row, 0])
    to_bottom = np.sign(picture[-1, middle_column] - picture[0, middle_column])
    expected = Edges(
        left=LETTERS[tuple(-to_right)],
        right=LETTERS[tuple(to_right)],
        top=LETTERS[tuple(-to_bottom)],
        bottom=LETTERS[tuple(to_bottom)],
    )
    assert edge_letters(image, rotation, flipped=flipped) == expected


@pytest.mark.parametrize(("rotation", "flipped"), STATES)
def test_a02_a04_patient_orientation_and_an_equal_plane_give_the_same_letters(
    rotation: int, *, flipped: bool
) -> None:
    by_plane = describe(make.ct(orientation=(0, 1, 0, 0, 0, -1)), 1)
    by_letters = describe(make.cr_mono1(PatientOrientation=["P", "F"]), 1)
    edges = edge_letters(by_letters, rotation, flipped=flipped)
    assert edges is not None
    assert edges == edge_letters(by_plane, rotation, flipped=flipped)


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "L"),
        ((0.9, -0.43, 0.05), "LA"),
        ((0.99, 0.1, 0.1), "L"),
        ((-0.3, 0.3, -0.9), "FRP"),
        ((0, -0.6, 0.8), "HA"),
    ],
)
def test_oblique_directions_have_the_strongest_letter_first(
    direction: tuple[float, float, float], letters: str
) -> None:
    assert direction_letters(np.array(direction)) == letters


@given(st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda vector: np.linalg.norm(vector) > 0.5))
def test_a02_the_opposite_direction_has_the_opposite_letters(vector: tuple[float, float, float]) -> None:
    direction = np.array(vector) / np.linalg.norm(vector)
    letters, behind = direction_letters(direction), direction_letters(-direction)
    assert opposite(letters, (letters, ""), quadruped=False) == behind


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (["A", "F"], Edges("P", "A", "H", "F")),
        (["FL", "A"], Edges("HR", "FL", "P", "A")),
        (["P", "FL"], Edges("A", "P", "HR", "FL")),
    ],
)
def test_a04_compound_letters_of_a_biped_are_inverted_one_by_one(pair: list[str], expected: Edges) -> None:
    image = describe(make.cr_mono1(PatientOrientation=pair), 1)
    assert edge_letters(image, 0, flipped=False) == expected


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (["RT", "V"], Edges("LE", "RT", "D", "V")),
        (["CD", "D"], Edges("CR", "CD", "V", "D")),
        (["R", "V"], Edges("CD", "R", "D", "V")),  # R is rostral, never right
        (["LE", "CDV"], Edges("RT", "LE", "CRD", "CDV")),
        (["PL", "DI"], Edges("D", "PL", "PR", "DI")),
        (["M", "DI"], Edges("L", "M", "PR", "DI")),
        (["D", "DI"], Edges("", "D", "PR", "DI")),  # palmar or plantar: not known which
    ],
)
def test_a05_an_animal_has_its_own_letters(pair: list[str], expected: Edges) -> None:
    dataset = make.cr_mono1(PatientOrientation=pair, AnatomicalOrientationType="QUADRUPED")
    assert edge_letters(describe(dataset, 1), 0, flipped=False) == expected


@pytest.mark.parametrize(("rotation", "flipped"), STATES)
@pytest.mark.parametrize(
    ("pair", "left", "top"),
    [(("LE", "CDV"), "RT", "CRD"), (("R", "V"), "CD", "D"), (("PL", "DI"), "D", "PR")],
)
def test_a02_a05_the_letters_of_an_animal_turn_and_flip_with_its_picture(
    pair: tuple[str, str], left: str, top: str, rotation: int, *, flipped: bool
) -> None:
    dataset = make.cr_mono1(PatientOrientation=list(pair), AnatomicalOrientationType="QUADRUPED")
    sides = np.array([["", top, ""], [left, "", pair[0]], ["", pair[1], ""]])  # the letters as pixels
    turned = np.rot90(sides, -rotation // 90)
    turned = turned[:, ::-1] if flipped else turned
    expected = Edges(left=turned[1, 0], right=turned[1, 2], top=turned[0, 1], bottom=turned[2, 1])
    assert edge_letters(describe(dataset, 1), rotation, flipped=flipped) == expected


@pytest.mark.parametrize(
    ("kind", "pair"),
    [("QUADRUPED", ["A", "F"]), ("QUADRUPED", ["H", "L"]), ("BIPED", ["LE", "CD"]), ("BIPED", ["RT", "V"]),
     (None, ["CD", "D"])],
)  # fmt: skip
def test_a05_letters_of_the_other_kind_are_not_shown_but_told(kind: str | None, pair: list[str]) -> None:
    described = describe(make.cr_mono1(PatientOrientation=pair, AnatomicalOrientationType=kind), 1)
    assert edge_letters(described, 0, flipped=False) is None
    assert "Patient Orientation (0020,0020) names no directions: ignored" in described.notices


@pytest.mark.parametrize(("rotation", "flipped"), STATES)
@pytest.mark.parametrize("pair", [["A", "F"], ["P", "FL"], ["FL", "A"]])
def test_a04_compound_letters_turn_and_flip_with_the_picture(
    pair: list[str], rotation: int, *, flipped: bool
) -> None:
    inverse = str.maketrans("APLRHF", "PARLFH")
    left, top = (letters.translate(inverse) for letters in pair)
    sides = np.array([["", top, ""], [left, "", pair[0]], ["", pair[1], ""]])
    turned = np.rot90(sides, -rotation // 90)
    turned = turned[:, ::-1] if flipped else turned
    expected = Edges(left=turned[1, 0], right=turned[1, 2], top=turned[0, 1], bottom=turned[2, 1])
    image = describe(make.cr_mono1(PatientOrientation=pair), 1)
    assert edge_letters(image, rotation, flipped=flipped) == expected


def test_a05_the_plane_of_an_animal_gives_no_letters() -> None:
    dataset = make.ct(AnatomicalOrientationType="QUADRUPED", PatientOrientation=None)
    assert edge_letters(describe(dataset, 1), 0, flipped=False) is None


def test_a03_nothing_known_gives_no_letters() -> None:
    for rotation, flipped in STATES:
        assert edge_letters(describe(make.sc(), 1), rotation, flipped=flipped) is None


def test_a03_directions_that_cannot_be_give_no_letters() -> None:
    for cosines in ((1, 0, 0, 1, 0, 0), (0, 0, 0, 0, 0, 0), (2, 0, 0, 0, 1, 0)):
        described = describe(make.ct(orientation=cosines, PatientOrientation=None), 1)
        assert edge_letters(described, 0, flipped=False) is None
        assert any("Image Orientation" in words for words in described.notices)


@pytest.mark.parametrize("bad", ["X", "LR", "LL", "", "CR", "AFP"])
def test_words_that_name_no_direction_of_a_biped_are_refused(bad: str) -> None:
    assert not is_orientation(bad, quadruped=False)
    described = describe(make.cr_mono1(PatientOrientation=[bad, "F"]), 1)
    assert described.patient_orientation is None
    assert "Patient Orientation (0020,0020) names no directions: ignored" in described.notices


def test_directions_without_a_position_still_give_letters() -> None:
    described = describe(make.ct(ImagePositionPatient=None, PatientOrientation=None), 1)
    assert described.plane is None
    assert edge_letters(described, 0, flipped=False) == Edges("R", "L", "A", "P")
