"""What is known exactly about the generated head: objects of known value, size and place."""

import math
from dataclasses import dataclass

from viewer.demo.canvas import Canvas, Point


@dataclass(frozen=True, slots=True)
class Ball:
    """A sphere of one value."""

    name: str
    centre: Point  # mm
    radius: float  # mm
    value: float  # HU

    @property
    def volume(self) -> float:
        """Return mm³."""
        return 4 / 3 * math.pi * self.radius**3

    def paint(self, canvas: Canvas) -> None:
        """Paint it on a slice."""
        canvas.ellipsoid(self.centre, (self.radius, self.radius, self.radius), self.value)


@dataclass(frozen=True, slots=True)
class Rod:
    """A cylinder with flat ends, of one value."""

    name: str
    start: Point  # mm, middle of one end
    end: Point  # mm, middle of the other
    radius: float  # mm
    value: float  # HU

    @property
    def length(self) -> float:
        """Return mm between the two ends."""
        return math.dist(self.start, self.end)

    def paint(self, canvas: Canvas) -> None:
        """Paint it on a slice."""
        canvas.rod(self.start, self.end, self.radius, self.value, flat=True)


@dataclass(frozen=True, slots=True)
class Block:
    """A box of one value, its faces along the axes of the patient."""

    name: str
    low: Point  # mm, the corner with the least coordinates
    high: Point  # mm, the opposite one
    value: float  # HU

    def paint(self, canvas: Canvas) -> None:
        """Paint it on a slice."""
        canvas.slab(self.low, self.high, self.value)


Insert = Ball | Rod | Block

MATERIALS = (
    ("air", -1000.0),
    ("fat", -100.0),
    ("water", 0.0),
    ("soft tissue", 40.0),
    ("blood", 70.0),
    ("bone", 700.0),
    ("metal", 2500.0),
)
PLASTIC = 20.0  # HU of the bar under the head: grey in a brain window, so that all materials stand out
PLATES_APART = 100.0  # mm between the faces that look at each other
HAEMORRHAGE = Ball("haemorrhage", (-26.0, 2.0, 6.0), 9.0, 70.0)  # within the head, on the patient's right
OEDEMA = Ball("oedema", HAEMORRHAGE.centre, 13.0, 20.0)  # around it; painted first

BAR = Block("bar", (-84.0, 112.0, -60.0), (84.0, 136.0, 60.0), PLASTIC)
RODS = tuple(
    Rod(f"{name} rod", (20.0 * place - 60, 118.5, -45.0), (20.0 * place - 60, 118.5, 45.0), 5.0, value)
    for place, (name, value) in enumerate(MATERIALS)
)
BALLS = tuple(
    Ball(f"{name} ball", (20.0 * place - 60, 129.5, 0.0), 4.0, value)
    for place, (name, value) in enumerate(MATERIALS)
)
RULER = Rod("ruler", (76.0, 124.0, -40.0), (76.0, 124.0, 40.0), 2.0, 700.0)  # exactly 80 mm, upright
SLANTED = Rod("slanted ruler", (-78.0, 116.0, -45.0), (-72.0, 132.0, 15.0), 2.0, 700.0)  # 62.39 mm
PLATES = (
    Block("lower plate", (-70.0, 114.0, -52.0), (70.0, 134.0, -50.0), 700.0),
    Block("upper plate", (-70.0, 114.0, 50.0), (70.0, 134.0, 52.0), 700.0),
)

INSERTS: tuple[Insert, ...] = (BAR, *RODS, *BALLS, RULER, SLANTED, *PLATES)  # in the order of painting
