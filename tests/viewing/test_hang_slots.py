"""From the shelf to what is placed on the desk, and from the desk back to a protocol."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import make
import pytest
from mammograms import four_views, mammogram

from viewer.dicom.describe import describe
from viewer.dicom.index import index_file
from viewer.dicom.luts import Window
from viewer.dicom.records import FrameKey, InstanceRecord
from viewer.dicom.tree import Study
from viewer.errors import ViewerError
from viewer.hanging.load import loaded
from viewer.hanging.match import Candidate
from viewer.hanging.protocol import OLDEST, Conditions, Protocol, Slot, Stage, Start, Zoom
from viewer.rendering.reslice import Orientation
from viewer.tools.commands import invert
from viewer.viewing.hang_capture import KEPT_AT_FIRST, Seen, captured, in_words, offered, trimmed
from viewer.viewing.hang_items import MOST_READ, candidates, earlier, items_of, middle, wanted
from viewer.viewing.hang_scale import common_scale
from viewer.viewing.hang_slots import Arranged, Subject, arranged, is_of_use
from viewer.viewing.pane import Hung, Pane
from viewer.viewing.presets import Preset
from viewer.viewing.shelf import Shelf
from viewer.viewing.viewport import ViewportState

PRESETS = (Preset("CT", "Lung", Window(-600, 1500, explanation="Lung", source="preset Lung")),)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
OBLIQUE = (1.0, 0.0, 0.0, 0.0, 0.7071, 0.7071)


class Case:
    """Files on a shelf, and the headers of all of them."""

    def __init__(self, folder: Path, *datasets: Any) -> None:
        self.shelf, self.facts = Shelf(), {}
        for number, dataset in enumerate(datasets):
            found = index_file(str(make.write(dataset, folder / f"i{number}")))
            assert isinstance(found, InstanceRecord)
            self.shelf.add([found])
            self.facts[FrameKey(found.sop_instance_uid)] = describe(dataset, 1)

    def study(self, date: str = "20260102") -> Study:
        studies = [study for patient in self.shelf.patients() for study in patient.studies]
        return next(study for study in studies if study.record.study_date == date)

    def subject(self) -> Subject:
        items = items_of(self.shelf, self.study())
        return Subject(items, candidates(items, self.facts), self.facts, PRESETS)

    def candidates(self) -> tuple[Candidate, ...]:
        return self.subject().candidates

    def hang(self, *slots: Slot, **stage: Any) -> Arranged:
        stages = (Stage(**({"columns": len(slots), "slots": slots} | stage)),)
        return arranged(Protocol("Test", stages=stages), 0, self.subject())

    def panes(self, found: Arranged) -> tuple[Pane, ...]:
        """Return the panes that an arrangement comes to, with their images."""
        panes = []
        for placed in found.placed:
            if placed is None:
                panes.append(Pane())
                continue
            image = self.facts[FrameKey(placed.hung.keys[placed.index].sop_instance_uid)]
            state = replace(placed.change(ViewportState(100, 100)), image=image)
            panes.append(Pane(placed.hung, placed.index, state))
        return tuple(panes)


# ----------------------------------------------------------------------------------------- the shelf
@pytest.mark.parametrize(
    ("orientation", "plane"),
    [(make.AXIAL, "axial"), (SAGITTAL, "sagittal"), (CORONAL, "coronal"), (OBLIQUE, "")],
)
def test_a_stack_of_slices_is_named_by_its_plane(tmp_path, orientation: tuple, plane: str) -> None:
    case = Case(tmp_path, *make.ct_series(4, orientation=orientation))
    assert {each.plane for each in case.candidates()} == {plane}


def test_what_conditions_are_compared_with_is_what_the_headers_say(tmp_path) -> None:
    case = Case(
        tmp_path,
        *make.ct_series(3, BodyPartExamined="CHEST", SeriesDescription="B70f", ContrastBolusAgent="Iomeron"),
    )
    (found,) = case.candidates()
    assert (found.modality, found.body_part, found.description) == ("CT", "CHEST", "B70f")
    assert (found.study_description, found.kind, found.contrast) == ("Test study", "volume", True)
    assert found.views == ()
    without = candidates(items_of(case.shelf, case.study()), {})
    assert without[0].contrast is None


def test_headers_are_asked_of_each_view_or_of_one_image_of_each_stack(tmp_path) -> None:
    case = Case(tmp_path, *make.ct_series(5), *four_views())
    items = items_of(case.shelf, case.study())
    assert len(wanted(items, views=True, contrast=False)) == 4
    assert len(wanted(items, views=True, contrast=True)) == 5
    ct = next(item.hung for item in items if item.hung.series.modality == "CT")
    assert wanted(items, views=False, contrast=True)[0] in {ct.keys[middle(ct)], *case.facts}
    assert wanted(items, views=False, contrast=False) == ()


def test_there_is_a_limit_to_the_headers_that_are_read(tmp_path) -> None:
    case = Case(tmp_path, mammogram("R", "CC"))
    (item,) = items_of(case.shelf, case.study())
    many = tuple(
        replace(item.hung.stack.records[0], sop_instance_uid=f"1.2.{n}") for n in range(MOST_READ + 9)
    )
    large = replace(item, hung=Hung.of(item.hung.series, replace(item.hung.stack, records=many)))
    assert len(wanted([large], views=True, contrast=False)) == MOST_READ


def test_earlier_studies_are_those_of_the_same_person_the_latest_first(tmp_path) -> None:
    def study(number: int, date: str, **attributes: Any) -> Any:
        return make.ct(
            StudyInstanceUID=f"1.2.{number}",
            SeriesInstanceUID=f"1.2.{number}.1",
            StudyDate=date,
            **attributes,
        )

    case = Case(
        tmp_path,
        study(1, "20260102"),
        study(2, "20200101"),
        study(3, "20250101"),
        study(4, ""),  # nobody knows when
        study(5, "20270101"),  # later
        study(6, "20240101", PatientID="OTHER"),
        study(7, "20240101", PatientBirthDate="19990909"),  # the same ID and name, another person
    )
    found = earlier(case.shelf, case.study())
    assert [each.record.study_date for each in found] == ["20250101", "20200101"]
    assert [item.study for item in items_of(case.shelf, case.study())] == [0, 1, 2]


# ------------------------------------------------------------------------------------------ the slots
def test_a_window_is_found_by_its_name_or_made_of_two_numbers(tmp_path) -> None:
    case = Case(tmp_path, *make.ct_series(3))
    found = case.hang(
        Slot(window="lung"), Slot(window="40,400.5", repeat=True), Slot(window="Lungg", repeat=True)
    )
    panes = case.panes(found)
    assert panes[0].state.voi == PRESETS[0].window
    assert (panes[1].state.voi.center, panes[1].state.voi.width) == (40, 400.5)
    assert panes[2].state.voi is None
    assert found.notices == ("Test: there is no window “Lungg” for CT.",)


@pytest.mark.parametrize(
    ("index", "shown"), [(None, 3), (Start.FIRST, 0), (Start.MIDDLE, 3), (Start.LAST, 6)]
)
def test_a_stack_is_opened_where_the_slot_says(tmp_path, index: Start | None, shown: int) -> None:
    case = Case(tmp_path, *make.ct_series(7))
    assert case.hang(Slot(index=index)).placed[0].index == shown


def test_an_image_hangs_as_the_slot_says_and_reset_knows_it(tmp_path) -> None:
    case = Case(tmp_path, mammogram("R", "CC", mirrored=True))
    slot = Slot(zoom=Zoom.SAME_SCALE, justify="right", orientation=("P", "L"), invert=True, palette="HOT")
    (pane,) = case.panes(case.hang(slot))
    state = pane.state
    assert (state.rotation, state.flipped, state.justify, state.scale) == (0, True, 1, 0.0)
    assert (state.inverted, state.palette) == (True, "HOT")
    assert (state.as_hung.flipped, state.as_hung.justify, state.as_hung.scale) == (True, 1, 0.0)
    (close,) = case.panes(case.hang(Slot(zoom=Zoom.ONE_TO_ONE)))
    assert close.state.zoom == 1.0


def test_a_slice_is_never_turned(tmp_path) -> None:
    case = Case(tmp_path, *make.ct_series(3))
    (pane,) = case.panes(case.hang(Slot(orientation=("R", "P"))))
    assert (pane.state.rotation, pane.state.flipped, pane.state.as_hung.notice) == (0, False, "")


def test_of_the_images_of_one_view_only_those_that_are_turned_alike_hang_together(tmp_path) -> None:
    series = {"SeriesInstanceUID": "1.2.3.4"}
    case = Case(
        tmp_path,
        mammogram("R", "CC", InstanceNumber="1", **series),
        mammogram("R", "CC", mirrored=True, InstanceNumber="2", **series),
        mammogram("R", "CC", InstanceNumber="3", **series),
        mammogram("R", "MLO", InstanceNumber="4", **series),
    )
    slot = Slot((Conditions(view=("CC",)),), orientation=("P", "L"))
    (placed,) = case.hang(slot).placed
    numbers = [case.shelf.instance(key.sop_instance_uid).instance_number for key in placed.hung.keys]
    assert numbers == [1, 3]


def test_what_nobody_could_read_is_not_turned_and_says_so(tmp_path) -> None:
    case = Case(tmp_path, mammogram("R", "CC"))
    case.facts.clear()
    (placed,) = case.hang(Slot(orientation=("P", "L"), justify="right")).placed
    state = placed.change(ViewportState())
    assert state.as_hung.notice == "not turned: its header could not be read"
    assert state.justify == 0


def test_a_grid_closes_up_or_keeps_its_empty_places(tmp_path) -> None:
    case = Case(tmp_path, *make.ct_series(3))
    found = case.hang(Slot(), Slot(), Slot(), rows=2, columns=2)
    assert (found.rows, found.columns, [bool(each) for each in found.placed]) == (2, 2, [True, False, False])
    closed = case.hang(Slot((Conditions(modality=("MR",)),)), Slot(), rows=2, columns=2, close_up=True)
    assert (closed.rows, closed.columns, len(closed.placed)) == (1, 1, 1)
    assert case.hang(Slot(empty=True)).empty


def test_a_stage_without_its_prior_or_without_anything_is_of_no_use(tmp_path) -> None:
    case = Case(tmp_path, *make.ct_series(3))
    stages = (
        Stage(),
        Stage(1, 2, (Slot(), Slot(prior=1))),
        Stage(slots=(Slot((Conditions(modality=("MR",)),)),)),
    )
    protocol = Protocol("Test", stages=stages)
    assert [is_of_use(protocol, number, case.candidates()) for number in range(3)] == [True, False, False]


def test_the_scale_in_common_is_the_largest_at_which_each_image_fits(tmp_path) -> None:
    case = Case(tmp_path, *four_views())
    slot = Slot(zoom=Zoom.SAME_SCALE)
    states = [pane.state for pane in case.panes(case.hang(slot, slot, slot, slot))]
    # 100 x 100 device pixels: 150 mm x 120 mm and 180 mm x 144 mm are on the detectors
    assert common_scale(states) == pytest.approx(100 / 180)
    assert common_scale(replace(state, scale=None) for state in states) is None
    assert common_scale([]) is None


# ------------------------------------------------------------------------------------------ back again
def seen(case: Case, *slots: Slot, **more: Any) -> Seen:
    found = case.hang(*slots)
    return Seen(found.rows, found.columns, case.panes(found), **more)


def prior_of(case: Case) -> Any:
    records = [case.study().record, *(each.record for each in earlier(case.shelf, case.study()))]
    return lambda hung: records.index(hung.series.study) if hung.series.study in records else None


def test_what_is_seen_becomes_a_protocol_that_hangs_it_again(tmp_path) -> None:
    before = four_views(StudyInstanceUID="1.2.99", StudyDate="20200101")
    case = Case(tmp_path, *four_views(), *before)
    right = Slot(
        (Conditions(view=("CC",), laterality=("R",)),),
        zoom=Zoom.SAME_SCALE,
        justify="right",
        orientation=("P", "L"),
    )
    look = seen(
        case,
        right,
        replace(right, prior=1),
        Slot(empty=True),
        Slot(prior=OLDEST, window="10,20", invert=True),
    )
    made = captured(look, prior_of(case))
    stage = made.stages[0]
    assert [slot.prior for slot in stage.slots] == [0, 1, 0, 1]
    assert stage.slots[2].empty
    assert stage.slots[0].orientation == ("P", "L")
    assert made.when == (
        Conditions(modality=("MG",), body_part=("BREAST",), study_description=("Test study",)),
    )
    again = arranged(made, 0, case.subject())
    assert [each and each.hung.keys for each in again.placed] == [
        pane.hung.keys if pane.hung else None for pane in look.panes
    ]
    assert [pane.state for pane in case.panes(again)][:2] == [pane.state for pane in look.panes][:2]


def test_windows_are_kept_by_name_or_by_numbers_and_repeats_are_known(tmp_path) -> None:
    case = Case(tmp_path, *make.ct_series(3, BodyPartExamined="CHEST"))
    made = captured(
        seen(case, Slot(window="Lung"), Slot(window="40,400", repeat=True), Slot(repeat=True), Slot()),
        prior_of(case),
    )
    slots = made.stages[0].slots
    assert [(slot.window, slot.repeat) for slot in slots] == [("Lung", False), ("40,400", True), ("", True)]
    assert [in_words(slot) for slot in slots][:2] == [
        "CT axial Test series volume, Lung",
        "CT axial Test series volume, 40,400",
    ]


def test_only_what_is_chosen_is_kept(tmp_path) -> None:
    case = Case(tmp_path, *make.ct_series(3, BodyPartExamined="CHEST"))
    made = captured(seen(case, Slot(window="Lung", invert=True), link=False), prior_of(case))
    assert offered(made) == {
        "when modality", "when body_part", "when study_description",
        "modality", "description", "plane", "kind", "window", "colours", "links",
    }  # fmt: skip
    assert trimmed(made, offered(made)) == made
    usual = trimmed(made, KEPT_AT_FIRST)
    assert usual.when == (Conditions(modality=("CT",), body_part=("CHEST",)),)
    assert usual.stages[0].slots[0].where[0].kind == ()
    assert usual.stages[0].link is False
    least = trimmed(made, ())
    assert (least.when, least.stages[0].slots) == ((), (Slot(),))


def test_a_picture_that_the_reader_turned_is_kept_turned_but_not_a_radiograph_as_it_was_made(
    tmp_path,
) -> None:
    case = Case(tmp_path, make.cr_mono1())
    plain = seen(case, Slot())
    assert captured(plain, prior_of(case)).stages[0].slots[0].orientation is None
    turned = replace(plain.panes[0], state=replace(invert(plain.panes[0].state), rotation=180))
    slot = captured(replace(plain, panes=(turned,)), prior_of(case)).stages[0].slots[0]
    assert (slot.orientation, slot.invert) == (("R", "H"), True)


def test_several_modalities_are_each_asked_for(tmp_path) -> None:
    case = Case(tmp_path, *make.ct_series(3), *[make.mr(position=(0, 0, n)) for n in (1, 2, 3)])
    made = captured(seen(case, Slot((Conditions(modality=("MR",)),)), Slot()), prior_of(case))
    assert [each.modality for each in made.when] == [("MR",), ("CT",)]


def test_what_is_no_arrangement_of_one_patient_is_refused(tmp_path) -> None:
    case = Case(tmp_path, *make.ct_series(3))
    look = seen(case, Slot())
    with pytest.raises(ViewerError, match="Two patients"):
        captured(look, lambda _: None)
    with pytest.raises(ViewerError, match="Nothing hangs here"):
        captured(Seen(1, 1, (Pane(),)), prior_of(case))
    plane = replace(look.panes[0], hung=replace(look.panes[0].hung, reformat=Orientation.CORONAL))
    with pytest.raises(ViewerError, match="three planes"):
        captured(Seen(1, 1, (plane,)), prior_of(case))


def test_words_for_a_slot() -> None:
    text = 'name = "x"\nlayout = {}\n[[slot]]\nwhere = { modality = ["CT", "PT"] }\nprior = 2\nzoom = "1:1"'
    assert in_words(loaded(text, "x.toml").stages[0].slots[0]) == "CT PT, from the study 2 before, 1:1"
    assert in_words(Slot(empty=True)) == "stays empty"
    assert in_words(Slot(prior=1, invert=True)) == "any series, from the study before, inverted"
    assert in_words(Slot(prior=OLDEST)) == "any series, from the oldest study"
