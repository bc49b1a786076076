"""Decoder processes: files from outside are parsed and decoded there, so a bad one costs one tile."""

import itertools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

from viewer.dicom.bulk import Located
from viewer.dicom.dicomdir import MediaDirectory
from viewer.dicom.document import Document
from viewer.dicom.frame import Frame
from viewer.dicom.image import ImageDescription
from viewer.dicom.index import Outcome
from viewer.dicom.read import UnreadableError
from viewer.dicom.records import Refused
from viewer.dicom.transcode import Recoded
from viewer.errors import ViewerError
from viewer.jobs.messages import Indexed, Places, ReadFrame, Request, Task
from viewer.jobs.watchdog import Deadline, Watchdog
from viewer.jobs.worker_process import WorkerDiedError, WorkerProcess
from viewer.jobs.workers import CancelledError, Workers

START_SECONDS = 60.0  # for a process to import what it needs; a cold disk takes long
HEADER_SECONDS = 10.0  # to open a file and parse its header: a disc that stands still needs 8 to turn
FRAME_SECONDS = 4.0  # then to read and decode a small frame, and more for a large one:
PIXELS_PER_SECOND = 16e6  # half the speed of the slowest codec measured
MAX_SECONDS = 30.0
INDEX_SECONDS = 2.0  # a file
LOCATE_SECONDS = 0.5  # a frame
DOCUMENT_SECONDS = 20.0  # to read a document and all its pages: a report of 50,000 items takes 8


