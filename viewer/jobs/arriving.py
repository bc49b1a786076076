"""What comes in by our own door is made safe before anybody is told that it is."""

from collections.abc import Callable, Sequence

from viewer.cache.arrivals import Became, Source
from viewer.cache.store import Store
from viewer.dicom.records import InstanceRecord
from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.jobs.decode import DecoderPool
from viewer.jobs.receiving import Entrance, Kept, keep
from viewer.jobs.workers import CancelledError
from viewer.network.peer import Received

SOURCE = Source("sent to us", origin=True)  # by whom it was made, and whether it was kept there, nobody knows


def _nothing(_: object) -> None:
    pass


class Arriving:
    """Keeps what a `viewer.network.listening.listener.Listener` receives."""

    def __init__(
        self,
        store: Store,
        pool: DecoderPool,
        arrived: Callable[[Sequence[InstanceRecord]], object] = _nothing,
        *,
        source: Source = SOURCE,
        floor_bytes: int = 0,
    ) -> None:
        """`arrived` is called with what is in the cache from now on, from the thread of the listener."""
        self._entrance = Entrance(store, pool, source, floor_bytes=floor_bytes)
        self._arrived = arrived

    def received(self, several: Sequence[Received]) -> list[bool | str]:
        """Make objects safe; return for each True, why it is not kept, or False: it may come again later."""
        try:
            kept = keep(self._entrance, several)
        except (ViewerError, CancelledError):  # the disk is full, or the program ends
            return [False] * len(several)
        records = [
            each.taken.record
            for each in kept
            if each.taken is not None and each.safe and each.taken.became is not Became.CONFLICT
        ]
        if records:
            self._arrived(records)
        return [_answer(each) for each in kept]


def _answer(kept: Kept) -> bool | str:
    return True if kept.safe else printable(kept.reason) or False
