"""Files in another transfer syntax for a peer that takes no other: made by a worker, sent, and gone."""

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from viewer.dicom.text import shown_path
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.workers import CancelledError
from viewer.network.failure import Cause, NetworkError

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def recoder(
    pool: DecoderPool, folder: Path, cancelled: Callable[[], bool]
) -> Callable[[str, Sequence[str]], AbstractContextManager[str]]:
    """Return what makes a file in one of some transfer syntaxes, in `folder`, for as long as it is needed.

    Nothing is lost by it. It raises ViewerError with the reason why it cannot be made, NetworkError when it
    was cancelled.
    """

    @contextmanager
    def recoded(path: str, taken: Sequence[str]) -> Iterator[str]:
        try:
            made = pool.recode(path, taken, cancelled=cancelled)
        except CancelledError:
            raise NetworkError("Sending was cancelled.", Cause.CANCELLED) from None
        other = folder / f"{uuid.uuid4().hex}.recoded"
        try:
            try:
                with os.fdopen(os.open(other, _FLAGS, 0o600), "wb") as file:
                    file.writelines(part.data for part in (made.head, made.pixels, made.tail))
            except OSError as error:
                words = error.strerror or "no reason given"
                raise ViewerError(f"{shown_path(path)} cannot be recoded here: {words}.") from None
            yield str(other)
        finally:
            other.unlink(missing_ok=True)

    return recoded
