"""What one asks of the active image beside its view: its report, and a clean picture."""

from collections.abc import Callable, Mapping

from viewer.annotations.edits import Edit
from viewer.tools.table import any_image
from viewer.ui.actions.view_rows import CLEAR, REPORT
from viewer.ui.documents import Documents
from viewer.ui.reading import Reading

NO_REPORT = "This study has no report among what was opened."
NOTHING_DRAWN = "Nothing of your own is drawn on this image."


class ImageDeeds:
    """The deeds of the active image."""

    def __init__(self, reading: Reading, say: Callable[[str], None]) -> None:
        self._reading, self._say = reading, say
        self.documents: Documents | None = None  # it is made after us

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {CLEAR.name: self.clear, REPORT.name: self.report}

    def report(self) -> None:
        """Show the report of the study of the active viewport (IHE BIR "Show report")."""
        hung = self._reading.room.desk.pane.hung
        if hung is None:
            self._say(any_image(None))
        elif self.documents is None or not self.documents.open_reports(hung.series):
            self._say(NO_REPORT)

    def clear(self) -> None:
        """Take away what the reader drew on the active image; undo brings it back."""
        room = self._reading.room
        hung, image = room.desk.pane.hung, room.desk.pane.state.image
        if hung is None or image is None:
            self._say(any_image(None))
            return
        drawing = room.drawings.of(hung.series.study.study_instance_uid)
        shapes = [shape for shape in drawing.on(image.key) if not shape.read_only]
        drawing.do(*(Edit(shape, None) for shape in shapes))
        count = f"{len(shapes)} measurement{'s'[: len(shapes) > 1]} removed"
        self._say(
            f"{count}: Ctrl+Z brings {'it' if len(shapes) == 1 else 'them'} back."
            if shapes
            else NOTHING_DRAWN
        )
        self._reading.signs.mark()
