"""Which protocol is for a study, and what hangs in its slots."""

import pytest

from viewer.dicom.view import View
from viewer.hanging.load import load_all
from viewer.hanging.match import (
    Candidate,
    Hanging,
    choose,
    comparable,
    grid,
    hang,
    images_that,
    may_need,
    ranked,
)
from viewer.hanging.protocol import OLDEST, Conditions, Protocol, Slot, Stage
from viewer.paths import resource

CT = Candidate(0, "CT", "CHEST", "Lung 1.0 B70f", "CT Thorax", plane="axial", kind="volume")
SOFT = Candidate(1, "CT", "CHEST", "Soft 3.0 B30f", "CT Thorax", plane="axial", kind="volume")
SCOUT = Candidate(2, "CT", "CHEST", "Topogram", "CT Thorax", kind="localizer")
MR = Candidate(3, "MR", "HEAD", "t2_tse", plane="sagittal", kind="volume")


def view(name: str = "", side: str = "", *modifiers: str, partial: bool = False) -> View:
    return View(name, side, modifiers=modifiers, partial=partial)


def mg(number: int, *views: View | None, study: int = 0) -> Candidate:
    return Candidate(number, "MG", "BREAST", kind="projection", study=study, views=views)


FOUR = (
    mg(0, view("CC", "L")),
    mg(1, view("MLO", "R")),
    mg(2, view("CC", "R")),
    mg(3, view("MLO", "L")),
)


def shown(protocol: Protocol, stage: int, candidates: tuple[Candidate, ...]) -> list:
    return [(each.number, each.images) if each else None for each in hang(protocol, stage, candidates)]


@pytest.fixture
def given() -> dict[str, Protocol]:
    found = load_all(resource("hanging"), resource("hanging") / "none").protocols
    return {protocol.name: protocol for protocol in found}


# ---------------------------------------------------------------------------------------- conditions
@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        (Conditions(), True),
        (Conditions(modality=("MR", "CT")), True),
        (Conditions(modality=("MR",)), False),
        (Conditions(modality=("ct",)), True),  # without case
        (Conditions(description=("*b70*",)), True),
        (Conditions(description=("lung",)), False),  # the whole of it, unless wildcards say so
        (Conditions(description=("lung ?.0*",)), True),
        (Conditions(description=("[l]ung*",)), False),  # a bracket is a bracket
        (Conditions(study_description=("*thorax",)), True),
        (Conditions(body_part=("CHEST",), plane=("axial",), kind=("volume",)), True),
        (Conditions(body_part=("CHEST",), plane=("coronal",)), False),
        (Conditions(laterality=("R",)), False),
        (Conditions(contrast=True), False),  # not known is not so
        (Conditions(contrast=False), False),
    ],
)
def test_all_that_is_asked_for_must_hold(conditions: Conditions, *, fits: bool) -> None:
    assert (images_that(conditions, CT) is not None) == fits


def test_of_a_stack_of_views_only_those_that_are_meant_are_taken() -> None:
    both = mg(0, view("CC", "R"), view("MLO", "R"), view("CC", "L"), None)
    assert images_that(Conditions(view=("CC",)), both) == (0, 2)
    assert images_that(Conditions(view=("cc",), laterality=("L",)), both) == (2,)
    assert images_that(Conditions(view=("LM",)), both) is None
    assert images_that(Conditions(view=("",)), both) == (3,)  # whose view nobody knows
    assert images_that(Conditions(modality=("MG",)), both) == ()  # all


def test_plain_views_are_neither_magnified_nor_partial_and_known_to_be_so() -> None:
    stack = mg(0, view("CC", "R"), view("CC", "R", "magnification"), view("CC", "R", partial=True), None)
    assert images_that(Conditions(plain=True), stack) == (0,)
    assert images_that(Conditions(plain=False), stack) == (1, 2)


def test_the_side_of_a_series_serves_where_no_image_tells_its_own() -> None:
    knee = Candidate(0, "MR", laterality="L")
    assert images_that(Conditions(laterality=("L",)), knee) == ()
    assert images_that(Conditions(laterality=("R",)), knee) is None


# --------------------------------------------------------------------------------------- choosing
def test_the_protocol_that_asks_for_most_wins_and_the_order_decides_between_equals() -> None:
    any_study = Protocol("any")
    modality = Protocol("modality", (Conditions(modality=("CT",)),))
    chest = Protocol("chest", (Conditions(modality=("CT",), body_part=("CHEST",)),))
    again = Protocol("again", (Conditions(modality=("CT",), body_part=("CHEST",)),))
    assert choose([CT], [any_study, modality, chest, again]) == chest
    assert choose([CT], [again, chest]) == again
    assert choose([MR], [any_study, modality, chest]) == any_study
    assert choose([MR], [modality]) is None


def test_every_condition_needs_a_series_of_the_study_itself() -> None:
    petct = Protocol("PET/CT", (Conditions(modality=("PT",)), Conditions(modality=("CT",))))
    pet, prior = Candidate(5, "PT"), Candidate(6, "PT", study=1)
    assert choose([CT, pet], [petct]) == petct
    assert choose([CT], [petct]) is None
    assert choose([CT, prior], [petct]) is None


