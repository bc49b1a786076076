"""The numbers of each kind: millimetres only where the header gives them (PS3.3 10.7.1, C.8.5.5).

Every function takes the points of a complete annotation, in image coordinates, and the image. Where no number
would be right its value is None, and its text says why.
"""

import math
from collections.abc import Callable
from dataclasses import replace

from viewer.annotations import polygons
from viewer.annotations.axes import along_axes, at_axes
from viewer.annotations.forms import Oval, Points, oval_of_axes, oval_of_circle
from viewer.annotations.ground import Ground, RefusedError, ground_of, plain_ground_of
from viewer.annotations.measurement import Measurement, Quantity
from viewer.annotations.shapes import Point
from viewer.annotations.wording import number
from viewer.dicom.image import Calibration, CalibrationClass, ImageDescription
from viewer.errors import ViewerError

RIGHT_ANGLE = 90.0  # degrees
SQUARE = 2.0  # degrees by which the axes of a bidirectional measurement may miss a right angle
SAME = 1e-9  # relative: pixels that are square but for rounding
SKEW = 0.05  # of the length of an axis of an ellipse, by which its ends may miss a right angle or a half

Measure = Callable[[Points, ImageDescription], Measurement]


def _asked(name: str, answer: Measure) -> Measure:
    """Return `answer` with a refusal in words where it raises RefusedError: "no length: ..."."""

    def measured(points: Points, image: ImageDescription) -> Measurement:
        """Return the measurement, or why there is none."""
        try:
            return answer(points, image)
        except RefusedError as reason:
            calibration = image.calibration
            return Measurement(None, "", calibration.kind, calibration.source, f"no {name}: {reason}")

    return measured


# ---------------------------------------------------------------------------------------------- lengths
def _length(points: Points, image: ImageDescription) -> Measurement:
    """Return the distance between two points: hypot(columns * column spacing, rows * row spacing).

    In an ultrasound region of other axes (M-mode, Doppler) it is the time and the depth, or the velocity,
    between them, each for itself.
    """
    ground = ground_of(points, image)
    if ground.axes is not None:
        return along_axes(points[0], points[1], ground, ground.axes)
    return _in_words(ground, math.hypot(*ground.vector(points[0], points[1])))


def _polyline(points: Points, image: ImageDescription) -> Measurement:
    """Return the sum of the distances from point to point."""
    ground = plain_ground_of(points, image)
    return _in_words(ground, polygons.length(_scaled(points, ground)))


def _bidirectional(points: Points, image: ImageDescription) -> Measurement:
    """Return the longer of two lines, whichever was drawn first, with the shorter and their product.

    Drawn they are at right angles; where a handle was moved so that they are not, the text says at which.
    """
    ground = plain_ground_of(points, image)
    lengths = [math.hypot(*ground.vector(*line)) for line in (points[:2], points[2:])]
    short, long = sorted(lengths)
    unit, remark = ground.unit, ground.remark
    text = f"{number(long)} x {number(short)} {unit}{remark}\nproduct {number(long * short)} {unit}²{remark}"
    between = _cobb(points, image).value if short > 0 else None
    if between is not None and between < RIGHT_ANGLE - SQUARE:
        text += f"\nat {between:.0f}°, not at right angles"
    more = Quantity("short axis", short, unit), Quantity("product", long * short, f"{unit}²")
    return Measurement(long, unit, ground.calibration, ground.source, text, more)


# ----------------------------------------------------------------------------------------------- angles
def _angle(points: Points, image: ImageDescription) -> Measurement:
    """Return the angle between two arms, 0 to 180 degrees, of: an end, the vertex, an end."""
    ground = plain_ground_of(points, image)
    first, second = ground.vector(points[1], points[0]), ground.vector(points[1], points[2])
    return _in_degrees(ground, first, second)


def _cobb(points: Points, image: ImageDescription) -> Measurement:
    """Return the acute angle between two lines, 0 to 90 degrees.

    So it does not matter in which order the four ends were given, nor which line came first.
    """
    ground = plain_ground_of(points, image)
    first, second = ground.vector(points[0], points[1]), ground.vector(points[2], points[3])
    return _in_degrees(ground, first, second, acute=True)