class _TooLongError(Exception):
    """The worker did not answer within `seconds` and was stopped."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class _Turn:
    """When a request is served, and until when."""

    seconds: float  # to answer
    priority: int
    cancelled: Callable[[], bool]


class DecoderPool:
    """A few worker processes, started when first needed, that read files for waiting threads.

    All methods may be called from any thread and block it; lower `priority` numbers go first.
    """

    def __init__(self, size: int | None = None, *, patience: float = 1.0) -> None:
        """Use `size` processes, by default one less than there are cores, at least 2.

        `patience` multiplies every deadline.
        """
        self._workers = Workers(size or max(2, (os.cpu_count() or 1) - 1))
        self._patience = patience
        self._watchdog = Watchdog()

    @property
    def size(self) -> int:
        """Return how many processes there are at most."""
        return self._workers.size

    def pids(self) -> set[int]:
        """Return the process ids of the workers that live."""
        return self._workers.pids()

    def warm_up(self) -> None:
        """Start the processes without waiting, so that the first request finds them ready."""
        self._workers.warm_up()

    def read_frame(
        self, path: str, frame_number: int = 1, *, priority: int = 0, cancelled: Callable[[], bool] = _never
    ) -> tuple[ImageDescription, Frame]:
        """Return the description and the stored values of one frame (from 1).

        Raise ViewerError with the reason; CancelledError when `cancelled` says so before it began.
        """
        request = Request(Task.READ_FRAME, (path,), frame_number)
        try:
            answer = self._ask(request, ReadFrame, _Turn(HEADER_SECONDS, priority, cancelled))
        except _TooLongError as error:
            reason = f"decoding took longer than {error.seconds:.3g} s and was stopped"
            raise UnreadableError(path, reason) from None
        except WorkerDiedError:
            raise UnreadableError(path, "the decoder crashed on this image") from None
        return answer.description, answer.frame

    def locate(
        self,
        frames: Sequence[tuple[str, int]],
        *,
        priority: int = 0,
        cancelled: Callable[[], bool] = _never,
    ) -> tuple[Located | None, ...]:
        """Return for each frame, a path and its number (from 1), where it stands, in order.

        None where only `read_frame` can read it, or can say why not. Raise CancelledError.
        """
        grouped = [
            (path, tuple(number for _, number in group))
            for path, group in itertools.groupby(frames, key=lambda frame: frame[0])
        ]
        paths, numbers = (tuple(column) for column in zip(*grouped, strict=True)) if grouped else ((), ())
        request = Request(Task.LOCATE, paths, frame_numbers=numbers)
        seconds = HEADER_SECONDS + LOCATE_SECONDS * len(frames)
        try:
            answer = self._ask_once(request, Places, _Turn(seconds, priority, cancelled))
        except (_TooLongError, WorkerDiedError, ViewerError):
            return (None,) * len(frames)
        return tuple(answer.found) if len(answer.found) == len(frames) else (None,) * len(frames)

    def index(
        self, paths: Sequence[str], *, priority: int = 0, cancelled: Callable[[], bool] = _never
    ) -> tuple[Outcome, ...]:
        """Return for each file, in order, its record or why there is none.

        A file that kills or hangs its worker is Refused; its neighbours are read.
        """
        if not paths:
            return ()
        request = Request(Task.INDEX, tuple(paths))
        turn = _Turn(INDEX_SECONDS * len(paths), priority, cancelled)
        try:
            answer = self._ask_once(request, Indexed, turn) if len(paths) > 1 else None
            if answer is None:
                answer = self._ask(request, Indexed, turn)
        except _TooLongError as error:
            reason = f"reading its header took longer than {error.seconds:.3g} s and was stopped"
        except WorkerDiedError:
            reason = "its header crashed the reader"
        else:
            if len(answer.outcomes) == len(paths):
                return tuple(answer.outcomes)
            reason = "its header could not be read"
        if len(paths) == 1:
            return (Refused(paths[0], reason),)
        one_by_one = (self.index((path,), priority=priority, cancelled=cancelled) for path in paths)
        return tuple(itertools.chain.from_iterable(one_by_one))

    def directory(
        self, path: str, *, priority: int = 0, cancelled: Callable[[], bool] = _never
    ) -> MediaDirectory:
        """Return the files that a DICOMDIR lists; one that cannot be read is a problem of its own."""
        request = Request(Task.DIRECTORY, (path,))
        try:
            answer = self._ask(request, MediaDirectory, _Turn(HEADER_SECONDS, priority, cancelled))
        except _TooLongError as error:
            reason = f"reading the DICOMDIR took longer than {error.seconds:.3g} s and was stopped"
        except WorkerDiedError:
            reason = "the DICOMDIR crashed the reader"
        else:
            return cast("MediaDirectory", answer)
        return MediaDirectory((), (Refused(path, reason),))

    def document(self, path: str, *, priority: int = 0, cancelled: Callable[[], bool] = _never) -> Document:
        """Return the readable form of an object that is no image.

        Raise ViewerError with the reason; CancelledError when `cancelled` says so before it began.
        """
        request = Request(Task.DOCUMENT, (path,))
        try:
            answer = self._ask(request, Document, _Turn(DOCUMENT_SECONDS, priority, cancelled))
        except _TooLongError as error:
            reason = f"reading the document took longer than {error.seconds:.3g} s and was stopped"
            raise UnreadableError(path, reason) from None
        except WorkerDiedError:
            raise UnreadableError(path, "the document crashed the reader") from None
        return cast("Document", answer)

    def recode(
        self, path: str, taken: Sequence[str], *, priority: int = 0, cancelled: Callable[[], bool] = _never
    ) -> Recoded:
        """Return a file in one of the native transfer syntaxes that are `taken`, without a loss.

        Raise ViewerError with the reason; CancelledError when `cancelled` says so before it began.
        """
        request = Request(Task.RECODE, (path,), syntaxes=tuple(taken))
        try:
            answer = self._ask(request, Recoded, _Turn(HEADER_SECONDS, priority, cancelled))
        except _TooLongError as error:
            reason = f"recoding took longer than {error.seconds:.3g} s and was stopped"
            raise UnreadableError(path, reason) from None
        except WorkerDiedError:
            raise UnreadableError(path, "the decoder crashed on this image") from None
        return cast("Recoded", answer)

    def close(self) -> None:
        """End all processes; whoever waits gets CancelledError."""
        self._workers.close()
        self._watchdog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, request: Request, answer: Any, turn: _Turn) -> Any:  # noqa: ANN401  a type, its value
        """Ask a worker; when it dies, ask once more, on a fresh one.

        Raise ViewerError, CancelledError, _TooLongError, or WorkerDiedError the second time.
        """
        try:
            return self._ask_once(request, answer, turn)
        except WorkerDiedError:
            return self._ask_once(request, answer, turn, fresh=True)

    def _ask_once(
        self,
        request: Request,
        answer: Any,  # noqa: ANN401  a type
        turn: _Turn,
        *,
        fresh: bool = False,
    ) -> Any:  # noqa: ANN401  a value of that type
        with self._workers.lend(turn.priority, turn.cancelled, fresh=fresh) as worker:
            self._wait_until_ready(worker)
            with self._watchdog.guard(turn.seconds * self._patience, worker.kill) as deadline:
                try:
                    return worker.ask(request, answer, lambda pixels: self._allow(deadline, pixels))
                except WorkerDiedError:
                    if deadline.expired:
                        raise _TooLongError(deadline.seconds) from None
                    if self._workers.closed:
                        raise CancelledError from None
                    raise

    def _wait_until_ready(self, worker: WorkerProcess) -> None:
        try:
            with self._watchdog.guard(START_SECONDS, worker.kill):
                worker.wait_until_ready()
        except WorkerDiedError:
            if self._workers.closed:
                raise CancelledError from None
            raise

    def _allow(self, deadline: Deadline, pixels: int) -> None:
        """Allow the frame that is about to be decoded its time."""
        seconds = min(FRAME_SECONDS + max(pixels, 0) / PIXELS_PER_SECOND, MAX_SECONDS)
        deadline.restart(seconds * self._patience)
