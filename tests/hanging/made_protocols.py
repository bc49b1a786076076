"""Protocols of every form, for round trips."""

from hypothesis import strategies as st

from viewer.dicom.stacks import StackKind
from viewer.hanging.protocol import OLDEST, PLANES, Conditions, Protocol, Slot, Stage, Start, Zoom

WORD = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
NAME = st.text("abc ÄÖ 日本 'quoted' \"x\" \\ # [1]", min_size=1, max_size=20).filter(
    lambda text: text.strip() and text.isprintable()
)


def words(among: list[str] | None = None) -> st.SearchStrategy:
    one = st.sampled_from(among) if among else WORD
    return st.lists(one, max_size=3).map(tuple)


FLAG = st.sampled_from((None, True, False))
CONDITIONS = st.builds(
    Conditions,
    words(),
    words(),
    words(),
    words(),
    words(),
    words(["R", "L", "B"]),
    words(list(PLANES)),
    words([str(kind) for kind in StackKind]),
    FLAG,
    FLAG,
)
SOME = st.lists(CONDITIONS, min_size=1, max_size=3).map(tuple)
SLOTS = st.builds(
    Slot,
    where=SOME,
    empty=st.booleans(),
    prior=st.sampled_from((OLDEST, 0, 1, 7)),
    repeat=st.booleans(),
    window=st.sampled_from(("", "Lung", 'W "x"', "40,400", "-600,1500.5")),
    zoom=st.sampled_from(Zoom),
    justify=st.sampled_from(("", "left", "right")),
    orientation=st.sampled_from((None, ("P", "F"), ("A", "FR"))),
    invert=st.booleans(),
    palette=st.sampled_from(("", "Hot Iron")),
    index=st.sampled_from((None, *Start)),
)


@st.composite
def stages(draw: st.DrawFn, name: st.SearchStrategy) -> Stage:
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    slots = draw(st.lists(SLOTS, min_size=1, max_size=min(rows * columns, 3)))
    return Stage(rows, columns, tuple(slots), draw(name), draw(st.booleans()), draw(FLAG), draw(FLAG))


PROTOCOLS = st.builds(
    Protocol,
    NAME,
    st.lists(CONDITIONS, max_size=2).map(tuple),
    st.one_of(
        stages(st.just("")).map(lambda stage: (stage,)),
        st.lists(stages(NAME), min_size=1, max_size=3).map(tuple),
    ),
    WORD,
)
