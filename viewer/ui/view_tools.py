"""The rooms of what one does with the view of a picture, in one piece for the window."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QWidget

from viewer.errors import ViewerError
from viewer.jobs.queue import JobQueue, Priority
from viewer.ui.coloring.color_room import ColorRoom
from viewer.ui.documents import Documents
from viewer.ui.image_deeds import ImageDeeds
from viewer.ui.lens.lens_room import LensRoom
from viewer.ui.printing.print_room import PrintRoom
from viewer.ui.reading import Reading
from viewer.ui.settings.preferences import Preferences
from viewer.ui.true_size.size_room import SizeRoom
from viewer.viewing.presets import Preset, joined, load_own

FAULT = "Your presets cannot be read: a fault of the program."


class HasPresets(Protocol):
    """Whoever offers windows by name."""

    presets: tuple[Preset, ...]


class ViewTools:
    """Pseudo-colours, the lens, true size, printing. Their rows are `view_rows.VIEWING`."""

    def __init__(
        self, queue: JobQueue, reading: Reading, say: Callable[[str], None], window: QWidget
    ) -> None:
        self._queue, self._say = queue, say
        self.colors = ColorRoom(queue, reading, say)
        self.lens = LensRoom(reading, say)
        self.sizes = SizeRoom(reading, say, window)
        self.image = ImageDeeds(reading, say)
        self.printing = PrintRoom(reading, say, window)

    def begin(self, preferences: Preferences, documents: Documents, *holders: HasPresets) -> None:
        """Have what is set hold from now on; `holders` offer windows by name."""
        self.image.documents = documents
        self.sizes.begin(preferences)
        self.read_presets(preferences.path, *holders)

    def read_presets(self, settings_file: Path | None, *holders: HasPresets) -> None:
        """Read the reader's own presets in the background; `holders` then have them, too."""
        if settings_file is None:
            return

        def take(own: tuple[Preset, ...]) -> None:
            for holder in holders:
                holder.presets = joined(holder.presets, own)

        self._queue.submit(
            lambda _: load_own(settings_file),
            priority=Priority.NEXT,
            done=take,
            failed=lambda error: self._say(str(error) if isinstance(error, ViewerError) else FAULT),
        )

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        rooms = (self.colors, self.lens, self.sizes, self.image, self.printing)
        return {name: deed for room in rooms for name, deed in room.table().items()}
