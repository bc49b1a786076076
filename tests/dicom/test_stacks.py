import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import (
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    EnhancedSRStorage,
    MRImageStorage,
    SecondaryCaptureImageStorage,
)

from viewer.dicom.index import index_file
from viewer.dicom.records import FrameKey, InstanceRecord, SeriesRecord, StudyRecord
from viewer.dicom.stacks import Stack, StackKind, displayable, split

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
SERIES = SeriesRecord("1.2.3", StudyRecord("1.2"))


def image(number: int, z: float | None = None, **attributes: object) -> InstanceRecord:
    """Return one CT image of 6 rows and 8 columns at `z` mm, with `number` as Instance Number and UID."""
    record = InstanceRecord(
        sop_instance_uid=f"1.9.{number}",
        sop_class_uid=CTImageStorage,
        series=SERIES,
        path=f"/cd/{number}",
        instance_number=number,
        rows=6,
        columns=8,
        photometric_interpretation="MONOCHROME2",
        image_type=("ORIGINAL", "PRIMARY", "AXIAL"),
        image_position_patient=None if z is None else (-10.5, -20.25, z),
        image_orientation_patient=None if z is None else AXIAL,
        pixel_spacing=(0.5, 0.25),
        frame_of_reference_uid="1.5",
    )
    return replace(record, **attributes)


def volume(count: int, step: float = 2.5, **attributes: object) -> list[InstanceRecord]:
    return [image(number + 1, 30.75 + step * number, **attributes) for number in range(count)]


def numbers(stack: Stack) -> list[int | None]:
    return [record.instance_number for record in stack.records]


def only(records: list[InstanceRecord]) -> Stack:
    (stack,) = split(records)
    return stack


def test_A06_a_plain_volume_is_one_stack_in_the_order_of_positions():
    stack = only(volume(9)[::-1])
    assert (stack.kind, stack.rows, stack.columns, stack.times) == (StackKind.VOLUME, 6, 8, 1)
    assert stack.spacing == (0.5, 0.25, 2.5)
    assert numbers(stack) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert stack.warnings == ()


def test_A06_instance_numbers_do_not_decide_where_there_are_positions():
    records = [replace(record, instance_number=100 - index) for index, record in enumerate(volume(5))]
    assert numbers(only(records)) == [100, 99, 98, 97, 96]


def test_A06_a_sagittal_volume_is_ordered_along_its_own_normal():
    records = [
        image(n, 0.0, image_position_patient=(-3.0 * n, 5.0, 7.0), image_orientation_patient=SAGITTAL)
        for n in range(1, 5)
    ]
    stack = only(records)
    normal = np.cross(SAGITTAL[:3], SAGITTAL[3:])
    distances = [float(np.dot(normal, record.image_position_patient)) for record in stack.records]
    assert distances == sorted(distances)
    assert stack.spacing == (0.5, 0.25, 3.0)


def test_without_positions_the_instance_number_decides():
    stack = only([image(3), image(1), image(2)])
    assert (stack.kind, numbers(stack), stack.spacing) == (StackKind.SINGLE, [1, 2, 3], (0.5, 0.25, None))


def test_A07_a_missing_image_is_a_gap_after_its_neighbour():
    records = volume(100)
    del records[40]
    stack = only(records)
    assert stack.warnings == ("gap after image 40",)
    assert stack.spacing == (0.5, 0.25, 2.5)


def test_two_parts_of_other_spacing_are_variable_spacing_and_no_gaps():
    records = [image(n + 1, z) for n, z in enumerate((0, 2.5, 5, 7.5, 12.5, 17.5, 22.5))]
    assert only(records).warnings == ("variable spacing 2.5 to 5 mm",)


def test_rounding_of_positions_is_no_warning():
    records = [image(n + 1, round(n * 2.3333333, 3)) for n in range(30)]
    assert only(records).warnings == ()


@pytest.mark.parametrize("degrees", [15.0, -22.0, 1.0])
def test_sheared_positions_are_a_tilt_with_its_angle(degrees):
    drift = 2.5 * math.tan(math.radians(degrees))
    records = [image(n + 1, 0.0, image_position_patient=(1.0, drift * n, 2.5 * n)) for n in range(7)]
    assert only(records).warnings == (
        f"tilted by {abs(degrees):.1f}°: the images are not stacked at right angles",
    )


