"""The annotations of everything that is open: one `Drawing` for each study."""

from collections.abc import Callable, Iterable, Sequence

from viewer.annotations.edits import Drawing, Edit
from viewer.annotations.shapes import Annotation, Kind
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.viewing.calibrating import Known, calibrated


class Drawings:
    """Finds the drawing of a study, and what the header of an annotated frame says."""

    def __init__(self) -> None:
        self.series_of: Callable[[FrameKey], str] = lambda frame: frame.sop_instance_uid
        self._drawings: dict[str, Drawing] = {}
        self._descriptions: dict[FrameKey, ImageDescription] = {}
        self._lines: tuple[Annotation, ...] | None = None  # that calibrate; None: not looked for yet
        self._listeners: list[Callable[[Edit], None]] = []
        self._saved: dict[str, Annotation] = {}  # by UID, as a presentation state has them
        self._keepers: list[Callable[[str, Edit], None]] = []
        self._savers: list[Callable[[Sequence[Annotation]], None]] = []

    def listen(self, listener: Callable[[Edit], None]) -> None:
        """Call `listener` with every edit of every study."""
        self._listeners.append(listener)

    def listen_by_study(
        self, listener: Callable[[str, Edit], None], saved: Callable[[Sequence[Annotation]], None]
    ) -> None:
        """Call `listener` with the study of each edit too, and `saved` with what a state has from now on."""
        self._keepers.append(listener)
        self._savers.append(saved)

    def of(self, study_instance_uid: str) -> Drawing:
        """Return the drawing of a study."""
        if study_instance_uid not in self._drawings:
            drawing = Drawing()
            drawing.listen(lambda edit: self._keep(study_instance_uid, edit))  # kept before it is shown
            drawing.listen(self._tell)
            self._drawings[study_instance_uid] = drawing
        return self._drawings[study_instance_uid]

    def describe(self, description: ImageDescription) -> None:
        """Remember the header of a frame: what is drawn on it has numbers also when it is not shown."""
        self._descriptions[description.key] = description

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Return everything that is drawn, study by study."""
        return tuple(shape for drawing in self._drawings.values() for shape in drawing.annotations)

    @property
    def all(self) -> tuple[Drawing, ...]:
        """Return the drawing of every study."""
        return tuple(self._drawings.values())

    def tell_again(self, frame: FrameKey) -> None:
        """Tell of what is drawn on a frame once more: its numbers are known now.

        Of one annotation, for there may be hundreds, and whoever shows them shows them all.
        """
        for shape in self.on(frame)[:1]:
            self._tell(Edit(shape, shape))

    def clear(self) -> None:
        """Forget everything."""
        self._drawings.clear()
        self._descriptions.clear()
        self._saved.clear()
        self._lines = None

    @property
    def unsaved(self) -> int:
        """Return how many of the annotations no presentation state has as they are now."""
        return sum(self._saved.get(shape.uid) != shape for shape in self.annotations)

    def saved(self, annotations: Iterable[Annotation]) -> None:
        """Remember that a presentation state has these."""
        new = [shape for shape in annotations if not self.has_saved(shape)]
        self._saved |= {shape.uid: shape for shape in new}
        for listener in self._savers:
            listener(new)

    def has_saved(self, annotation: Annotation) -> bool:
        """Tell whether a presentation state has an annotation as it is."""
        return self._saved.get(annotation.uid) == annotation

    def on(self, frame: FrameKey) -> tuple[Annotation, ...]:
        """Return what is drawn on a frame."""
        return tuple(shape for drawing in self._drawings.values() for shape in drawing.on(frame))

    def description(self, frame: FrameKey) -> ImageDescription | None:
        """Return the header of a frame that was seen, calibrated as it was by hand."""
        found = self._descriptions.get(frame)
        return None if found is None else self.calibrated(found)

    def header(self, frame: FrameKey) -> ImageDescription | None:
        """Return the header of a frame that was seen, as the file has it."""
        return self._descriptions.get(frame)

    def calibrated(self, image: ImageDescription) -> ImageDescription:
        """Return an image with the calibration that a line of known length gives it, if one does."""
        if self._lines is None:  # asked for every measurement, at every paint
            self._lines = tuple(shape for shape in self.annotations if shape.kind is Kind.CALIBRATION)
        if not self._lines:
            return image
        return calibrated(image, self._lines, Known(self.series_of, self._descriptions.get))

    def find(self, uid: str | None) -> tuple[Drawing, Annotation] | None:
        """Return an annotation by its UID, with the drawing that it is in."""
        return next(
            (
                (drawing, shape)
                for drawing in self._drawings.values()
                for shape in drawing.annotations
                if shape.uid == uid
            ),
            None,
        )

    def add(self, study_instance_uid: str, annotations: tuple[Annotation, ...]) -> int:
        """Add annotations that are not there yet (from a presentation state); return how many were."""
        drawing = self.of(study_instance_uid)
        present = {shape.uid: shape for shape in drawing.annotations}
        new = [shape for shape in annotations if present.get(shape.uid) != shape]
        drawing.do(*(Edit(present.get(shape.uid), shape) for shape in new))
        return len(new)

    def _keep(self, study_instance_uid: str, edit: Edit) -> None:
        self._lines = None
        for listener in self._keepers:
            listener(study_instance_uid, edit)

    def _tell(self, edit: Edit) -> None:
        for listener in self._listeners:
            listener(edit)
