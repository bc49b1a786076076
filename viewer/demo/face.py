"""The face: orbits, nose and its sinuses, jaws, tongue and throat, as simple solids."""

import math

import numpy as np

from viewer.demo.canvas import Canvas, Waves

AIR, FAT, SOFT, BONE, ENAMEL = -1000.0, -98.0, 52.0, 1150.0, 2300.0
VITREOUS, LENS, SCLERA, NERVE = 8.0, 85.0, 48.0, 38.0
CELLS = Waves.of(21, 9.0, 8)  # of the ethmoid bone
MARROW = Waves.of(22, 6.0, 8)

EYE = (31.0, -62.0, -34.0)  # mm, centre of the left one


def paint_face(canvas: Canvas) -> None:
    """Paint the bones first, then what they hold, from the deep to the superficial."""
    _paint_bones(canvas)
    _paint_sinuses(canvas)
    _paint_nose(canvas)
    _paint_orbits(canvas)
    _paint_mouth(canvas)
    _paint_jaw(canvas)


def _paint_bones(canvas: Canvas) -> None:
    canvas.ellipsoid((0, -33, -42), (19, 18, 15), 950.0)  # body of the sphenoid
    canvas.rod((0, -9, -38), (0, 9, -64), 5.0, 800.0)  # clivus
    canvas.ellipsoids((34, -54, -58), (18.5, 21, 22), BONE)  # maxilla
    for side in (-1, 1):
        canvas.rod((side * 40, -70, -54), (side * 58, -52, -52), 4.2, BONE)  # cheek bone
        canvas.rod((side * 58, -52, -52), (side * 64, -2, -48), 2.6, BONE)  # and its arch
        canvas.rod((side * 48, -64, -52), (side * 51, -58, -26), 3.4, BONE)  # side wall of the orbit
        canvas.rod((side * 51, -58, -26), (side * 38, -70, -17), 4.0, BONE)  # brow
        canvas.rod((side * 38, -70, -17), (side * 8, -76, -17), 4.2, BONE)
        canvas.rod((side * 7, -78, -22), (side * 5, -88, -38), 2.4, BONE)  # nasal bones
        canvas.rod((side * 12, -4, -58), (side * 15, -22, -76), 2.6, 800.0)  # pterygoid processes


def _paint_sinuses(canvas: Canvas) -> None:
    canvas.ellipsoids((33, -54, -58), (16.8, 19.2, 20.2), 40.0)  # mucosa
    canvas.ellipsoids((33, -54, -57.5), (16.0, 18.4, 19.2), AIR)
    for side, size in ((-1, 10.5), (1, 9.0)):
        canvas.ellipsoid((side * 9.6, -33, -42), (size - 1.0, 13, 10.5), AIR)  # sphenoid sinus
        canvas.ellipsoid((side * (size + 1), -70.5, -12), (size, 5.0, 10), BONE)
        canvas.ellipsoid((side * (size + 1), -70.5, -12), (size - 1.4, 3.4, 8.6), AIR)  # frontal sinus