def _in_degrees(ground: Ground, first: Point, second: Point, *, acute: bool = False) -> Measurement:
    """Return the angle between two directions; both are lengths, so that pixels need not be square."""
    if math.hypot(*first) == 0 or math.hypot(*second) == 0:
        raise RefusedError("one of its lines has no length")
    turn = first[0] * second[1] - first[1] * second[0]
    along = first[0] * second[0] + first[1] * second[1]
    degrees = math.degrees(math.atan2(abs(turn), abs(along) if acute else along))
    return Measurement(degrees, "°", ground.calibration, ground.source, f"{degrees:.1f}°")


# ------------------------------------------------------------------------------------------------ areas
def _rectangle(points: Points, image: ImageDescription) -> Measurement:
    ground = plain_ground_of(points, image)
    width, height = (abs(side) for side in ground.vector(points[0], points[1]))
    return _enclosed(ground, width * height, 2 * (width + height))


def _ellipse(points: Points, image: ImageDescription) -> Measurement:
    """Return pi * a * b of the half axes. The four points must be the ends of perpendicular bisectors."""
    oval = oval_of_axes(points)
    middles = [((p[0] + q[0]) / 2, (p[1] + q[1]) / 2) for p, q in (points[:2], points[2:])]
    reach = max(math.hypot(*oval.u), math.hypot(*oval.v))
    square = abs(oval.u[0] * oval.v[0] + oval.u[1] * oval.v[1]) / (reach or 1.0)
    if max(math.dist(*middles), square) > SKEW * reach:
        raise RefusedError("the axes do not halve each other at right angles")
    return _oval(oval, points, image)


def _circle(points: Points, image: ImageDescription) -> Measurement:
    """Return pi * r * r, with the diameter where pixels are square."""
    found = _oval(oval_of_circle(points), points, image)
    ground = plain_ground_of(_extremes(oval_of_circle(points)), image)
    if not math.isclose(ground.across, ground.down, rel_tol=SAME):
        return found  # an ellipse in the patient
    diameter = 2 * math.dist(points[0], points[1]) * ground.across
    text = f"{found.text}\ndiameter {number(diameter)} {ground.unit}{ground.remark}"
    more = (*found.more, Quantity("diameter", diameter, ground.unit))
    return replace(found, text=text, more=more)


def _polygon(points: Points, image: ImageDescription) -> Measurement:
    """Return the area inside an outline by the even-odd rule, also where it crosses itself."""
    ground = plain_ground_of(points, image)
    perimeter = polygons.length(_scaled((*points, points[0]), ground))
    return _enclosed(ground, polygons.area(points) * ground.across * ground.down, perimeter)


def _oval(oval: Oval, points: Points, image: ImageDescription) -> Measurement:
    ground = plain_ground_of((*points, *_extremes(oval)), image)
    u, v = ((x * ground.across, y * ground.down) for x, y in (oval.u, oval.v))
    return _enclosed(ground, math.pi * abs(u[0] * v[1] - u[1] * v[0]), _around_oval(u, v))


def _extremes(oval: Oval) -> Points:
    """Return the leftmost, rightmost, highest and lowest point of an ellipse, which no corner shows."""
    (x, y), (ux, uy), (vx, vy) = oval.centre, oval.u, oval.v
    wide, high = math.hypot(ux, vx) or 1.0, math.hypot(uy, vy) or 1.0
    right = (ux * ux + vx * vx) / wide, (ux * uy + vx * vy) / wide
    low = (ux * uy + vx * vy) / high, (uy * uy + vy * vy) / high
    return tuple((x + sign * dx, y + sign * dy) for dx, dy in (right, low) for sign in (-1, 1))


