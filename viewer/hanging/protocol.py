"""A hanging protocol as a value: for which studies it is, and in which stages it shows them."""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path

MOST_SIDE = 6  # rows or columns of a stage: as many as fit on a screen with pictures one can read
OLDEST = -1  # the number of a prior: the first study there is

PLANES = ("axial", "coronal", "sagittal")


class Zoom(StrEnum):
    """How large an image is at first."""

    FIT = "fit"
    SAME_SCALE = "same-scale"  # as many millimetres on the screen as in the other viewports of this kind
    ONE_TO_ONE = "1:1"


class Start(StrEnum):
    """At which image a stack is opened."""

    FIRST = "first"
    MIDDLE = "middle"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a series must be, and which of its images are meant. What is not said does not matter.

    Words are compared without case and may hold the wildcards * and ?; of several, one must fit. "" is what
    the header does not name.
    """

    modality: tuple[str, ...] = ()  # "CT"
    body_part: tuple[str, ...] = ()  # Body Part Examined (0018,0015)
    description: tuple[str, ...] = ()  # Series Description (0008,103E)
    study_description: tuple[str, ...] = ()  # Study Description (0008,1030)
    view: tuple[str, ...] = ()  # "CC", "MLO", "PA": View Code (0054,0220), else View Position (0018,5101)
    laterality: tuple[str, ...] = ()  # "R", "L", "B"
    plane: tuple[str, ...] = ()  # "axial", "coronal", "sagittal": of a stack of slices
    kind: tuple[str, ...] = ()  # "volume", "time", "localizer", "projection", "multiframe", "single"
    contrast: bool | None = None  # whether Contrast/Bolus Agent (0018,0010) is named
    plain: bool | None = None  # True: no view modifier such as magnification, and no partial view

    @property
    def count(self) -> int:
        """Return how many things are asked for."""
        return sum(getattr(self, each.name) not in {(), None} for each in fields(self))

    @property
    def about_images(self) -> bool:
        """Tell whether single images are meant, of which more must be known than their series says."""
        return bool(self.view) or self.plain is not None or bool(self.laterality)


@dataclass(frozen=True, slots=True)
class Slot:
    """What hangs in one viewport, and how it is looked at first."""

    where: tuple[Conditions, ...] = (Conditions(),)  # the first of them that finds something
    prior: int = 0  # 0: this study; n: the n-th comparable study before it; OLDEST
    repeat: bool = False  # also what hangs in an earlier slot of the stage
    rest: bool = False  # only what hangs in no earlier stage
    window: str = ""  # the name of a preset, or "center,width"
    zoom: Zoom = Zoom.FIT
    justify: str = ""  # "left", "right": the edge that the image is set against
    orientation: tuple[str, str] | None = (
        None  # Patient Orientation that the picture is to have on the screen
    )
    invert: bool = False
    palette: str = ""  # of the pseudo-colours
    index: Start | None = None  # None: a volume in the middle, the rest at the beginning
    empty: bool = False  # nothing ever hangs here


@dataclass(frozen=True, slots=True)
class Stage:
    """One arrangement of the viewports, row by row."""

    rows: int = 1
    columns: int = 1
    slots: tuple[Slot, ...] = (Slot(),)
    name: str = ""
    close_up: bool = False  # slots that find nothing are left out, and the grid is no larger than need be
    link: bool | None = None  # scrolling together by position; None: as it is set
    reference_lines: bool | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """A hanging protocol."""

    name: str
    when: tuple[Conditions, ...] = ()  # the study must have a series for each; (): any study
    stages: tuple[Stage, ...] = (Stage(),)
    about: str = ""  # a sentence about what it is for
    own: bool = field(default=False, compare=False)  # of the user, who may change it
    path: Path | None = field(default=None, compare=False)  # its file

    @property
    def count(self) -> int:
        """Return how many things are asked of a study."""
        return sum(conditions.count for conditions in self.when)

    @property
    def conditions(self) -> tuple[Conditions, ...]:
        """Return all that is asked of a study and of its series."""
        slots = (slot for stage in self.stages for slot in stage.slots)
        return (*self.when, *(conditions for slot in slots for conditions in slot.where))

    @property
    def about_priors(self) -> bool:
        """Tell whether earlier studies are shown, too."""
        return any(slot.prior for stage in self.stages for slot in stage.slots)

    @property
    def about_images(self) -> bool:
        """Tell whether more must be known of single images than their series says."""
        slots = (slot for stage in self.stages for slot in stage.slots)
        turned = any(slot.orientation is not None for slot in slots)
        return turned or any(each.about_images for each in self.conditions)
