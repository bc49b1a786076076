"""The work on one transfer, in the thread of whoever calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.dicom.records import InstanceRecord
from viewer.errors import ViewerError
from viewer.jobs.means import Means
from viewer.jobs.transfer import Ended, Job, Kind, Standing
from viewer.network.names import find_peer


def _nothing(_: object) -> None:
    pass


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears of a transfer, from the threads that do it."""

    progress: Callable[[Standing], object] = _nothing
    arrived: Callable[[Sequence[InstanceRecord]], object] = _nothing  # they are in the cache from now on
    cancelled: Callable[[], bool] = _never


def transfer(means: Means, job: Job, hearing: Hearing) -> Ended:
    """Do a transfer, as far as it goes. Raises ViewerError when nothing of it can be done."""
    peer = find_peer(job.peer, means.peers())
    raise ViewerError(
        f"{peer.name}: {job.kind.value} is not there yet{hearing.cancelled() or ''}{Kind.SEND}."
    )
