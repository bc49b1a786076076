"""Planes through a volume show the values that a scalar formula gives, the right way up."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.dicom.plane import ImagePlane
from viewer.rendering.reslice import Orientation, orthogonal_plane, reslice, step_through
from viewer.rendering.volume import Volume

SHAPE = (9, 7, 11)  # slices, rows, columns


def volume(shear=0.0, padding=None, dtype=np.int16):
    """Return an axial volume of 1.5 x 0.8 x 0.5 mm voxels, leaning by `shear` mm a slice to the back."""
    values = np.random.default_rng(7).integers(-1000, 3000, SHAPE).astype(dtype)
    if padding is not None:
        values[padding] = values.min()
    values.flags.writeable = False
    return Volume(
        values,
        origin=(-12.0, 30.0, -5.0),
        slice_step=(0.0, shear, 1.5),
        row_step=(0.0, 0.8, 0.0),
        column_step=(0.5, 0.0, 0.0),
        lowest=float(values.min()),
        padding=padding,
    )


def trilinear(source, point):
    """Return the value at a patient point by the sum over eight corners, in double precision."""
    place = source.to_voxel(point)
    if any(not -0.5 <= place[axis] < SHAPE[axis] - 0.5 for axis in range(3)):
        return math.nan
    place = np.clip(place, 0, np.array(SHAPE) - 1)
    total = weights = 0.0
    for corner in itertools.product((0, 1), repeat=3):
        index = tuple(min(int(place[axis]) + corner[axis], SHAPE[axis] - 1) for axis in range(3))
        parts = [place[a] - int(place[a]) if corner[a] else 1 - (place[a] - int(place[a])) for a in range(3)]
        weight = math.prod(parts)
        if source.padding is None or not source.padding[index]:
            total += weight * float(source.values[index])
            weights += weight
    return total / weights if weights > 1e-2 else math.nan


def reference(source, plane, rows, columns):
    return np.array(
        [[trilinear(source, plane.to_patient(x + 0.5, y + 0.5)) for x in range(columns)] for y in range(rows)]
    )


def oblique(turn, lean, centre, spacing=0.6, size=14):
    """Return a plane about `centre`, turned about z and then leaning."""
    along = np.array([math.cos(turn), math.sin(turn), 0.0])
    across = np.array([-math.sin(turn), math.cos(turn), 0.0])
    down = math.cos(lean) * across + math.sin(lean) * np.array([0.0, 0.0, 1.0])
    position = np.asarray(centre) - (size - 1) / 2 * spacing * (along + down)
    vectors = [tuple(float(value) for value in vector) for vector in (position, along, down)]
    return ImagePlane(vectors[0], vectors[1], vectors[2], spacing, spacing)


@settings(max_examples=25, deadline=None)
@given(st.floats(-3, 3), st.floats(-1.5, 1.5), st.sampled_from([0.0, 0.4, -0.9]))
def test_an_oblique_plane_is_the_trilinear_sum(turn, lean, shear):
    source = volume(shear)
    plane = oblique(turn, lean, source.to_patient((4, 3, 5)))
    expected = reference(source, plane, 14, 14)
    got = reslice(source, plane, 14, 14)
    both = ~np.isnan(expected) & ~np.isnan(got)
    assert (np.isnan(expected) != np.isnan(got)).sum() <= 2  # a pixel may lie on the very border
    assert np.allclose(got[both], expected[both], atol=2e-3)


def test_padding_is_left_out_of_the_interpolation():
    padding = np.zeros(SHAPE, np.bool_)
    padding[3:6, 2:5, :4] = True
    source = volume(0.3, padding)
    plane = oblique(0.4, 0.7, source.to_patient((4, 3, 4)))
    expected = reference(source, plane, 14, 14)
    got = reslice(source, plane, 14, 14)
    both = ~np.isnan(expected) & ~np.isnan(got)
    assert np.isnan(expected).any()
    assert both.sum() > 50
    assert np.allclose(got[both], expected[both], atol=0.1)  # a small weight magnifies float32


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_a_slice_of_the_volume_comes_back_as_it_is(dtype):
    source = volume(dtype=dtype)
    position = tuple(float(value) for value in source.to_patient((4, 0, 0)))
    plane = ImagePlane(position, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.8, 0.5)
    assert np.array_equal(reslice(source, plane, 7, 11), source.values[4].astype(np.float32))


def test_grid_planes_in_all_directions_are_numpy_views():
    source = volume()
    last = source.to_patient((8, 6, 10))
    corner = tuple(float(value) for value in last)
    coronal = ImagePlane(corner, (-1.0, 0.0, 0.0), (0.0, 0.0, -1.0), 1.5, 0.5)
    assert np.array_equal(reslice(source, coronal, 9, 11), source.values[::-1, 6, ::-1].astype(np.float32))
    sagittal = ImagePlane(corner, (0.0, 0.0, -1.0), (0.0, -1.0, 0.0), 0.8, 1.5)
    assert np.array_equal(reslice(source, sagittal, 7, 9), source.values[::-1, ::-1, 10].T.astype(np.float32))


def test_a_grid_plane_larger_than_the_volume_is_empty_around_it():
    source = volume()
    position = tuple(float(value) for value in source.to_patient((2, -2, -3)))
    plane = ImagePlane(position, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.8, 0.5)
    got = reslice(source, plane, 12, 20)
    assert np.array_equal(got[2:9, 3:14], source.values[2].astype(np.float32))
    assert np.isnan(got).sum() == 12 * 20 - 7 * 11


@pytest.mark.parametrize("start", [(-1.0, 0.0, 0.0), (9.0, 0.0, 0.0), (0.0, -40.0, 0.0), (4.3, 50.0, -70.2)])
def test_a_plane_beside_the_volume_is_empty(start):
    source = volume()
    position = tuple(float(value) for value in source.to_patient(start))
    plane = ImagePlane(position, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.8, 0.5)
    assert np.isnan(reslice(source, plane, 7, 11)).all()


def test_a_backward_plane_that_ends_at_the_volume_is_empty():
    source = volume()
    position = tuple(float(value) for value in source.to_patient((4, -1, 10)))
    plane = ImagePlane(position, (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), 0.8, 0.5)
    assert np.isnan(reslice(source, plane, 7, 11)).all()


def test_the_three_planes_are_radiological_square_and_span_the_volume():
    source = volume()
    point = tuple(float(value) for value in source.to_patient((4.2, 3, 5)))
    axial, rows, columns = orthogonal_plane(source, Orientation.AXIAL, point)
    assert (axial.row_direction, axial.column_direction) == ((1, 0, 0), (0, 1, 0))
    assert axial.position == pytest.approx((-12, 30, 1.0))  # voxel plane 4: the nearest original slice
    assert (axial.row_spacing, axial.column_spacing) == (0.5, 0.5)
    assert (rows, columns) == (10, 11)  # 6 * 0.8 mm and 10 * 0.5 mm between the outermost centres
    coronal, rows, columns = orthogonal_plane(source, Orientation.CORONAL, point)
    assert (coronal.row_direction, coronal.column_direction) == ((1, 0, 0), (0, 0, -1))
    assert coronal.position == pytest.approx(
        (-12, 32.4, 7.0)
    )  # the head is up: the first row is the last slice
    assert (rows, columns) == (25, 11)
    sagittal, rows, columns = orthogonal_plane(source, Orientation.SAGITTAL, point)
    assert (sagittal.row_direction, sagittal.column_direction) == ((0, 1, 0), (0, 0, -1))
    assert sagittal.position == pytest.approx((-9.5, 30, 7.0))
    assert (rows, columns) == (25, 10)
    for plane, down, across in ((axial, 10, 11), (coronal, 25, 11), (sagittal, 25, 10)):
        got = reslice(source, plane, down, across)
        assert np.allclose(got, reference(source, plane, down, across), atol=2e-3)


def test_planes_through_a_tilted_volume_are_not_snapped_where_it_has_none():
    source = volume(0.4)
    plane, _, _ = orthogonal_plane(source, Orientation.CORONAL, (-10.0, 31.234, 0.0))
    assert plane.position[1] == 31.234
    assert step_through(source, Orientation.CORONAL) == 0.5
    axial, _, _ = orthogonal_plane(source, Orientation.AXIAL, (-10.0, 31.234, 0.4))
    assert axial.position[2] == pytest.approx(1.0)  # its own slices are axial all the same: the nearest
    assert step_through(source, Orientation.AXIAL) == 1.5
    assert step_through(volume(), Orientation.AXIAL) == 1.5
    assert step_through(volume(), Orientation.CORONAL) == 0.8
