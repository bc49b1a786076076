"""Frames without their masks, made in jobs and kept while they are looked at. Main thread only."""

from collections.abc import Callable
from dataclasses import dataclass, field

from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.records import FrameKey
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.rendering.subtraction import Masks
from viewer.viewing.kept import Kept
from viewer.viewing.masking import Masking
from viewer.viewing.picture import Picture

BYTES_KEPT = 128 << 20  # 20 pictures of 1024 x 1024: enough to go back and forth; 512 x 512: a whole run

Wanted = tuple[FrameKey, Masking]
Done = Callable[[Picture], None]
Failed = Callable[[Exception], None]


@dataclass(slots=True)
class _Pending:
    job: Job
    waiting: list[tuple[Done, Failed]] = field(default_factory=list)


class Differences:
    """Gives frames without their masks. Requests for the same one share a job."""

    def __init__(
        self, queue: JobQueue, read: Callable[[FrameKey, Job], tuple[ImageDescription, Frame]]
    ) -> None:
        """`read` gives a frame in the thread of a job. Raises ViewerError."""
        self._queue, self._read = queue, read
        self._masks = Masks()
        self._made: Kept[Wanted] = Kept(BYTES_KEPT)
        self._pending: dict[Wanted, _Pending] = {}

    def holds(self, key: FrameKey, masking: Masking) -> bool:
        """Tell whether a difference needs no work."""
        return (key, masking) in self._made

    def request(self, key: FrameKey, masking: Masking, done: Done, failed: Failed) -> None:
        """Ask for a frame without its mask; `done` or `failed` is called once, perhaps at once."""
        made = self._made.get((key, masking))
        if made is not None:
            done(made)
            return
        self._under_way((key, masking), Priority.VISIBLE).waiting.append((done, failed))

    def prepare(self, key: FrameKey, masking: Masking) -> None:
        """Make a difference that will be asked for soon."""
        if (key, masking) not in self._made:
            self._under_way((key, masking), Priority.NEXT)

    def _under_way(self, wanted: Wanted, priority: Priority) -> _Pending:
        pending = self._pending.get(wanted)
        if pending is None:
            pending = self._pending[wanted] = _Pending(self._submit(wanted, priority))
        return pending

    def _submit(self, wanted: Wanted, priority: Priority) -> Job:
        key, masking = wanted
        return self._queue.submit(
            lambda job: Picture.subtracted(key, masking, lambda frame: self._read(frame, job), self._masks),
            priority=priority,
            done=lambda picture: self._finish(wanted, picture),
            failed=lambda error: self._fail(wanted, error),
        )

    def _finish(self, wanted: Wanted, picture: Picture) -> None:
        self._made.put(wanted, picture)
        pending = self._pending.pop(wanted, None)
        for done, _ in pending.waiting if pending else ():
            done(picture)

    def _fail(self, wanted: Wanted, error: Exception) -> None:
        pending = self._pending.pop(wanted, None)
        for _, failed in pending.waiting if pending else ():
            failed(error)

    def drop(self) -> None:
        """Make all of them anew: a file was replaced by another one."""
        self._masks, self._made = Masks(), Kept(BYTES_KEPT)
        for wanted, pending in self._pending.items():
            pending.job.cancel()
            pending.job = self._submit(wanted, Priority.VISIBLE)

    def forget(self, reason: Exception) -> None:
        """Forget all that was made, and tell who waits why nothing comes."""
        waiting = [failed for pending in self._pending.values() for _, failed in pending.waiting]
        for pending in self._pending.values():
            pending.job.cancel()
        self._pending.clear()
        self._masks, self._made = Masks(), Kept(BYTES_KEPT)
        for failed in waiting:
            failed(reason)