def test_a_tilted_gantry_is_a_tilt():
    angle = math.radians(15)
    tilted = (1.0, 0.0, 0.0, 0.0, math.cos(angle), math.sin(angle))
    records = [image(n + 1, 2.5 * n, image_orientation_patient=tilted) for n in range(7)]
    stack = only(records)
    assert stack.warnings == ("tilted by 15.0°: the images are not stacked at right angles",)
    assert stack.spacing is not None
    assert stack.spacing[2] == pytest.approx(2.5 * math.cos(angle), abs=1e-6)


def test_an_image_that_lies_beside_the_others_is_a_shift():
    records = volume(7)
    records[3] = replace(records[3], image_position_patient=(-5.5, -20.25, 30.75 + 7.5))
    assert only(records).warnings == ("images shifted against each other by up to 5 mm",)


@pytest.mark.parametrize(
    "attribute",
    ["temporal_position_identifier", "trigger_time", "diffusion_b_value", "echo_time", "acquisition_number"],
)
def test_A08_volumes_at_the_same_positions_are_told_apart_by_what_partitions_them(attribute):
    records = [
        replace(image(1 + 3 * z + time, 2.5 * z), **{attribute: 10 * (time + 1)})
        for z in range(5)
        for time in range(3)
    ]
    stack = only(records)
    assert (stack.kind, stack.times, stack.warnings) == (StackKind.TIME, 3, ())
    assert stack.spacing == (0.5, 0.25, 2.5)
    for time in range(3):
        part = stack.volume(time)
        assert {getattr(record, attribute) for record in part} == {10 * (time + 1)}
        assert [record.image_position_patient[2] for record in part] == [0, 2.5, 5, 7.5, 10]


def test_directions_of_one_b_value_are_told_apart_by_instance_number():
    zero = [image(1 + z, 2.5 * z, diffusion_b_value=0.0) for z in range(4)]
    others = [
        image(100 * (turn + 1) + z, 2.5 * z, diffusion_b_value=1000.0) for turn in range(3) for z in range(4)
    ]
    stack = only(others + zero)
    assert (stack.kind, stack.times) == (StackKind.TIME, 4)
    assert {record.diffusion_b_value for record in stack.volume(0)} == {0}
    assert [record.instance_number for record in stack.volume(2)] == [200, 201, 202, 203]
    assert stack.warnings == ("3 images at each position, told apart only by Instance Number",)


def test_one_position_over_time_is_a_time_stack():
    stack = only([image(n, 5.0) for n in (2, 1, 3)])
    assert (stack.kind, stack.times, numbers(stack), stack.warnings) == (StackKind.TIME, 3, [1, 2, 3], ())


def test_A08_a_duplicate_follows_in_a_stack_of_its_own_and_both_say_so():
    main, extra = split([*volume(7), image(20, 30.75 + 5.0)])
    assert numbers(main) == [1, 2, 3, 4, 5, 6, 7]
    assert main.kind is StackKind.VOLUME
    assert main.warnings == ("duplicate positions: 1 more images, which follow as a stack of their own",)
    assert numbers(extra) == [20]
    assert extra.warnings == ("images at 1 of 7 positions only",)


def test_a_stopped_scan_leaves_its_last_volume_apart():
    records = [
        image(10 * t + z, 2.5 * z, temporal_position_identifier=t) for t in (1, 2, 3) for z in range(4)
    ]
    whole, part = split(records[:-1])
    assert (whole.times, len(whole.records)) == (2, 8)
    assert len(part.records) == 3


