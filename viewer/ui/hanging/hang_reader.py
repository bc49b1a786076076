"""What must be read before a study hangs: the protocols' files, and the headers that they ask about."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.hanging.load import Loaded, load_all
from viewer.hanging.match import may_need
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.paths import resource, settings_file
from viewer.viewing.hang_items import Item, candidates, wanted
from viewer.viewing.loader import Loader
from viewer.viewing.picture import Picture


def own_folder() -> Path:
    """Return the folder of the user's own protocols, beside the settings; it may not exist yet."""
    return settings_file().parent / "hanging"


class HangReader:
    """Reads by jobs. There is one wish at a time: answers to an earlier one are dropped."""

    def __init__(self, queue: JobQueue, loader: Loader, say: Callable[[str], None]) -> None:
        self.loaded = Loaded()
        self.facts: dict[FrameKey, ImageDescription] = {}
        self._queue, self._loader, self._say = queue, loader, say
        self._turn = 0  # of wishes
        self._job: Job | None = None
        self._asked = 0  # headers under way
        self._told: set[str] = set()  # of the faults in the user's files
        self._fresh = False  # the files were read for the opening that is under way
        self._then: Callable[[], None] | None = None  # waits for the files

    @property
    def busy(self) -> bool:
        """Tell whether something is being read."""
        return self._job is not None or self._asked > 0

    def forget(self) -> None:
        """Drop what is under way, and every header."""
        self.give_up()
        self.facts.clear()

    def give_up(self) -> None:
        """Drop what is under way."""
        self._turn += 1
        self._asked, self._then, self._fresh = 0, None, False
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def begin(self) -> None:
        """Read the protocols' files while a study is being opened, so that nothing waits for them then."""
        if not self.busy:
            self._read(None)

    def when_read(self, then: Callable[[], None]) -> None:
        """Call when the files are read that `begin` asked for, at once if they are; else read them first."""
        if self._fresh:
            self._fresh = False
            self._tell()
            then()
        elif self._job is not None and self._asked == 0:
            self._then = then
        else:
            self.read(then)

    def read(self, then: Callable[[], None]) -> None:
        """Read the protocols' files afresh, then call; a fault in one of the user's is said."""
        self._read(then)

    def _read(self, then: Callable[[], None] | None) -> None:
        self.give_up()
        own, self._then = own_folder(), then

        def done(loaded: Loaded) -> None:
            self.loaded = loaded
            ended()

        def failed(error: Exception) -> None:
            self._say(str(error))
            ended()

        def ended() -> None:
            self._job, waiting, self._then = None, self._then, None
            self._fresh = waiting is None
            if waiting is not None:
                self._tell()
                waiting()

        self._job = self._queue.submit(
            lambda _: load_all(resource("hanging"), own), priority=Priority.VISIBLE, done=done, failed=failed
        )

    def _tell(self) -> None:
        """Say what is wrong with the user's files, once; not before it matters, or other words hide it."""
        new = [words for words in self.loaded.notices if words not in self._told]
        self._told = set(self.loaded.notices)
        if new:
            self._say(new[0] if len(new) == 1 else f"{new[0]} And {len(new) - 1} more: see Shift+G.")

    def with_facts(self, items: Sequence[Item], then: Callable[[], None]) -> None:
        """Read the headers that protocols ask about, then call. They are of images that are shown soon."""
        self._turn += 1
        turn = self._turn
        views, contrast = may_need(candidates(items, {}), self.loaded.protocols)
        keys = [key for key in wanted(items, views=views, contrast=contrast) if key not in self.facts]
        self._asked = len(keys)
        if not keys:
            then()

        def answer(key: FrameKey, found: Picture | str) -> None:
            if turn != self._turn:
                return
            if isinstance(found, Picture):
                self.facts[key] = found.description
            self._asked -= 1
            if self._asked == 0:
                then()

        for key in keys:
            self._loader.request(key, Priority.NEXT, partial(answer, key), partial(answer, key))
