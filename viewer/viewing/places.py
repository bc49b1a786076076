"""Where frames are: in their files, and in the patient. What headers say is read by the decoders."""

from collections.abc import Callable, Sequence

from viewer.cache.frames import FrameCache
from viewer.dicom.bulk import Located
from viewer.dicom.image import ImageDescription
from viewer.dicom.plane import ImagePlane
from viewer.dicom.records import FrameKey
from viewer.jobs.decode import DecoderPool
from viewer.jobs.queue import Job, JobQueue, Priority

Placed = tuple[FrameKey, ImagePlane]


class Places:
    """Asks for the headers of frames, without their pixels."""

    def __init__(
        self,
        queue: JobQueue,
        pool: DecoderPool,
        frames: FrameCache,
        path_of: Callable[[FrameKey], str | None],
    ) -> None:
        self._queue, self._pool, self._frames, self._path_of = queue, pool, frames, path_of

    def located(self, keys: Sequence[FrameKey], job: Job) -> list[Located | None]:
        """Return where frames stand in their files that are not in memory; None for the others. For jobs."""
        paths = {key: self._path_of(key) for key in keys if key not in self._frames}
        asked = [(path, key.frame_number) for key, path in paths.items() if path is not None]
        answers = self._pool.locate(asked, priority=Priority.NEXT, cancelled=job.is_cancelled)
        found = dict(zip((key for key, path in paths.items() if path is not None), answers, strict=True))
        return [found.get(key) for key in keys]

    def planes(self, keys: Sequence[FrameKey], done: Callable[[list[Placed]], None]) -> Job:
        """Tell `done` where frames lie in the patient, as far as that is found out without decoding them."""
        return self._queue.submit(
            lambda job: self._planes(keys, job),
            priority=Priority.NEXT,
            done=done,
            failed=lambda _: done([]),
        )

    def _planes(self, keys: Sequence[FrameKey], job: Job) -> list[Placed]:
        found = dict(zip(keys, self.located(keys, job), strict=True))
        images: list[tuple[FrameKey, ImageDescription]] = []
        for key, place in found.items():
            held = self._frames.get(key)
            if place is not None:
                images.append((key, place.description))
            elif held is not None:
                images.append((key, held[0]))
        return [(key, image.plane) for key, image in images if image.plane is not None]
