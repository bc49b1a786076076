"""Annotations of every kind, made by hypothesis as the tools make them: inside an image, float32-exact."""

from hypothesis import strategies as st

from viewer.annotations.kinds import KINDS
from viewer.annotations.shapes import Annotation, Kind, exact
from viewer.dicom.image import ImageDescription
from viewer.tools import draw_shapes
from viewer.viewing.calibrating import words

OWN = [kind for kind in Kind if kind is not Kind.OUTLINE]
COLORS = ["", "#6fd3e8", "#000000", "#ffffff", "#12ab9f"]
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20)


@st.composite
def annotations(draw, image: ImageDescription, kind: Kind) -> Annotation:
    """Return one annotation of a kind, somewhere in an image."""
    x = st.floats(0, image.columns, width=32)
    y = st.floats(0, image.rows, width=32)
    wanted = KINDS[kind].number_of_points or draw(st.integers(KINDS[kind].least, 12))
    points = tuple(exact(draw(x), draw(y)) for _ in range(2 if kind is Kind.ELLIPSE else wanted))
    if kind is Kind.ELLIPSE:
        points = draw_shapes.ellipse(points, image)
    text = draw(st.lists(WORDS, max_size=2).map("\n".join))
    text = text.strip()
    if kind is Kind.TEXT:
        text = text or "here"
    if kind is Kind.CALIBRATION:
        text = words(draw(st.integers(1, 500)) / 4, whole_series=draw(st.booleans()))
    return Annotation(kind, image.key, points, text, color=draw(st.sampled_from(COLORS)))
