"""Records and frames as bytes and back, and messages that must be refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from viewer.dicom.frame import Frame
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription, Lossy, Region, Timing
from viewer.dicom.luts import LookupTable, Palette, Rescale, Window, WindowFunction
from viewer.dicom.overlay import OverlayKind, OverlayPlane, Shutter
from viewer.dicom.plane import ImagePlane
from viewer.dicom.real_world import RealWorldMap
from viewer.dicom.records import FrameKey, InstanceRecord, Refused, SeriesRecord, Skipped, StudyRecord
from viewer.jobs.messages import ReadFrame
from viewer.jobs.wire import WireError, array_sizes, decode, encode


class Color(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, eq=False)
class Everything:
    text: str
    number: int
    real: float
    flag: bool
    nothing: int | None
    color: Color
    pair: tuple[str, int]
    many: tuple[float, ...]
    either: Window | LookupTable
    values: NDArray[np.generic]
    names: Mapping[str, str] = field(default_factory=dict)


def everything(**changes: object) -> Everything:
    given_values = {
        "text": 'Grüße\udcff\n"',
        "number": -(2**40),
        "real": 0.1,
        "flag": True,
        "nothing": None,
        "color": Color.RED,
        "pair": ("a", 1),
        "many": (1.5, float("inf"), 3),
        "either": LookupTable(-5, np.arange(7, dtype="u2"), 12),
        "values": np.arange(6, dtype="i2").reshape(2, 3),
        "names": {"Rows": "5"},
    }
    return Everything(**(given_values | changes))


def there_and_back(value, kind):
    parts = encode(value, kind)
    assert array_sizes(bytes(parts[0])) == [len(part) for part in parts[1:]]
    return decode([bytes(part) for part in parts], kind)


def test_every_kind_of_value_comes_back_equal():
    before, after = everything(), there_and_back(everything(), Everything)
    for name in (one.name for one in fields(Everything)):
        if name != "values":
            assert getattr(after, name) == getattr(before, name)
    assert np.array_equal(after.values, before.values)
    assert after.values.dtype == np.int16
    assert not after.values.flags.writeable
    assert not after.either.entries.flags.writeable


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "f4", "f8", ">i2"])
def test_arrays_of_every_type_and_order_come_back(dtype):
    values = np.arange(24).astype(dtype).reshape(4, 6).T  # not contiguous
    after = there_and_back(everything(values=values), Everything).values
    assert np.array_equal(after, values)
    assert after.flags.c_contiguous


def test_a_frame_and_its_description_come_back():
    key = FrameKey("1.2.3", 7)
    description = ImageDescription(
        key,
        "1.2",
        4,
        5,
        modality_lut=Rescale(2.0, -1024.0, "HU", "here"),
        vois=(Window(40.0, 400.0, WindowFunction.SIGMOID), LookupTable(0, np.arange(3, dtype="u2"), 8)),
        palette=Palette(0, np.zeros((4, 3), "u1")),
        plane=ImagePlane((1.0, 2.0, 3.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.5, 0.25),
        patient_orientation=("L", "P"),
        calibration=Calibration(CalibrationClass.REGION, regions=(Region(0, 1, 2, 3, "cm", "s", 0.1, -0.2),)),
        timing=Timing(25.0, (0.0, 40.0)),
        lossy=Lossy(10.5, "JPEG"),
        text={"PatientName": "Grüße^Ä"},
    )
    frame = Frame(key, np.arange(20, dtype="u2").reshape(4, 5), "MONOCHROME2", "2 of 4 rows are missing")
    after = there_and_back(ReadFrame(description, frame), ReadFrame)
    assert np.array_equal(after.frame.stored, frame.stored)
    assert (after.frame.key, after.frame.damage) == (key, frame.damage)
    for one in fields(ImageDescription):
        if one.name != "palette":
            assert getattr(after.description, one.name) == getattr(description, one.name)


text = st.text(st.characters(codec=None), max_size=20)


@given(
    path=text,
    reason=text,
    number=st.none() | st.integers(),
    position=st.none() | st.tuples(*[st.floats(allow_nan=False)] * 3),
)
def test_records_come_back_equal_whatever_they_hold(path, reason, number, position):
    kind = tuple[InstanceRecord | Refused | Skipped, ...]
    series = SeriesRecord("1.2", StudyRecord("1"), series_description=reason)
    record = InstanceRecord("1", "2", series, path, instance_number=number, image_position_patient=position)
    outcomes = (record, Refused(path, reason), Skipped(reason, path))
    assert there_and_back(outcomes, kind) == outcomes


def altered(change) -> list[bytes]:
    parts = [bytes(part) for part in encode(everything(), Everything)]
    message = json.loads(parts[0])
    change(message)
    return [json.dumps(message).encode(), *parts[1:]]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["value"].pop(),
        lambda m: m["value"].append(1),
        lambda m: m.update(extra=1),
        lambda m: m["value"].__setitem__(0, 5),
        lambda m: m["value"].__setitem__(1, True),  # noqa: FBT003  it is a value
        lambda m: m["value"].__setitem__(1, "1"),
        lambda m: m["value"].__setitem__(3, 1),
        lambda m: m["value"].__setitem__(5, "blue"),
        lambda m: m["value"].__setitem__(6, ["a", 1, 2]),
        lambda m: m["value"].__setitem__(7, "text"),
        lambda m: m["value"].__setitem__(8, [7, None]),
        lambda m: m["value"].__setitem__(8, [-1, None]),
        lambda m: m["value"][8][1].__setitem__(1, [0, "i2", [7]]),
        lambda m: m["value"].__setitem__(9, [9, "i2", [2, 3]]),
        lambda m: m["value"].__setitem__(9, [1, "i2", [2, 4]]),
        lambda m: m["value"].__setitem__(9, [1, "i2", [-2, -3]]),
        lambda m: m["value"].__setitem__(9, [1, "O", [2, 3]]),
        lambda m: m["value"].__setitem__(9, [1, "S2", [2, 3]]),
        lambda m: m["value"].__setitem__(9, [1, "nonsense", [2, 3]]),
        lambda m: m["value"].__setitem__(10, {"a": 1}),
        lambda m: m["sizes"].__setitem__(0, 1),
    ],
)
def test_a_message_that_does_not_fit_its_type_is_refused(change):
    with pytest.raises(WireError):
        decode(altered(change), Everything)


@pytest.mark.parametrize(
    "head", [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"sizes":[-1],"value":1}']
)
def test_what_is_no_message_is_refused(head):
    with pytest.raises(WireError):
        array_sizes(head)


MANY = tuple[InstanceRecord | Refused, ...]


def many() -> tuple[InstanceRecord | Refused, ...]:
    series = SeriesRecord("1.3", StudyRecord("1.2"))
    slices = [InstanceRecord(f"1.4.{n}", "1.5", series, f"/{n}", instance_number=n or None) for n in range(4)]
    return (*slices[:2], Refused("/x", "no"), *slices[2:])


def test_what_instances_have_in_common_is_said_once():
    assert there_and_back(many(), MANY) == many()
    (head,) = encode(many(), MANY)
    assert head.count(b'"1.5"') == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda packed: packed[0].append(0),
        lambda packed: packed[0].append(7),
        lambda packed: packed[0].remove(1),
        lambda packed: packed[0].__setitem__(slice(2, 3), [True]),
        lambda packed: packed[0].__setitem__(2, "1"),
        lambda packed: packed[1].remove(packed[1][1]),
        lambda packed: packed[1][0].pop(),
        lambda packed: packed[1][0][0].pop(),
        lambda packed: packed[1][0][1].clear(),
        lambda packed: packed[1][0][0].__setitem__(2, 3),
        lambda packed: packed[1][0][5].__setitem__(2, "3"),
        lambda packed: packed[1][0].__setitem__(0, "1234"),
        lambda packed: packed[1][1].append(packed[1][1][0]),
    ],
)
def test_many_records_that_do_not_fit_their_number_or_types_are_refused(change):
    (head,) = encode(many(), MANY)
    message = json.loads(head)
    change(message["value"])
    with pytest.raises(WireError):
        decode([json.dumps(message).encode()], MANY)


def test_a_type_that_nobody_planned_to_send_is_a_fault_of_the_program():
    with pytest.raises(TypeError):
        encode({1}, set[int])


def test_what_lies_on_an_image_comes_back():
    description = ImageDescription(
        FrameKey("1.2.3"),
        "1.2",
        4,
        5,
        overlays=(OverlayPlane(0x6000, OverlayKind.ROI, np.array([1, 2, 4], "u1"), "Herd"),),
        shutter=Shutter((1, 2, 3, 4), None, ((1, 2), (3, 4), (5, 6)), None, 65535, (1, 2, 3)),
        supplemental=Palette(7, np.ones((4, 3), "u1")),
        presentation_lut=LookupTable(0, np.arange(3, dtype="u2"), 8),
        icc_profile=np.arange(9, dtype="u1"),
        real_world=(
            RealWorldMap(0.0, 2.0, table=np.array([1.5, np.inf, np.nan]), unit="1"),
            RealWorldMap(-1.0, 2.0, 0.5, 3.0),
        ),
    )
    after = there_and_back(description, ImageDescription)
    assert after.shutter == description.shutter
    assert after.presentation_lut == description.presentation_lut
    assert after.supplemental.colors.tolist() == description.supplemental.colors.tolist()
    assert after.icc_profile.tolist() == description.icc_profile.tolist()
    assert after.overlays[0].bits.tolist() == [1, 2, 4]
    assert (after.overlays[0].kind, after.overlays[0].label) == (OverlayKind.ROI, "Herd")
    assert np.array_equal(after.real_world[0].table, [1.5, np.inf, np.nan], equal_nan=True)
    assert (after.real_world[1].slope, after.real_world[1].table) == (0.5, None)
