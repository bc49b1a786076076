"""The work on one transfer, in the thread of whoever calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from viewer.dicom.records import InstanceRecord
from viewer.dicom.text import printable
from viewer.errors import ViewerError
from viewer.jobs.means import Means
from viewer.jobs.retrieving import HereError, Listening, StoppedError, retrieve_into
from viewer.jobs.sending import Following, SendReport, report_of, send_from
from viewer.jobs.transfer import MOST_MISSING, Ended, Job, Missing, Standing, State
from viewer.network.failure import Cause, NetworkError
from viewer.network.names import find_peer
from viewer.network.peer import Peer
from viewer.network.retrieving.retrieve import RetrieveReport
from viewer.network.retrieving.retrieve_plan import Wanted


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
        self.hearing = hearing
        self.standing = Standing()
        self.before = Standing()  # what another peer has brought of it

    def tell(self, done: int, total: int | None, size: int) -> None:
        """Tell of how far it is."""
        self.standing = Standing(done, total, size)
        before = self.before
        whole = total if before.total is None else before.total
        self.hearing.progress(Standing(before.done + done, whole, before.bytes + size))


def transfer(means: Means, job: Job, hearing: Hearing) -> Ended:
    """Do a transfer, as far as it goes; it ends paused when it was cancelled or our own end must be tended.

    Raises ViewerError when nothing of it can be done.
    """
    last = _Last(hearing)
    if job.wanted is not None:
        return _retrieve_anywhere(means, job, job.wanted, last)
    peer = find_peer(job.peer, means.peers())
    try:
        return _send(means, peer, job, hearing, last)
    except ViewerError as error:
        return _ended(error, last.standing)


def _retrieve_anywhere(means: Means, job: Job, wanted: Wanted, last: _Last) -> Ended:
    """Retrieve from a peer, and what it cannot give from the others that have the study."""
    ended = _tried(means, job.peer, wanted, last)
    for name in job.others:
        if ended.state not in {State.SHORT, State.FAILED} and not _lacks(ended, wanted, job):
            break
        before, last.before = ended, ended.standing
        uids = tuple(one.sop_instance_uid for one in before.standing.missing)
        if len(uids) < before.standing.short:
            uids = ()  # not all of them are written down: ask for the whole
        rest = replace(wanted, series_instance_uids=(), sop_instance_uids=uids) if uids else wanted
        if not uids:
            last.before = Standing()
        ended = _joined(before, _tried(means, name, rest, last), name, part=bool(uids))
    standing = ended.standing
    if _lacks(ended, wanted, job):
        words = f"{standing.done:,} objects are here, and {printable(job.peer)} counts {job.told:,}."
        sentence = " ".join(filter(None, (words, standing.sentence)))
        standing = replace(standing, total=job.told, short=job.told - standing.done, sentence=sentence)
        return Ended(State.SHORT, standing)
    return ended


def _lacks(ended: Ended, wanted: Wanted, job: Job) -> bool:
    """Tell whether a peer gave all that it has, and another one says that there is more."""
    return ended.state is State.COMPLETE and wanted.whole_study and ended.standing.done < job.told


def _tried(means: Means, name: str, wanted: Wanted, last: _Last) -> Ended:
    """Return how far a peer brought it, whatever went wrong."""
    last.standing = Standing()
    try:
        return _retrieve(means, find_peer(name, means.peers()), wanted, last)
    except ViewerError as error:
        _forget_refused(means, name, error)
        return _ended(error, last.standing)


def _joined(before: Ended, now: Ended, name: str, *, part: bool) -> Ended:
    """Return how a retrieve ended that went on at another peer, there perhaps only for a part."""
    one, other = before.standing, now.standing
    went = now.state in {State.COMPLETE, State.SHORT}
    took = f"The rest came from {printable(name)}." if part else f"It came from {printable(name)}."
    sentences = (one.sentence, took if went and other.done else "", other.sentence)
    sentence = " ".join(dict.fromkeys(filter(None, sentences)))
    if not went and now.state is not State.PAUSED:
        return Ended(before.state, replace(one, sentence=sentence))
    if now.state is State.COMPLETE and part:
        sentence = " ".join(filter(None, (took, other.sentence)))  # what was missing before is here
    if not part:
        return Ended(now.state, replace(other, bytes=one.bytes + other.bytes, sentence=sentence))
    joined = replace(
        other, done=one.done + other.done, total=one.total, bytes=one.bytes + other.bytes, sentence=sentence
    )
    return Ended(now.state, joined)


def _forget_refused(means: Means, name: str, error: ViewerError) -> None:
    """Have a password asked for again that was refused."""
    if isinstance(error, NetworkError):
        means.services.secrets.forget_refused(find_peer(name, means.peers()), error)


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


def _retrieve(means: Means, peer: Peer, wanted: Wanted, last: _Last) -> Ended:
    hearing = last.hearing
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
        first = _ended_once(report.failed[0].reason)
        words.append(f"{len(report.failed):,} of {report.expected or 0:,} objects are missing: {first}")
    elif not report.complete and report.expected is not None:
        here = report.received + report.already_here
        words.append(f"{here:,} objects are here, and {name} counts {report.expected:,}.")
    if report.unknown:
        words.append(f"Whether all is here could not be verified: {name} does not list all of its objects.")
    return " ".join((*words, *report.notes))


def _send(means: Means, peer: Peer, job: Job, hearing: Hearing, last: _Last) -> Ended:
    report = send_from(means, peer, job.sop_instance_uids, Following(last.tell, hearing.cancelled))
    return _sent(peer.name, report)


def promised_since(means: Means, job: Job, standing: Standing) -> Ended | None:
    """Return how a send stands that a peer has answered since it ended, None where nothing is new.

    Raises ViewerError.
    """
    report = report_of(means.store, job.peer, job.sop_instance_uids, standing.bytes)
    known = report.sent + len(report.failed)
    if not known or (report.committed, len(report.failed)) == (standing.kept, standing.short):
        return None
    return _sent(job.peer, report)


def _sent(peer: str, report: SendReport) -> Ended:
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


def sentence_of_send(peer: str, report: SendReport) -> str:
    """Return what a person should know of a send to a peer, by its name, that has ended."""
    name = printable(peer)
    words = []
    if report.failed:
        first = _ended_once(report.failed[0][1])
        words.append(f"{len(report.failed):,} of {report.total:,} objects were not sent: {first}")
    if report.committed:
        words.append(f"{name} promises to keep {report.committed:,}.")
    return " ".join((*words, report.note)).strip()


def _ended_once(words: str) -> str:
    """Return a reason with one mark at its end."""
    return words if words.endswith("?") else words.rstrip(".") + "."
