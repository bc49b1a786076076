"""Three planes through a stack, in the window."""

import make
import numpy as np
import pytest
from window import slices, written

from viewer.rendering.reslice import Orientation

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]


@pytest.fixture
def person(reader, tmp_path):
    person = reader(written(slices(12, 20, 24, spacing=(1.5, 1.0)), tmp_path / "ct"))
    person.key("M")
    person.wait(lambda: len(person.desk.panes) == 4)
    person.settle()
    return person


def planes(person):
    return [pane.hung.reformat for pane in person.desk.panes]


def values(person, number):
    return person.desk.panes[number].picture.frame.stored


def position(person, number):
    return person.desk.panes[number].picture.description.plane.position


def test_m_puts_three_planes_and_the_stack_on_the_desk_and_takes_them_off_again(person):
    assert set(planes(person)) == {Orientation.AXIAL, Orientation.SAGITTAL, Orientation.CORONAL, None}
    assert person.desk.panes[3].count == 12
    assert all(pane.picture is not None for pane in person.desk.panes)
    assert "MPR: interpolated" in person.words(0)
    assert "MPR: interpolated" not in person.words(3)
    person.key("M")
    assert planes(person) == [None]


def test_the_planes_have_the_values_of_the_volume(person):
    """The stack is a ramp: 5 HU a column, 3 HU a row, 20 HU an image of 2.5 mm; intercept -1024."""
    for number, pane in enumerate(person.desk.panes[:3]):
        plane, stored = pane.picture.description.plane, values(person, number)
        rows, columns = stored.shape
        x, y = columns // 2, rows // 2
        point = plane.to_patient(x + 0.5, y + 0.5)
        column, row, image = (point - np.array(make.POSITION)) / (1.0, 1.5, 2.5)
        expected = 800 - 1024 + 5 * column + 3 * row + 20 * image
        assert stored[y, x] == pytest.approx(expected, abs=0.01), pane.hung.reformat


def test_the_cross_hair_moves_the_other_planes_and_leaves_its_own(person):
    before = [position(person, number) for number in range(3)]
    axial = planes(person).index(Orientation.AXIAL)
    person.drag(person.point(12, 10, axial), person.point(4.5, 5.5, axial), axial)
    after = [position(person, number) for number in range(3)]
    for number, orientation in enumerate(planes(person)[:3]):
        moved = before[number] != pytest.approx(after[number])
        assert moved == (orientation is not Orientation.AXIAL), orientation
    sagittal = planes(person).index(Orientation.SAGITTAL)
    expected = make.POSITION[0] + (4.5 - 0.5) * 1.0  # mm, of the column that was pointed at
    plane = person.desk.panes[sagittal].picture.description.plane
    assert plane.position[0] == pytest.approx(expected, abs=0.6)


def test_every_plane_shows_where_the_others_cut_it(person):
    for number in range(3):
        assert len(person.viewport(number).look.lines) == 2
    assert person.viewport(3).look.lines == ()


def test_the_wheel_goes_through_a_plane_and_keys_go_to_its_ends(person):
    axial = planes(person).index(Orientation.AXIAL)
    person.desk.activate(axial)
    before = position(person, axial)
    person.wheel(1, axial).settle()
    assert position(person, axial)[2] == pytest.approx(before[2] + 2.5, abs=2.6)
    assert position(person, axial) != before
    person.key("Home")
    ends = [position(person, axial)[2]]
    person.key("End")
    ends.append(position(person, axial)[2])
    assert sorted(ends) == pytest.approx([make.POSITION[2], make.POSITION[2] + 11 * 2.5])


def test_a_length_on_a_plane_has_true_millimetres_and_the_program_says_that_it_is_not_saved(person):
    coronal = planes(person).index(Orientation.CORONAL)
    person.desk.activate(coronal)
    person.key("D")
    plane = person.desk.panes[coronal].picture.description.plane
    person.drag(person.point(4, 4, coronal), person.point(14, 4, coronal), coronal)
    (line,) = person.drawings.annotations
    (drawn,) = person.viewport(coronal).look.drawn
    (x1, y1), (x2, y2) = line.points
    expected = np.hypot((x2 - x1) * plane.column_spacing, (y2 - y1) * plane.row_spacing)
    assert drawn.label == f"{expected:.1f} mm"
    person.key("Ctrl+S")
    assert "cannot be saved" in person.said
    assert person.drawings.unsaved == 1


def test_a_stack_without_a_volume_says_why_there_are_no_planes(reader, tmp_path):
    series = slices(4)
    for dataset in series[2:]:
        dataset.FrameOfReferenceUID = "1.2.3.4"
    person = reader(written(series, tmp_path / "ct"))
    person.key("M")
    person.wait(lambda: not person.said.startswith("Reading the volume"))
    if len(person.desk.panes) == 4:
        assert person.pane.count == 2  # the series was cut into two stacks instead: one space each
    else:
        assert person.said.endswith(".")


def test_one_image_has_no_planes_and_the_reason_is_said(reader, tmp_path):
    person = reader(written(slices(1), tmp_path / "ct"))
    person.key("M")
    assert person.said == "There is only one image in this stack."