def _paint_nose(canvas: Canvas) -> None:
    part = canvas.part((-20, -112), (20, -20))
    if not part.values.size or not -82 < part.z < -16:  # noqa: PLR2004  mm
        return
    ethmoid = np.maximum(
        np.abs(part.x) - 12.5, np.maximum(np.abs(part.y + 56) - 20, np.float32(abs(part.z + 32) - 10))
    )
    cells = CELLS.on(part)
    part.blend(part.cover(ethmoid, 1.0), AIR)
    part.blend(part.cover(np.maximum(ethmoid, np.abs(cells) - np.float32(0.22)), 1.2), 520.0)
    part.blend(part.cover(np.abs(ethmoid) - np.float32(0.6), 1.0), 650.0)
    half = 11.0 + 3.0 * math.exp(-(((part.z + 66) / 10) ** 2))
    cavity = np.maximum(np.abs(part.x) - half, np.maximum(-80 - part.y, part.y + 22))
    cavity = np.maximum(
        np.maximum(cavity, part.to_ellipsoid((0, -50, -54), (19, 36, 24))), np.float32(-73 - part.z)
    )
    part.blend(part.cover(cavity, 1.0), AIR)
    for side in (-1, 1):
        part.ellipsoid((side * 8.2, -52, -64), (3.9, 22, 5.5), SOFT)  # lower concha
        part.ellipsoid((side * 8.6, -52, -63), (0.9, 18, 3.5), 420.0)
        part.ellipsoid((side * 6.6, -48, -50), (2.7, 17, 5.0), SOFT)  # middle concha
        part.ellipsoid((side * 6.6, -48, -49), (0.8, 14, 3.6), 420.0)
    bend = np.float32(1.4) * np.sin((part.y + 50) / 16)
    septum = np.maximum(np.abs(part.x - bend) - np.float32(1.3), np.maximum(-98 - part.y, part.y + 26))
    septum = np.maximum(
        np.maximum(septum, part.to_ellipsoid((0, -58, -52), (24, 40, 30))), np.float32(-74 - part.z)
    )
    part.blend(part.cover(septum), SOFT)
    inner = np.maximum(septum + np.float32(0.7), -74 - part.y)
    part.blend(part.cover(inner, 0.8), 170.0)


def _paint_orbits(canvas: Canvas) -> None:
    if not -62 < canvas.z < -8:  # noqa: PLR2004  mm
        return
    x, y, z = EYE
    for side in (-1, 1):
        part = canvas.part((min(side * 8.0, side * 56.0), -90.0), (max(side * 8.0, side * 56.0), -14.0))
        cone = _cone(part, (side * 11, -20, z + 3), (side * x, -72, z), (3.5, 20.0))
        wall = np.maximum(cone - np.float32(1.6), -part.y - 66)
        part.blend(part.cover(wall, 1.0), 900.0)
        part.blend(part.cover(cone), FAT)
        for to, height in ((x - 13, 0.0), (x + 13, 0.0), (x, 11.5), (x, -11.5)):  # straight muscles
            part.rod((side * 13, -26, z + 2), (side * to, y + 9, z + height), 1.9, 62.0)
        part.rod((side * 12, -22, z + 3), (side * (x - 4), -42, z + 1), 2.3, NERVE)
        part.rod((side * (x - 4), -42, z + 1), (side * x, y + 11, z), 2.1, NERVE)
        part.ellipsoid((side * (x + 11), -62, z + 11), (5, 7, 5), 40.0)  # lacrimal gland
        part.ellipsoid((side * x, y - 9, z), (17, 8, 12), SOFT)  # lids
        part.ellipsoid((side * x, y, z), (12.3, 12.3, 12.3), SCLERA)
        part.ellipsoid((side * x, y, z), (11.3, 11.3, 11.3), VITREOUS)
        part.ellipsoid((side * x, y - 7.6, z), (4.8, 2.3, 4.8), LENS)


