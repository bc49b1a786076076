"""The work on one transfer, in the thread of whoever calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.dicom.records import InstanceRecord
from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.jobs.means import Means
from viewer.jobs.retrieving import HereError, Listening, StoppedError, retrieve_into
from viewer.jobs.sending import Following, SendReport, send_from
from viewer.jobs.transfer import MOST_MISSING, Ended, Job, Missing, Standing, State
from viewer.network.failure import Cause, NetworkError
from viewer.network.names import find_peer
from viewer.network.peer import Peer
from viewer.network.retrieve import RetrieveReport
from viewer.network.retrieve_plan import Wanted


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


class _Last:
    """How far a transfer was when it was told of last."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self.standing = Standing()

    def tell(self, done: int, total: int | None, size: int) -> None:
        """Tell of how far it is."""
        self.standing = Standing(done, total, size)
        self._hearing.progress(self.standing)


def transfer(means: Means, job: Job, hearing: Hearing) -> Ended:
    """Do a transfer, as far as it goes; it ends paused when it was cancelled or our own end must be tended.

    Raises ViewerError when nothing of it can be done.
    """
    peer = find_peer(job.peer, means.peers())
    last = _Last(hearing)
    try:
        if job.wanted is not None:
            return _retrieve(means, peer, job.wanted, hearing, last)
        return _send(means, peer, job, hearing, last)
    except ViewerError as error:
        return _ended(error, last.standing)


def _ended(error: ViewerError, standing: Standing) -> Ended:
    """Return how a transfer ends that raised an error."""
    cancelled = isinstance(error, StoppedError) or (
        isinstance(error, NetworkError) and error.cause is Cause.CANCELLED
    )
    paused = cancelled or isinstance(error, HereError)
    sentence = "" if cancelled else str(error)
    return Ended(
        State.PAUSED if paused else State.FAILED,
        Standing(standing.done, standing.total, standing.bytes, sentence),
    )


def _retrieve(means: Means, peer: Peer, wanted: Wanted, hearing: Hearing, last: _Last) -> Ended:
    report = retrieve_into(means, peer, wanted, Listening(last.tell, hearing.arrived, hearing.cancelled))
    missing = tuple(Missing(one.sop_instance_uid, one.reason) for one in report.failed[:MOST_MISSING])
    standing = Standing(
        done=report.received + report.already_here,
        total=report.expected,
        bytes=report.bytes,
        sentence=sentence_of(peer, report),
        missing=missing,
        short=len(report.failed),
    )
    return Ended(State.COMPLETE if report.complete else State.SHORT, standing)


def sentence_of(peer: Peer, report: RetrieveReport) -> str:
    """Return what a person should know of a retrieval that has ended; "" when all went well."""
    name = printable(peer.name)
    words = []
    if report.failed:
        first = report.failed[0].reason.rstrip(".")
        words.append(f"{len(report.failed):,} of {report.expected or 0:,} objects are missing: {first}.")
    elif not report.complete and report.expected is not None:
        here = report.received + report.already_here
        words.append(f"{here:,} objects are here, and {name} counts {report.expected:,}.")
    if report.unknown:
        words.append(f"Whether all is here could not be verified: {name} does not list all of its objects.")
    return " ".join((*words, *report.notes))


def _send(means: Means, peer: Peer, job: Job, hearing: Hearing, last: _Last) -> Ended:
    report = send_from(means, peer, job.sop_instance_uids, Following(last.tell, hearing.cancelled))
    missing = tuple(Missing(uid, reason) for uid, reason in report.failed[:MOST_MISSING])
    standing = Standing(
        report.sent,
        report.total,
        report.bytes,
        sentence_of_send(peer, report),
        missing,
        len(report.failed),
        report.committed,
    )
    if report.complete:
        return Ended(State.COMPLETE, standing)
    return Ended(State.SHORT if report.sent else State.FAILED, standing)


def sentence_of_send(peer: Peer, report: SendReport) -> str:
    """Return what a person should know of a send that has ended."""
    name = printable(peer.name)
    words = []
    if report.failed:
        first = report.failed[0][1].rstrip(".")
        words.append(f"{len(report.failed):,} of {report.total:,} objects were not sent: {first}.")
    if report.committed:
        words.append(f"{name} promises to keep {report.committed:,}.")
    return " ".join((*words, report.note)).strip()
