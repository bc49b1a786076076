"""A head as computed tomography sees it, from simple solids and smooth relief. It is nobody's head."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from viewer.demo.canvas import Array, Canvas, Waves, merge
from viewer.demo.face import paint_face

# Hounsfield units (typical of 120 kV)
AIR, SKIN, FAT, MUSCLE = -1000.0, 55.0, -98.0, 58.0
COMPACT, DIPLOE, PETROUS = 1450.0, 700.0, 1650.0
FLUID, GREY, WHITE, DURA = 6.0, 39.0, 29.0, 52.0
CALCIUM = 180.0

CAVITY = ((0.0, 8.0, 0.0), (65.0, 81.0, 73.0))  # of the brain: centre and half axes, mm
ROUNDING = 9.0  # mm, of the seams between the parts of the head
SCALP = 12.0  # mm from the cavity to the skin
BOX = ((-84.0, -112.0), (84.0, 106.0))  # x, y mm: the head is inside

FOLDS = Waves.of(11, 17.0, 10)  # where the grooves of the brain run
PATCHES = Waves.of(12, 30.0)  # slow changes of thickness and density
GRAIN = Waves.of(13, 5.0, 8)  # marrow, cells of the mastoid
STRANDS = Waves.of(14, 11.0, 8)  # fat between muscles


@dataclass(frozen=True, slots=True, eq=False)
class _Slice:
    """What many tissues of a slice are painted by."""

    canvas: Canvas
    cavity: Array  # mm to the inner table of the skull, negative within
    base: Array  # 0 at the vault of the skull, 1 at its base
    skin: Array  # mm to the skin, negative within
    patches: Array  # relief


def paint_head(whole: Canvas) -> None:
    """Paint the head on a slice of air."""
    canvas = whole.part(*BOX)
    patches = PATCHES.on(canvas)
    head = _Slice(canvas, *_to_cavity(canvas), _to_skin(canvas), patches)
    _paint_soft_tissue(head)
    _paint_skull(head)
    _paint_brain(head)
    _paint_deep_brain(canvas)
    _paint_neck(canvas)
    paint_face(canvas)
    _paint_skin(head)


# ---------------------------------------------------------------------------------------- the outside
def _to_skin(canvas: Canvas) -> Array:
    """Return the distance to the skin, in mm."""
    centre, axes = CAVITY
    cranium = (axes[0] + SCALP, axes[1] + SCALP, axes[2] + SCALP)
    solids = [
        (centre, cranium),
        ((0.0, -42.0, -38.0), (66.0, 43.0, 42.0)),  # brow and cheeks
        ((0.0, -26.0, -66.0), (65.0, 60.0, 58.0)),
        ((0.0, -50.0, -92.0), (45.0, 41.0, 34.0)),  # chin
        ((0.0, -84.0, -60.0), (13.0, 21.0, 16.0)),  # nose
        ((0.0, -80.0, -46.0), (8.0, 16.0, 22.0)),
        ((0.0, 24.0, -120.0), (60.0, 60.0, 75.0)),  # neck
    ]
    near = [
        solids[0],
        *(solid for solid in solids[1:] if abs(canvas.z - solid[0][2]) < solid[1][2] + ROUNDING),
    ]
    return merge((canvas.to_ellipsoid(*solid) for solid in near), ROUNDING)


def _paint_soft_tissue(head: _Slice) -> None:
    canvas = head.canvas
    below = np.float32(np.clip((-canvas.z - 15) / 35, 0, 1))  # the face has thicker fat than the scalp
    fat_to = -(np.float32(4.2) + below * 4 + head.patches * (np.float32(0.5) + below * 2))
    strands = STRANDS.on(canvas)
    sheets = np.clip(1 - np.abs(strands) * 9, 0, 1) * below  # of fat, thin
    muscle = MUSCLE - 85 * sheets
    canvas.blend(canvas.cover(head.skin), SKIN)
    canvas.blend(canvas.cover(head.skin + np.float32(1.9)), FAT + 8 * head.patches)
    canvas.blend(canvas.cover(head.skin - fat_to, 1.5), muscle)
    for side in (-1, 1):
        canvas.ellipsoid((side * 65, -20, -16), (5.0, 24.0, 24.0), MUSCLE, 2.0)  # temporal muscle


def _paint_skin(head: _Slice) -> None:
    """Cut off what sticks out of the head, close the skin over it, and add the ears."""
    canvas = head.canvas
    canvas.blend(1 - canvas.cover(head.skin - canvas.pixel), AIR)
    canvas.blend(canvas.cover(np.abs(head.skin + np.float32(0.9)) - np.float32(0.9)), SKIN)
    for side in (-1, 1):
        canvas.rod((side * 68, 13, -50), (side * 73, 27, -26), 5.0, 20.0)
        canvas.ellipsoid((side * 75, 20, -36), (4.5, 13.0, 22.0), 20.0)
        canvas.ellipsoid((side * 77, 14, -38), (3.5, 8.0, 13.0), AIR)
        canvas.rod((side * 80, 12, -43), (side * 47, 14, -43), 3.2, AIR)  # ear canal
    canvas.rod((-6, -104, -70.5), (-6, -80, -68), 3.2, AIR)  # nostrils
    canvas.rod((6, -104, -70.5), (6, -80, -68), 3.2, AIR)


# ------------------------------------------------------------------------------------------- the skull
def _to_cavity(canvas: Canvas) -> tuple[Array, Array]:
    """Return the distance in mm to the inner table, an ellipsoid on three steps, and where its base is."""
    ellipsoid = canvas.to_ellipsoid(*CAVITY)
    aside = np.abs(canvas.x)
    to_middle = _step(canvas.y + 20 + 0.004 * canvas.x**2, 3.0)
    to_back = _step(canvas.y - 4 - 0.5 * np.maximum(aside - 6, 0), 3.0)  # along the petrous ridges
    saddle = np.float32(13) * np.exp(-((canvas.x / 15) ** 2))  # the sella stands above the middle fossae
    orbits = np.float32(5) * np.exp(-(((aside - 30) / 17) ** 2))  # the roofs bulge upwards
    floor = (orbits - 22) + to_middle * (saddle - 20 - orbits) + to_back * (-24 - saddle)
    above = (floor - np.float32(canvas.z)) * np.float32(0.8)
    return merge_max(ellipsoid, above, 6.0), _step(above - ellipsoid, 4.0)


def merge_max(first: Array, second: Array, roundness: float) -> Array:
    """Return the distance to what two solids share, the seam rounded over `roundness` mm."""
    return -merge(iter([-first, -second]), roundness)


def _step(distance: Array, width: float) -> Array:
    """Return 0 to 1 across a soft step."""
    step: Array = np.float32(0.5) * (1 + np.tanh(distance / np.float32(width)))
    return step


def _paint_skull(head: _Slice) -> None:
    canvas, cavity = head.canvas, head.cavity
    thick = np.float32(5.8) + head.patches * np.float32(0.5) + np.float32(0.02) * np.maximum(canvas.y, 0)
    thick *= 1 - np.float32(0.55) * head.base * (canvas.y < 0)  # the roofs of the orbits are thin
    outer = cavity - thick
    inside = outer + np.float32(1.4), np.float32(1.2) - cavity
    marrow = np.maximum(*inside)
    grain = GRAIN.on(canvas)
    canvas.blend(canvas.cover(outer), COMPACT)
    canvas.blend(canvas.cover(marrow, 1.2), DIPLOE + 130 * grain)
    for side in (-1, 1):  # petrous bones, from the middle of the base to behind the ears
        canvas.rod((side * 14, 6, -45), (side * 46, 24, -43), 8.5, PETROUS)
        canvas.ellipsoid((side * 53, 27, -52), (11, 14, 20), 600.0)
    cells = canvas.part((-80, 5), (80, 50))
    if cells.values.size:
        air = GRAIN.on(cells, 1.3) + np.float32(0.35)
        mastoid = np.maximum(
            np.minimum(
                cells.to_ellipsoid((53, 27, -53), (9, 12, 17)),
                cells.to_ellipsoid((-53, 27, -53), (9, 12, 17)),
            ),
            -air * np.float32(1.2),
        )
        cells.blend(cells.cover(mastoid), -900.0)
    for side in (-1, 1):
        canvas.rod((side * 43, 14, -42), (side * 38, 12, -40), 3.4, AIR)  # middle ear
        canvas.rod((side * 26, 15, -42), (side * 14, 20, -42), 2.4, FLUID)  # internal auditory canal
        canvas.ellipsoid((side * 33, 12, -42), (3.0, 2.5, 2.5), 90.0)  # inner ear


# ------------------------------------------------------------------------------------------- the brain
def _paint_brain(head: _Slice) -> None:
    canvas, cavity = head.canvas, head.cavity
    if not (cavity < 0).any():
        return
    canvas.blend(canvas.cover(cavity), FLUID + 4)
    depth = -cavity - np.float32(2.0)  # mm below the surface of the brain
    _paint_cerebrum(head, depth)
    _paint_back_of_brain(canvas, depth)


def _paint_cerebrum(head: _Slice, depth: Array) -> None:
    """Paint the folded grey and the white matter, and the falx between the hemispheres."""
    canvas = head.canvas
    middle, _ = CAVITY
    x, y, z = canvas.x * 1.1, canvas.y - middle[1], np.float32(canvas.z + 14)
    radius = np.sqrt(x * x + y * y + z * z) + 1
    scale = (66 / radius) ** np.float32(0.7)  # grooves run inwards, so the relief is nearly that of a sphere
    wobble = np.float32(2.5) * head.patches
    relief = FOLDS.at(x * scale + wobble, y * scale - wobble, z * scale)
    slopes = np.gradient(relief, canvas.pixel)
    steep = np.sqrt(slopes[0] ** 2 + slopes[1] ** 2 + np.float32(0.15**2))  # per mm
    groove = np.abs(relief) / steep  # mm from the nearest groove, about
    hollow = _to_hollow(canvas)
    middle_x = canvas.x + np.float32(0.9) * head.patches  # nobody is quite symmetrical
    cleft = np.hypot(middle_x, np.minimum(hollow, 0))  # mm from the midline
    near = np.minimum(depth, cleft)  # mm below the surface
    core = np.minimum(np.maximum(hollow, np.abs(middle_x) - 12), 0)  # the beam that joins them has no grooves
    width = np.float32(1.2) - np.float32(0.085) * near + np.float32(0.4) * core
    ribbon = np.minimum(near, groove + np.float32(0.5) * np.maximum(near - 12, 0)) - core
    matter = WHITE + (GREY - WHITE) * canvas.cover(
        ribbon - np.float32(3.3) - np.float32(0.5) * head.patches, 1.6
    )
    brain = canvas.cover(np.maximum(-depth, np.float32(0.9) - cleft)) * (
        1 - canvas.cover(groove - width, 0.8)
    )
    canvas.blend(brain, matter + np.float32(0.8) * head.patches)
    falx = np.maximum(np.maximum(np.abs(middle_x) - np.float32(0.55), 4 - hollow), -depth - 1)
    canvas.blend(canvas.cover(falx, 0.9), DURA)


def _to_hollow(canvas: Canvas) -> Array:
    """Return the distance in mm to the middle of the brain, which joins the hemispheres."""
    across = np.sqrt(((canvas.y - 2) / 40) ** 2 + np.float32(((canvas.z - 2) / 26) ** 2))
    distance: Array = ((across - 1) * 30).astype(np.float32)
    return distance


def _paint_back_of_brain(canvas: Canvas, depth: Array) -> None:
    """Paint the cerebellum under its tent, the brain stem and the fluid around them."""
    if canvas.z > -2:  # noqa: PLR2004  mm, the top of the tent
        return
    aside = np.abs(canvas.x)
    roof = np.float32(-3) - np.float32(0.28) * aside - np.float32(0.004) * (canvas.y - 30) ** 2  # mm
    below = np.float32(canvas.z) - roof
    edge = 8 + np.float32(0.42) * aside - canvas.y  # mm to the petrous ridges
    back = np.maximum(np.maximum(below, edge), -depth - 2)
    canvas.blend(canvas.cover(back), FLUID + 3)
    lobes = merge((canvas.to_ellipsoid((side * 20, 48, -36), (36, 38, 33)) for side in (-1, 1)), 6.0)
    cerebellum = merge_max(np.maximum(back + np.float32(2.0), edge + 5), lobes, 5.0)
    leaves = np.cos(np.float32(1.7) * (cerebellum + np.float32(0.35) * lobes + np.float32(0.15) * canvas.y))
    matter = 33 + 5 * canvas.cover(-cerebellum - 9, 6.0) + np.float32(1.6) * leaves
    canvas.blend(canvas.cover(cerebellum), matter)
    tent = np.maximum(np.abs(below) - np.float32(0.9), np.maximum(edge + 4, -depth - 1))
    canvas.blend(canvas.cover(tent, 1.0), DURA)


def _paint_deep_brain(canvas: Canvas) -> None:
    """Paint ventricles, basal ganglia, brain stem, and the usual calcifications."""
    for side in (-1, 1):
        canvas.ellipsoid((side * 24, 0, -1), (7, 17, 12), GREY + 1, 2.5)  # lentiform nucleus
        canvas.ellipsoid((side * 10, 12, 1), (8, 13, 9), GREY, 2.5)  # thalamus
        canvas.rod((side * 13, -20, 4), (side * 17, 8, 16), 5.0, GREY)  # caudate nucleus
        _paint_ventricle(canvas, side)
    canvas.ellipsoid((0, 9, 0), (2.0, 14, 10), FLUID, 1.0)  # third ventricle
    canvas.ellipsoid((0, -1, -29), (16, 12, 7), FLUID)  # suprasellar cistern
    canvas.ellipsoid((0, -9, -33), (6, 5, 4), 45.0)  # pituitary gland
    canvas.ellipsoid((0, 34, -8), (10, 6, 7), FLUID)  # quadrigeminal cistern
    canvas.rod((-11, 10, -14), (-4, 15, -26), 8.0, 33.0)  # cerebral peduncles
    canvas.rod((11, 10, -14), (4, 15, -26), 8.0, 33.0)
    canvas.ellipsoid((0, 14, -37), (16, 11, 14), 32.0)  # pons
    canvas.rod((0, 20, -46), (0, 31, -70), 8.0, 32.0)  # medulla
    canvas.ellipsoid((0, 31, -38), (9, 4, 8), FLUID)  # fourth ventricle
    canvas.rod((0, 4, -28), (0, 2, -46), 1.7, 52.0)  # basilar artery
    canvas.ellipsoid((0, 27, 0), (3.0, 2.6, 2.6), CALCIUM)  # pineal gland
    canvas.ellipsoids((17, 33, 6), (2.6, 4.0, 3.2), CALCIUM)  # choroid plexus
    for side in (-1, 1):
        canvas.rod((side * 5, -2, -27), (side * 28, -6, -28), 1.4, 50.0)  # middle cerebral artery
        canvas.rod((side * 30, -8, -26), (side * 54, 6, -2), 2.0, FLUID)  # Sylvian fissure
        canvas.rod((side * 38, -22, -18), (side * 56, 22, 12), 1.5, FLUID)


def _paint_ventricle(canvas: Canvas, side: int) -> None:
    """Paint one lateral ventricle as a chain of rods: frontal horn, body, atrium, two horns."""
    chain = [
        ((4, -30, 4), 3.0), ((7, -24, 8), 4.6), ((9, -8, 15), 4.8), ((11, 10, 19), 4.8), ((15, 26, 15), 5.4),
        ((21, 36, 6), 6.4),
    ]  # fmt: skip
    for (start, first), (end, second) in pairwise(chain):
        radius = (first + second) / 2
        canvas.rod((side * start[0], start[1], start[2]), (side * end[0], end[1], end[2]), radius, FLUID)
    canvas.rod((side * 21, 36, 6), (side * 16, 58, 5), 3.4, FLUID)
    canvas.rod((side * 22, 34, 3), (side * 30, 16, -14), 3.2, FLUID)
    canvas.rod((side * 30, 16, -14), (side * 28, 0, -20), 2.4, FLUID)


# -------------------------------------------------------------------------------------------- the neck
def _paint_neck(canvas: Canvas) -> None:
    """Paint the spine with its canal, and what passes through the neck."""
    if canvas.z > -55:  # noqa: PLR2004  mm, the highest point of the foramen magnum
        return
    canal = np.sqrt(canvas.x**2 + (canvas.y - 33) ** 2)
    if canvas.z < -76:  # noqa: PLR2004  mm, below the skull: the first vertebrae
        level = (-canvas.z - 76) / 17
        fraction = level - int(level)
        disc = fraction > 0.82  # noqa: PLR2004  of a vertebra's height
        body = canvas.to_ellipsoid((0, 13, canvas.z), (13, 9, 9))
        arch = np.maximum(canal - 17, 11.5 - canal)
        spine = np.maximum(arch, 22 - canvas.y) if not disc else arch + 40
        wings = canvas.to_ellipsoid((0, 26, canvas.z), (36.0 if level < 1 else 26.0, 5, 9))
        bone = np.minimum(np.minimum(body, spine), np.maximum(wings, 11.5 - canal))
        if disc:
            canvas.blend(canvas.cover(body), 85.0)
        else:
            canvas.blend(canvas.cover(bone), 1100.0)
            canvas.blend(canvas.cover(bone + np.float32(1.6), 1.5), 320.0)
    canvas.blend(canvas.cover(np.maximum(canal - 11, canvas.z + 58)), FLUID + 4)
    canvas.blend(canvas.cover(np.maximum(canal - 6, canvas.z + 60)), 34.0)
    for side in (-1, 1):
        canvas.rod((side * 24, 4, -120), (side * 24, 6, -52), 3.2, 50.0)  # carotid artery
        canvas.rod((side * 30, 12, -120), (side * 28, 14, -52), 4.6, 46.0)  # jugular vein
