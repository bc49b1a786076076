"""Solids cover what their formulas say, in mm."""

import math

import numpy as np
import pytest

from viewer.demo.canvas import Canvas, Waves


def painted(paint, pixel=0.5, spacing=0.5):
    """Return the mm³ of 1000 HU that `paint` adds to slices of nothing."""
    total = 0.0
    for index in range(81):
        canvas = Canvas.blank((90, 100), (-25.0, -22.0), -20 + spacing * index, pixel)
        canvas.values[...] = 0
        paint(canvas)
        total += float(canvas.values.sum(dtype=np.float64)) / 1000
    return total * pixel * pixel * spacing


def test_a_sphere_has_the_volume_of_a_sphere():
    volume = painted(lambda canvas: canvas.ellipsoid((1.3, -2.2, 0.7), (6, 6, 6), 1000))
    assert volume == pytest.approx(4 / 3 * math.pi * 216, rel=0.01)


def test_an_ellipsoid_has_the_volume_of_an_ellipsoid():
    volume = painted(lambda canvas: canvas.ellipsoid((1.3, -2.2, 0.7), (8, 5, 9), 1000))
    assert volume == pytest.approx(4 / 3 * math.pi * 360, rel=0.01)


def test_a_flat_rod_has_the_volume_of_a_cylinder_in_any_direction():
    volume = painted(lambda canvas: canvas.rod((-9, 3, -8), (7, -6, 9), 3.0, 1000, flat=True))
    assert volume == pytest.approx(math.pi * 9 * math.dist((-9, 3, -8), (7, -6, 9)), rel=0.01)


def test_a_box_has_the_volume_of_a_box():
    volume = painted(lambda canvas: canvas.slab((-9, -6, -4), (7, 5, 8), 1000))
    assert volume == pytest.approx(16 * 11 * 12, rel=0.01)


def test_painting_a_part_paints_the_whole():
    canvas = Canvas.blank((90, 100), (-25.0, -22.0), 0.0, 0.5)
    canvas.part((-3, -3), (3, 3)).blend(np.float32(1), 500.0)
    assert canvas.values[44, 50] == 500
    assert canvas.values[10, 10] == -1000
    assert canvas.part((100, 100), (120, 120)).values.size == 0


def test_the_relief_is_the_same_by_product_and_by_sum_and_is_normal():
    waves = Waves.of(3, 7.0)
    canvas = Canvas.blank((90, 100), (-25.0, -22.0), 11.0, 0.5)
    product = waves.on(canvas, 1.3)
    plain = waves.at(canvas.x * 1.3, canvas.y * 1.3, np.full((1, 1), 11.0 * 1.3, np.float32))
    assert np.allclose(product, plain, atol=1e-3)
    wide = Canvas.blank((400, 400), (-400.0, -400.0), 11.0, 2.0)
    assert waves.on(wide).mean() == pytest.approx(0, abs=0.1)
    assert waves.on(wide).std() == pytest.approx(1, abs=0.1)