def _around_oval(u: Point, v: Point) -> float:
    """Return the perimeter of all u cos t + v sin t, exactly, by the arithmetic-geometric mean (Gauss).

    The half axes a and b are the singular values of (u, v); with c_n² = a_n² - b_n² of the mean's steps the
    perimeter is 2 pi (a² - sum of 2^(n-1) c_n²) / mean.
    """
    squares, twice = u[0] ** 2 + u[1] ** 2 + v[0] ** 2 + v[1] ** 2, 2 * abs(u[0] * v[1] - u[1] * v[0])
    plus, minus = math.sqrt(squares + twice), math.sqrt(max(squares - twice, 0.0))
    a, b = (plus + minus) / 2, (plus - minus) / 2
    if b <= a * SAME:
        return 4 * a
    total, weight, gap = a * a, 0.5, a * a - b * b
    while gap > (SAME * a) ** 2:  # a few rounds: each doubles the digits
        total -= weight * gap
        gap, a, b, weight = ((a - b) / 2) ** 2, (a + b) / 2, math.sqrt(a * b), weight * 2
    return 2 * math.pi * total / a


# ------------------------------------------------------------------------------------------------ points
def _point(points: Points, image: ImageDescription) -> Measurement:
    """Return where a point lies: in the patient (mm, PS3.3 C.7.6.2), else in the image.

    In an ultrasound region with a reference pixel it is its time, depth or velocity (C.8.5.5).
    """
    ground = ground_of(points, image)
    if ground.axes is not None:
        found = at_axes(points[0], ground, ground.axes)
        if found is not None:
            return found
    x, y = points[0]
    if image.plane is None:
        inside = Quantity("column", x, "px"), Quantity("row", y, "px")
        return Measurement(None, "", CalibrationClass.NONE, "", f"at {x:.1f}, {y:.1f} px", inside)
    place = [float(part) for part in image.plane.to_patient(x, y)]
    more = tuple(Quantity(f"patient {axis}", part, "mm") for axis, part in zip("xyz", place, strict=True))
    text = f"at {', '.join(f'{part:.1f}' for part in place)} mm"
    return Measurement(None, "", CalibrationClass.PATIENT, "Image Position (Patient) (0020,0032)", text, more)


# ------------------------------------------------------------------------------------------ calibration
def calibrated_by(points: Points, millimetres: float, image: ImageDescription) -> Calibration:
    """Return the calibration in which the line between two points is `millimetres` long.

    The shape of the pixels stays as the header has it. Raises ViewerError when that is no length, the line
    has none, or the image has ultrasound regions, each of which is calibrated for itself.
    """
    if image.calibration.kind is CalibrationClass.REGION:
        raise ViewerError("This image is not calibrated: each of its ultrasound regions is already.")
    if not (math.isfinite(millimetres) and millimetres > 0):
        raise ViewerError("This image is not calibrated: the length must be more than 0 mm.")
    ground = ground_of(points, image)
    drawn = math.hypot(*ground.vector(points[0], points[1]))
    if drawn == 0:
        raise ViewerError("This image is not calibrated: the line has no length.")
    factor = millimetres / drawn
    source = f"a line drawn by a reader, {millimetres:g} mm long"
    return Calibration(CalibrationClass.USER, ground.down * factor, ground.across * factor, source)


def _in_words(ground: Ground, value: float) -> Measurement:
    text = f"{number(value)} {ground.unit}{ground.remark}"
    return Measurement(value, ground.unit, ground.calibration, ground.source, text)


def _enclosed(ground: Ground, area: float, perimeter: float) -> Measurement:
    unit, remark = ground.unit, ground.remark
    text = f"{number(area)} {unit}²{remark}\nperimeter {number(perimeter)} {unit}{remark}"
    more = (Quantity("perimeter", perimeter, unit),)
    return Measurement(area, f"{unit}²", ground.calibration, ground.source, text, more)


def _scaled(points: Points, ground: Ground) -> Points:
    return tuple((x * ground.across, y * ground.down) for x, y in points)


length, polyline = _asked("length", _length), _asked("length", _polyline)
bidirectional = _asked("diameters", _bidirectional)
angle, cobb = _asked("angle", _angle), _asked("angle", _cobb)
rectangle, ellipse = _asked("area", _rectangle), _asked("area", _ellipse)
circle, polygon = _asked("area", _circle), _asked("area", _polygon)
point = _asked("value", _point)
