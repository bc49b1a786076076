"""FrameKey to Picture: from the frames in memory, else by a job. Main thread only."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from viewer.cache.frames import FrameCache
from viewer.dicom.bulk import Located, read_frames
from viewer.dicom.document import Document
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey, InstanceRecord
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.indexing import indexed
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.viewing.differences import Differences
from viewer.viewing.kept import Kept
from viewer.viewing.masking import Masking
from viewer.viewing.picture import Picture
from viewer.viewing.places import Places

FAULT = "This image could not be shown: a fault of the program."
CLOSED = "The study was closed."
TOGETHER = 24  # frames of a volume that are asked for at once: 12 MB of CT
PICTURES_KEPT = 256 << 20  # bytes of display forms: a film of 300 frames of 512 x 512, or 7 mammograms

Done = Callable[[Picture], None]
Failed = Callable[[str], None]


@dataclass(slots=True)
class _Pending:
    job: Job
    priority: Priority
    waiting: list[tuple[Done, Failed]] = field(default_factory=list)


class Loader:
    """Gives pictures to viewports. Requests for the same frame share one job."""

    def __init__(self, queue: JobQueue, pool: DecoderPool, frames: FrameCache) -> None:
        self._queue = queue
        self._pool = pool
        self._frames = frames
        self.places = Places(queue, pool, frames, self.path)
        self._paths: dict[str, str] = {}
        self._pending: dict[FrameKey, _Pending] = {}
        self._pictures: Kept[FrameKey] = Kept(PICTURES_KEPT)
        self._failures: dict[FrameKey, str] = {}
        self._differences = Differences(queue, self.frame)
        self._keeping = threading.Lock()  # so that nothing read before `forget` is kept after it

    def add(self, records: Iterable[InstanceRecord]) -> None:
        """Remember where instances are; a file that comes later takes the place of a damaged one."""
        for record in records:
            before = self._paths.get(record.sop_instance_uid)
            self._paths[record.sop_instance_uid] = record.path
            if before not in {None, record.path}:
                self._forget(record.sop_instance_uid)

    def _forget(self, sop_instance_uid: str) -> None:
        """Drop what was read from the file of an instance that another file replaces."""
        under_way = [key for key in self._pending if key.sop_instance_uid == sop_instance_uid]
        with self._keeping:
            for key in under_way:
                self._pending[key].job.cancel()
            self._frames.drop(sop_instance_uid)
        for key in [key for key in self._pictures if key.sop_instance_uid == sop_instance_uid]:
            self._pictures.drop(key)
        for key in [key for key in self._failures if key.sop_instance_uid == sop_instance_uid]:
            del self._failures[key]
        self._differences.drop()
        for key in under_way:
            self._pending[key].job = self._submit(key, self._pending[key].priority)

    def forget(self) -> None:
        """Forget every file and all that was read: what is opened next is read anew."""
        waiting = [failed for pending in self._pending.values() for _, failed in pending.waiting]
        with self._keeping:
            for pending in self._pending.values():
                pending.job.cancel()
            self._frames.clear()
        for known in (self._pending, self._paths, self._pictures, self._failures):
            known.clear()
        self._differences.forget(ViewerError(CLOSED))
        for failed in waiting:
            failed(CLOSED)

    def path(self, key: FrameKey) -> str | None:
        """Return the file that holds a frame."""
        return self._paths.get(key.sop_instance_uid)

    def ready(self, key: FrameKey) -> Picture | None:
        """Return a picture that needs no reading, or None."""
        picture = self._pictures.get(key)
        if picture is None:
            found = self._frames.get(key)
            if found is None:
                return None
            picture = Picture.of(*found)
        self._pictures.put(key, picture)
        return picture

    def holds(self, key: FrameKey) -> bool:
        """Tell whether a frame is in memory, or known to be unreadable, or on its way."""
        return key in self._frames or key in self._pending or key in self._pictures or key in self._failures

    @property
    def dropped(self) -> int:
        """Return how many frames in memory gave way to others since the start."""
        return self._frames.dropped

    def request(self, key: FrameKey, priority: Priority, done: Done, failed: Failed) -> None:
        """Ask for a picture; `done` or `failed` (with a sentence) is called once, perhaps at once."""
        if key in self._failures:
            failed(self._failures[key])
            return
        try:
            picture = self.ready(key)
        except ViewerError as error:
            failed(str(error))
            return
        if picture is not None:
            done(picture)
            return
        pending = self._pending.get(key)
        if pending is not None and pending.priority <= priority:
            pending.waiting.append((done, failed))
            return
        waiting = [(done, failed)]
        if pending is not None:  # waiting in a slower lane: start again in this one
            pending.job.cancel()
            waiting = [*pending.waiting, *waiting]
        self._pending[key] = _Pending(self._submit(key, priority), priority, waiting)

    def subtracted(self, key: FrameKey, masking: Masking, done: Done, failed: Failed) -> None:
        """Ask for a frame without its mask; `done` or `failed` (with a sentence) is called once."""
        self._differences.request(key, masking, done, lambda error: failed(_sentence(error)))

    def holds_difference(self, key: FrameKey, masking: Masking) -> bool:
        """Tell whether a frame without its mask needs no work."""
        return self._differences.holds(key, masking)

    def prepare(self, key: FrameKey, masking: Masking | None = None) -> None:
        """Make a picture ready that will be asked for soon; read it first where it is not in memory."""
        if masking is not None:
            self._differences.prepare(key, masking)
        elif not any(key in known for known in (self._pictures, self._failures, self._pending)):
            self._pending[key] = _Pending(self._submit(key, Priority.NEXT), Priority.NEXT)

    def document(self, path: str, done: Callable[[Document], None], failed: Failed) -> Job:
        """Ask for the readable form of an object that is no image; `done` or `failed` is called once."""
        return self._queue.submit(
            lambda job: self._pool.document(path, cancelled=job.is_cancelled),
            priority=Priority.VISIBLE,
            done=done,
            failed=lambda error: failed(_sentence(error)),
        )

    def frame(self, key: FrameKey, job: Job) -> tuple[ImageDescription, Frame]:
        """Return a frame, read in the calling job's thread if need be. Raises ViewerError."""
        found = self._frames.get(key)
        if found is None:
            found = self._read(key, job, Priority.NEXT)
        return found

    def frames(self, keys: Sequence[FrameKey], job: Job) -> Iterator[tuple[ImageDescription, Frame]]:
        """Yield frames in order, read in the calling job's thread if need be. Raises ViewerError.

        What has plain values is read straight from its file, once a worker has said where they are; it is
        not kept in memory with the other frames.
        """
        groups = (list(keys[start : start + TOGETHER]) for start in range(0, len(keys), TOGETHER))
        for group, found in indexed(groups, lambda group: self.places.located(group, job)):
            plain = {key: one for key, one in zip(group, found, strict=True) if one is not None}
            read = _read_plain(plain, self.path)
            for key in group:
                yield read.get(key) or self.frame(key, job)

    def _submit(self, key: FrameKey, priority: Priority) -> Job:
        return self._queue.submit(
            lambda job: Picture.of(*(self._frames.get(key) or self._read(key, job, priority))),
            priority=priority,
            done=lambda picture: self._finish(key, picture),
            failed=lambda error: self._fail(key, error),
        )

    def _read(self, key: FrameKey, job: Job, priority: Priority) -> tuple[ImageDescription, Frame]:
        path = self._paths.get(key.sop_instance_uid)
        if path is None:
            raise ViewerError("The file of this image is not known any more. Open it again.")
        found = self._pool.read_frame(
            path, key.frame_number, priority=priority, cancelled=lambda: job.cancelled
        )
        with self._keeping:
            if not job.cancelled:
                self._frames.put(key, *found)
        return found

    def _finish(self, key: FrameKey, picture: Picture) -> None:
        self._pictures.put(key, picture)
        pending = self._pending.pop(key, None)
        for done, _ in pending.waiting if pending else ():
            done(picture)

    def _fail(self, key: FrameKey, error: Exception) -> None:
        reason = _sentence(error)
        self._failures[key] = reason
        pending = self._pending.pop(key, None)
        for _, failed in pending.waiting if pending else ():
            failed(reason)


def _read_plain(
    plain: dict[FrameKey, Located], path_of: Callable[[FrameKey], str | None]
) -> dict[FrameKey, tuple[ImageDescription, Frame]]:
    paths = {key: path for key in plain if (path := path_of(key)) is not None}
    try:
        frames = read_frames([(path, plain[key]) for key, path in paths.items()])
    except ViewerError:  # who reads them one by one learns which, and why
        return {}
    return {key: (plain[key].description, frame) for key, frame in zip(paths, frames, strict=True)}


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, ViewerError) else FAULT