def _cone(
    canvas: Canvas,
    tip: tuple[float, float, float],
    base: tuple[float, float, float],
    radii: tuple[float, float],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Return the distance in mm, about, to a cone between two radii."""
    way = np.array(base) - np.array(tip)
    length = float(np.linalg.norm(way))
    unit = way / length
    offset = (canvas.x - tip[0], canvas.y - tip[1], np.float32(canvas.z - tip[2]))
    along = offset[0] * unit[0] + offset[1] * unit[1] + offset[2] * unit[2]
    off = [part - along * unit[axis] for axis, part in enumerate(offset)]
    share = np.clip(along / length, 0, 1)
    radius = radii[0] + (radii[1] - radii[0]) * np.sqrt(share)
    side = np.sqrt(off[0] ** 2 + off[1] ** 2 + off[2] ** 2) - radius
    distance: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = np.maximum(
        side, np.maximum(-along, along - length)
    ).astype(np.float32)
    return distance


def _paint_mouth(canvas: Canvas) -> None:
    canvas.ellipsoid((0, -50, -76), (26, 27, 3.2), BONE)  # hard palate
    canvas.ellipsoid((0, -36, -94), (23, 30, 15), 62.0)  # tongue
    canvas.ellipsoid((0, -44, -79.5), (19, 22, 1.6), AIR)
    canvas.ellipsoid((0, -16, -80), (10, 6, 7), SOFT)  # soft palate
    canvas.rod((0, -9, -52), (0, -6, -74), 8.5, AIR)  # throat
    canvas.rod((0, -6, -74), (0, -7, -122), 7.0, AIR)
    canvas.ellipsoid((0, -13, -112), (9, 2.0, 9), SOFT)  # epiglottis
    for side in (-1, 1):
        canvas.ellipsoid((side * 53, -4, -76), (8, 14, 20), 5.0, 4.0)  # parotid gland
        canvas.ellipsoid((side * 44, -22, -84), (4.5, 17, 24), 62.0)  # muscles of the jaw, inner
        canvas.ellipsoid((side * 56, -28, -82), (4.5, 16, 24), 64.0)  # and outer


def _paint_jaw(canvas: Canvas) -> None:
    """Paint the lower jaw and two arcs of teeth."""
    for side in (-1, 1):
        canvas.rod((side * 50, -6, -58), (side * 52, -14, -92), 4.6, BONE)  # ascending branch
        canvas.rod((side * 50, -6, -58), (side * 52, -14, -92), 2.6, 450.0)
        canvas.ellipsoid((side * 52, -2, -54), (8, 5, 5), BONE)  # its head
        canvas.rod((side * 53, -30, -60), (side * 52, -22, -88), 3.0, BONE)  # coronoid process
    part = canvas.part((-62, -95), (62, -5))
    if part.values.size and -116 < part.z < -80:  # noqa: PLR2004  mm
        arch = np.hypot(part.x, np.minimum(part.y + 38, 0) * np.float32(1.02)) - 37
        arch = np.abs(arch - np.float32(0.3) * np.maximum(part.y + 38, 0))  # wider towards the back
        section = np.hypot(arch / 6, np.float32((part.z + 104) / 10)) - 1  # an upright ellipse
        bone = np.maximum(section * 6, part.y + 12)
        part.blend(part.cover(bone), BONE)
        marrow = MARROW.on(part)
        part.blend(part.cover(bone + np.float32(2.4), 1.5), 420 + 160 * marrow)
    for tooth in range(14):
        angle = math.radians(-78 + 12 * tooth)
        front = abs(tooth - 6.5) < 3  # noqa: PLR2004  incisors and canines are narrow
        for radius, crown, root in ((33.5, -88.5, -76.5), (35.0, -90.0, -102.0)):
            x, y = radius * math.sin(angle), -38 - radius * math.cos(angle) * 1.02
            size = 2.4 if front else 3.5
            canvas.rod((x, y, root), (x, y, crown), size - 0.9, 1500.0)
            canvas.ellipsoid((x, y, crown), (size, size, 4.0), ENAMEL)


def paint_rest(whole: Canvas) -> None:
    """Paint the shell of the head rest under the head, and its foam."""
    canvas = whole.part((-114, 40), (114, 110))
    if not canvas.values.size:
        return
    shell = (np.hypot(canvas.x / np.float32(112), (canvas.y - 2) / np.float32(106)) - 1) * 109  # mm, about
    ring = np.maximum(np.abs(shell) - np.float32(1.0), 40 - canvas.y)
    air = np.clip((-700 - canvas.values) / 100, 0, 1)  # only where nothing else is
    canvas.blend(canvas.cover(np.maximum(shell + 1, 40 - canvas.y)) * air, -965.0)
    canvas.blend(canvas.cover(ring) * air, -250.0)