def test_localizers_stand_apart_and_last():
    scouts = [
        image(1, 0.0, image_type=("ORIGINAL", "PRIMARY", "LOCALIZER")),
        image(2, 5.0, image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"), image_orientation_patient=CORONAL),
    ]
    stacks = split(scouts + [replace(r, sop_instance_uid=f"{r.sop_instance_uid}.1") for r in volume(5)])
    assert [(stack.kind, len(stack.records)) for stack in stacks] == [
        (StackKind.VOLUME, 5),
        (StackKind.LOCALIZER, 2),
    ]


def test_few_images_in_three_planes_are_localizers():
    planes = (AXIAL, CORONAL, SAGITTAL)
    records = [image(n + 1, float(n), image_orientation_patient=plane) for n, plane in enumerate(planes)]
    assert only(records).kind is StackKind.LOCALIZER


def test_images_turned_around_an_axis_are_seen_one_by_one():
    records = []
    for n in range(9):
        angle = math.radians(20 * n)
        turned = (math.cos(angle), math.sin(angle), 0.0, 0.0, 0.0, -1.0)
        records.append(image(n + 1, 0.0, image_orientation_patient=turned))
    stack = only(records)
    assert (stack.kind, stack.warnings) == (StackKind.SINGLE, ("images in 9 orientations",))
    assert numbers(stack) == list(range(1, 10))


def test_anti_parallel_images_of_one_plane_are_no_volume_together():
    turned = (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    records = volume(5) + [image(10 + n, 2.0 * n, image_orientation_patient=turned) for n in range(5)]
    assert [len(stack.records) for stack in split(records)] == [5, 5]


@pytest.mark.parametrize(
    "other",
    [
        {"pixel_spacing": (0.5, 0.5)},
        {"rows": 16},
        {"frame_of_reference_uid": "1.6"},
        {"image_type": ("DERIVED", "PRIMARY", "AXIAL")},
        {"image_type": ("ORIGINAL", "PRIMARY", "AXIAL", "P")},
        {"photometric_interpretation": "MONOCHROME1"},
        {"image_orientation_patient": (1.0, 0.0, 0.0, 0.0, 0.99995, 0.01)},
    ],
)
def test_what_differs_in_kind_is_another_stack(other):
    changed = [
        replace(record, sop_instance_uid=f"{record.sop_instance_uid}.2", **other) for record in volume(4)
    ]
    assert [len(stack.records) for stack in split(volume(4) + changed)] == [4, 4]


def test_cosines_that_differ_by_rounding_are_one_stack():
    records = volume(6)
    records[2] = replace(records[2], image_orientation_patient=(1.0, 0.0004, 0.0, 0.0, 1.0, 0.0))
    assert len(split(records)) == 1


def test_projections_are_ordered_by_number_and_never_a_volume():
    records = [image(n, None, sop_class_uid=DigitalXRayImageStorageForPresentation) for n in (2, 1)]
    stack = only(records)
    assert (stack.kind, numbers(stack)) == (StackKind.PROJECTION, [1, 2])


def test_each_multi_frame_instance_is_a_stack_of_its_frames():
    first, second = split([image(2, number_of_frames=3), image(1, number_of_frames=2)])
    assert (first.kind, second.kind) == (StackKind.MULTIFRAME, StackKind.MULTIFRAME)
    assert first.frame_keys == (FrameKey("1.9.1", 1), FrameKey("1.9.1", 2))
    assert len(second.frame_keys) == 3


def part(number, offset, frames=2, **more):
    uid = more.pop("concatenation_uid", "1.7")
    return image(number, number_of_frames=frames, concatenation_uid=uid, frame_offset=offset, **more)


def test_the_parts_of_a_concatenation_are_one_stack_in_the_order_of_their_frames():
    other = part(9, 0, concatenation_uid="1.8")
    first, second = split([part(1, 2), part(2, 0), part(3, 4, frames=1), other])
    assert [key.sop_instance_uid for key in first.frame_keys] == ["1.9.2"] * 2 + ["1.9.1"] * 2 + ["1.9.3"]
    assert (first.kind, first.warnings) == (StackKind.MULTIFRAME, ())
    assert second.frame_keys == (FrameKey("1.9.9", 1), FrameKey("1.9.9", 2))


@pytest.mark.parametrize(
    ("offsets", "words"),
    [
        ((0, 5), ("frames 3 to 5 of the concatenation are missing",)),
        ((2, 4), ("the concatenation begins with a later frame",)),
        ((0, 1), ("parts of the concatenation overlap",)),
    ],
)
def test_what_is_missing_of_a_concatenation_is_said(offsets, words):
    (stack,) = split([part(number, offset) for number, offset in enumerate(offsets, start=1)])
    assert stack.warnings == words


def test_parts_of_different_sizes_are_not_one_image():
    assert len(split([part(1, 0), part(2, 2, rows=77)])) == 2


def test_what_is_no_picture_is_in_no_stack():
    report = image(1, None, sop_class_uid=EnhancedSRStorage, rows=None, columns=None)
    spectra = image(2, None, sop_class_uid="1.2.840.10008.5.1.4.1.1.4.2", photometric_interpretation="")
    private = image(3, None, sop_class_uid="1.2.3.4")
    assert [displayable(record) for record in (report, spectra, private)] == [False, False, True]
    assert split([report, spectra]) == ()


@pytest.mark.parametrize(
    "damage",
    [
        {"image_orientation_patient": (0.0,) * 6},
        {"image_orientation_patient": (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)},
        {"image_orientation_patient": (1e200, 0.0, 0.0, 0.0, 1e200, 0.0)},
        {"image_position_patient": (1e300, 0.0, 0.0)},
    ],
)
def test_a_damaged_geometry_is_no_geometry(damage):
    assert only([replace(record, **damage) for record in volume(3)]).kind is StackKind.SINGLE


FEW = st.sampled_from
RECORDS = st.lists(
    st.builds(
        lambda z, orientation, **attributes: {"z": z, "orientation": orientation, **attributes},
        z=FEW([None, 0.0, 2.5, 5.0, 5.001, 1e7]),
        orientation=FEW([AXIAL, CORONAL, (0.0,) * 6]),
        sop_class_uid=FEW([CTImageStorage, MRImageStorage, SecondaryCaptureImageStorage, EnhancedSRStorage]),
        instance_number=FEW([None, 1, 2, 3]),
        number_of_frames=FEW([1, 1, 1, 4]),
        rows=FEW([6, 7, None]),
        temporal_position_identifier=FEW([None, 1, 2]),
        echo_time=FEW([None, 5.0, 10.0]),
        content_time=FEW(["", "10", "11"]),
        pixel_spacing=FEW([None, (0.5, 0.25)]),
        image_type=FEW([(), ("ORIGINAL", "PRIMARY", "LOCALIZER"), ("ORIGINAL", "PRIMARY", "M")]),
    ),
    max_size=25,
)


@given(RECORDS)
def test_A08_no_image_is_lost_and_none_is_there_twice(drawn):
    records = []
    for number, attributes in enumerate(drawn):
        z, orientation = attributes.pop("z"), attributes.pop("orientation")
        record = replace(image(number, z), **attributes)
        records.append(record if z is None else replace(record, image_orientation_patient=orientation))
    stacks = split(records)
    found = sorted(record.sop_instance_uid for stack in stacks for record in stack.records)
    assert found == sorted(record.sop_instance_uid for record in records if displayable(record))
    for stack in stacks:
        assert len(stack.records) % stack.times == 0
        assert sum(len(stack.volume(time)) for time in range(stack.times)) == len(stack.records)
    assert stacks == split(records)


# ------------------------------------------------------------------------------------------- real series
def real(folder: object) -> list[InstanceRecord]:
    found = [index_file(str(path)) for path in sorted(folder.iterdir())]
    return [record for record in found if isinstance(record, InstanceRecord)]


@pytest.mark.corpus
def test_real_series_are_the_stacks_that_their_scanners_made(corpus):
    pet = only(real(corpus / "petct" / "acrin042" / "PET_AC_081015"))
    assert (pet.kind, len(pet.records), pet.spacing, pet.warnings) == (
        StackKind.VOLUME,
        135,
        (4.6875, 4.6875, 3.27),
        (),
    )
    tilted = only(real(corpus / "ct_tilt" / "dcm_qa_ct" / "In_GE"))
    assert len(tilted.records) == 28
    assert tilted.warnings[0].startswith("variable spacing 1.08")
    assert tilted.warnings[1].startswith("tilted by 18.5°")
    diffusion = only(real(corpus / "mr_multi" / "prostatex" / "441198"))
    assert (diffusion.kind, diffusion.times, len(diffusion.records)) == (StackKind.TIME, 3, 57)
    functional = only(real(corpus / "mr4d" / "dcm_qa_nih" / "mr_0004"))
    assert (functional.times, len(functional.records)) == (10, 150)
