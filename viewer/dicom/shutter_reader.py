"""The display shutter of a frame from its header (PS3.3 C.7.6.11, C.7.6.15)."""

from viewer.dicom.functional_groups import FrameHeader
from viewer.dicom.header import Header, label
from viewer.dicom.lut_reader import words
from viewer.dicom.overlay import Shutter

MOST_VERTICES = 1024  # of a polygon; a collimator has a handful
FURTHEST = 1 << 20  # pixels from the image at which a coordinate means no place in it
RECTANGLE = (
    "ShutterLeftVerticalEdge",
    "ShutterUpperHorizontalEdge",
    "ShutterRightVerticalEdge",
    "ShutterLowerHorizontalEdge",
)


def read_shutter(frame: FrameHeader) -> Shutter | None:
    """Return the shutter with all its shapes, None where there is none; unusable shapes are told."""
    header = frame.holder("FrameDisplayShutterSequence", "ShutterShape")
    shapes = {text.upper() for text in header.texts("ShutterShape")}
    if not shapes:
        return None
    group = header.integer("ShutterOverlayGroup") if "BITMAP" in shapes else None
    shutter = Shutter(
        _rectangle(header) if "RECTANGULAR" in shapes else None,
        _circle(header) if "CIRCULAR" in shapes else None,
        _polygon(header) if "POLYGONAL" in shapes else (),
        group,
        _value(header),
        _lab(header),
    )
    if shutter.rectangle or shutter.circle or shutter.polygon or group is not None:
        return shutter
    header.notices.add(f"{label('ShutterShape')} has no usable shape: nothing is hidden")
    return None


def _rectangle(header: Header) -> tuple[int, int, int, int] | None:
    found = [header.integer(keyword) for keyword in RECTANGLE]
    edges = [edge for edge in found if edge is not None and abs(edge) <= FURTHEST]
    if len(edges) < len(RECTANGLE) or edges[0] > edges[2] or edges[1] > edges[3]:
        header.notices.add("The rectangular shutter is not usable: ignored")
        return None
    return edges[0], edges[1], edges[2], edges[3]


def _circle(header: Header) -> tuple[int, int, int] | None:
    center = header.vector("CenterOfCircularShutter", 2)
    radius = header.integer("RadiusOfCircularShutter")
    if center is None or radius is None or radius <= 0 or max(*map(abs, center), radius) > FURTHEST:
        header.notices.add("The circular shutter is not usable: ignored")
        return None
    return int(center[0]), int(center[1]), radius


def _polygon(header: Header) -> tuple[tuple[int, int], ...]:
    numbers = [number for number in header.numbers("VerticesOfThePolygonalShutter") if number is not None]
    count = len(numbers) // 2
    usable = 3 <= count <= MOST_VERTICES and len(numbers) % 2 == 0  # noqa: PLR2004  corners of a triangle
    if not usable or max(map(abs, numbers)) > FURTHEST:
        header.notices.add("The polygonal shutter is not usable: ignored")
        return ()
    whole = [int(number) for number in numbers]
    return tuple(zip(whole[::2], whole[1::2], strict=True))


def _value(header: Header) -> int:
    value = words(header, "ShutterPresentationValue")
    return int(value[0]) if len(value) else 0


def _lab(header: Header) -> tuple[int, int, int] | None:
    found = words(header, "ShutterPresentationColorCIELabValue")
    if len(found) != 3:  # noqa: PLR2004  L, a, b
        return None
    return int(found[0]), int(found[1]), int(found[2])