def test_it_is_said_why_a_protocol_fits_or_not() -> None:
    chest = Protocol("chest", (Conditions(modality=("CT",), body_part=("CHEST", "LUNG"), plain=True),))
    head = Protocol("head", (Conditions(modality=("CT", "MR"), contrast=False, description=("a*",)),))
    verdicts = ranked([MR], [chest, head, Protocol("any")])
    assert [(each.protocol.name, each.fits, each.words) for each in verdicts] == [
        ("any", True, "for any study"),
        ("chest", False, "no series with modality CT, body part CHEST or LUNG, plain views"),
        ("head", False, "no series with modality CT or MR, description a*, no contrast medium"),
    ]
    assert ranked([CT], [Protocol("ct", (Conditions(modality=("CT",)),))])[0].words == "modality CT"


def test_headers_are_read_only_where_a_protocol_that_may_fit_asks() -> None:
    about_views = Protocol(
        "views", (Conditions(modality=("MG",)),), (Stage(slots=(Slot((Conditions(view=("CC",)),)),)),)
    )
    turned = Protocol("turned", (), (Stage(slots=(Slot(orientation=("P", "L")),)),))
    contrast = Protocol("contrast", (Conditions(modality=("CT",), contrast=True),))
    assert may_need([CT], [about_views, Protocol("any")]) == (False, False)
    assert may_need([mg(0)], [about_views]) == (True, False)
    assert may_need([CT], [turned]) == (True, False)
    assert may_need([CT], [contrast]) == (False, True)
    assert may_need([MR], [contrast]) == (False, False)


# ----------------------------------------------------------------------------------------- hanging
def test_slots_are_filled_in_order_and_a_stack_hangs_once() -> None:
    slots = (Slot((Conditions(modality=("CT",)),)),) * 3 + (Slot(),)
    protocol = Protocol("x", stages=(Stage(2, 2, slots),))
    assert shown(protocol, 0, (CT, SOFT, MR)) == [(0, ()), (1, ()), None, (3, ())]


def test_a_slot_may_repeat_what_hangs_and_may_stay_empty() -> None:
    protocol = Protocol("x", stages=(Stage(1, 3, (Slot(), Slot(empty=True), Slot(repeat=True))),))
    assert shown(protocol, 0, (CT, SOFT)) == [(0, ()), None, (0, ())]


def test_the_first_condition_that_finds_something_counts() -> None:
    where = (Conditions(description=("*soft*",)), Conditions(modality=("CT",)))
    protocol = Protocol("x", stages=(Stage(slots=(Slot(where),)),))
    assert shown(protocol, 0, (CT, SOFT)) == [(1, ())]
    assert shown(protocol, 0, (CT,)) == [(0, ())]


def test_the_views_of_one_stack_hang_apart_and_each_once() -> None:
    stack = mg(0, view("CC", "R"), view("MLO", "R"), view("CC", "R"))
    slots = (
        Slot((Conditions(view=("MLO",)),)),
        Slot((Conditions(view=("CC",)),)),
        Slot((Conditions(plain=True),)),
    )
    protocol = Protocol("x", stages=(Stage(1, 3, slots),))
    assert shown(protocol, 0, (stack,)) == [(0, (1,)), (0, (0, 2)), None]


def test_earlier_studies_count_where_the_protocol_is_for_them_too() -> None:
    ct_before = Candidate(4, "CT", "CHEST", study=2)
    ct_long_ago = Candidate(5, "CT", "CHEST", study=3)
    between = Candidate(6, "MR", "HEAD", study=1)
    slots = (Slot(), Slot(prior=1), Slot(prior=2), Slot(prior=3), Slot(prior=OLDEST, repeat=True))
    protocol = Protocol("x", (Conditions(modality=("CT",)),), (Stage(1, 5, slots),))
    everything = (CT, between, ct_before, ct_long_ago)
    assert comparable(protocol, everything) == (2, 3)
    assert shown(protocol, 0, everything) == [(0, ()), (4, ()), (5, ()), None, (5, ())]
    assert shown(protocol, 0, (CT,)) == [(0, ()), None, None, None, None]


@pytest.mark.parametrize(
    ("filled", "size"), [(0, (2, 3)), (1, (1, 1)), (2, (1, 2)), (3, (2, 2)), (4, (2, 2)), (5, (2, 3))]
)
def test_a_grid_that_closes_up_is_no_larger_than_need_be(filled: int, size: tuple[int, int]) -> None:
    hangings = [Hanging(Slot(), 0)] * filled + [None] * (6 - filled)
    assert grid(Stage(2, 3, close_up=True), hangings) == size
    assert grid(Stage(2, 3), hangings) == (2, 3)


