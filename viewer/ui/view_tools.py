"""The rooms of what one does with the view of a picture, in one piece for the window."""

from collections.abc import Callable, Mapping

from viewer.jobs.queue import JobQueue
from viewer.ui.coloring.color_room import ColorRoom
from viewer.ui.lens.lens_room import LensRoom
from viewer.ui.reading import Reading


class ViewTools:
    """Pseudo-colours, the lens, true size, printing. Their rows are `view_rows.VIEWING`."""

    def __init__(self, queue: JobQueue, reading: Reading, say: Callable[[str], None]) -> None:
        self.colors = ColorRoom(queue, reading, say)
        self.lens = LensRoom(reading, say)

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {**self.colors.table(), **self.lens.table()}