# ----------------------------------------------------------------- the protocols that come with the program
def test_the_chest_shows_lung_and_soft_tissue_of_two_series_or_of_one(given: dict[str, Protocol]) -> None:
    assert choose([SCOUT, SOFT, CT], given.values()) == given["CT chest"]
    assert shown(given["CT chest"], 0, (SCOUT, SOFT, CT)) == [(0, ()), (1, ())]
    one = Candidate(7, "CT", "CHEST", "Thorax", plane="axial", kind="volume")
    assert shown(given["CT chest"], 0, (SCOUT, one)) == [(7, ()), (7, ())]


@pytest.mark.parametrize(
    ("candidates", "name"),
    [
        ((MR,), "MR"),
        ((Candidate(0, "CT", "ABDOMEN", kind="volume"),), "CT"),
        ((Candidate(0, "CT", "HEAD", kind="volume"),), "CT head"),
        ((Candidate(0, "CT", "HEAD", kind="localizer"),), "CT"),
        ((MR, Candidate(0, "CT", kind="volume")), "CT"),
        ((Candidate(0, "PT"), Candidate(1, "CT", kind="volume")), "PET/CT"),
        ((Candidate(0, "PT"),), "Nuclear medicine"),
        ((Candidate(0, "NM"),), "Nuclear medicine"),
        ((Candidate(0, "US"),), "Ultrasound"),
        ((Candidate(0, "XA", kind="multiframe"),), "Angiography"),
        ((Candidate(0, "DX", "HAND", views=(view("PA"),)),), "Radiograph"),
        ((Candidate(0, "CR", "CHEST", views=(view("PA"),)),), "Chest radiograph with prior"),
        ((Candidate(0, "SC"),), "Side by side"),
        (FOUR, "Mammogram"),
    ],
)
def test_each_modality_has_a_protocol(
    candidates: tuple[Candidate, ...], name: str, given: dict[str, Protocol]
) -> None:
    assert choose(candidates, given.values()) == given[name]


def test_a_study_of_two_modalities_shows_both(given: dict[str, Protocol]) -> None:
    assert shown(given["CT"], 0, (MR, SCOUT, CT)) == [(2, ()), (0, ()), (3, ()), None]


def test_A18_right_breasts_hang_left_and_left_ones_right(given: dict[str, Protocol]) -> None:
    assert shown(given["Mammogram"], 0, FOUR) == [(2, ()), (0, ()), (1, ()), (3, ())]
    for slot, side in zip(given["Mammogram"].stages[0].slots, ("R", "L") * 2, strict=True):
        assert slot.where[0].laterality == (side,)
        assert slot.justify == {"R": "right", "L": "left"}[side]
        assert slot.orientation is not None
        assert (
            slot.orientation[0] == {"R": "P", "L": "A"}[side]
        )  # the chest wall is behind, and in the middle


def test_magnified_and_partial_views_have_a_stage_of_their_own(given: dict[str, Protocol]) -> None:
    spot = mg(4, view("CC", "R", "spot compression"))
    everything = (spot, *FOUR, mg(5, view("ML", "R")), mg(6, None))
    assert shown(given["Mammogram"], 0, everything) == [(2, ()), (0, ()), (1, ()), (3, ())]
    assert shown(given["Mammogram"], 5, everything) == [(4, ()), (5, ()), (6, ()), None]


def test_whatever_fits_no_standard_place_of_a_mammogram_hangs_among_the_other_views(
    given: dict[str, Protocol],
) -> None:
    sideless, unheard, again = mg(4, view("CC")), mg(5, view("AT", "L")), mg(6, view("CC", "R"))
    everything = (*FOUR, sideless, unheard, again)
    assert shown(given["Mammogram"], 5, everything) == [(4, ()), (5, ()), (6, ()), None]
    assert shown(given["Mammogram"], 5, FOUR) == [None] * 4
    one_series = mg(0, view("CC", "R"), view("CC"), view("MLO", "R"), view("XCCL", "L"))
    assert shown(given["Mammogram"], 5, (one_series,)) == [(0, (1, 3)), None, None, None]


def test_a_pair_hangs_above_the_pair_of_the_study_before(given: dict[str, Protocol]) -> None:
    before = tuple(mg(number + 10, *each.views, study=1) for number, each in enumerate(FOUR))
    assert shown(given["Mammogram"], 3, (*FOUR, *before)) == [(2, ()), (0, ()), (12, ()), (10, ())]
    assert shown(given["Mammogram"], 3, FOUR)[2:] == [None, None]


def test_magnetic_resonance_hangs_by_what_its_series_are_called(given: dict[str, Protocol]) -> None:
    names = ("localizer", "ep2d_diff_trace", "t1_mprage", "t2_tse", "t2_tirm_dark-fluid")
    kinds = ("localizer", "volume", "volume", "volume", "volume")
    series = tuple(
        Candidate(number, "MR", "HEAD", name, kind=kind)
        for number, (name, kind) in enumerate(zip(names, kinds, strict=True))
    )
    assert [each[0] for each in shown(given["MR"], 0, series)] == [4, 3, 2, 1]
