"""Peers in the study browser: their marks, their answers, and the way from an answer to its images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from viewer.cache.presence import NOT_HERE, Here, present
from viewer.dicom.records import PatientRecord
from viewer.dicom.text import person_name, printable
from viewer.errors import ViewerError
from viewer.jobs.queue import Job, JobQueue, Priority
from viewer.jobs.transfer import ENDED, State, TransferRow
from viewer.jobs.transfers import Transfers
from viewer.network.peer import Peer
from viewer.network.retrieving.retrieve_plan import Wanted
from viewer.ui.bridge import MainThread
from viewer.ui.studies.remote_marks import RemoteMarks
from viewer.ui.studies.study_browser import StudyBrowser
from viewer.ui.study_words import counted
from viewer.viewing.local_studies import NAME, LocalStudies
from viewer.viewing.remote import Remote
from viewer.viewing.remote_search import Asking, Ending, Standing
from viewer.viewing.remote_studies import EVERYWHERE, RemoteStudies, RemoteStudy
from viewer.viewing.study_source import StudySource

ASKERS = 6  # threads for questions: so many peers at once, and a slow one holds up nobody
MARKERS = 3  # threads for the marks
NO_ID = "This patient has no ID: priors are not looked for by the name alone."
NO_PEERS = "No PACS or other peer is set up yet: add one with +."
NO_PLACE = "Images cannot be fetched: the study cache of this computer cannot be written."


@dataclass(frozen=True, slots=True)
class Ordered:
    """Studies that were asked for: what of them is here, and the numbers of the transfers of the rest."""

    here: tuple[Here, ...]
    transfers: tuple[int, ...]
    peers: tuple[str, ...]


class RemoteRoom(QObject):
    """Owns the threads that wait for peers."""

    ordered = Signal(object, object, str, bool)  # RemoteStudies, Ordered, a series first or "", beside
    failed = Signal(str)
    fetched = Signal(object)  # TransferRow of a fetch from here that ended
    fetching = Signal(object)  # TransferRow of one that goes on

    def __init__(self, remote: Remote, local: LocalStudies | None, queue: JobQueue, parent: QObject) -> None:
        super().__init__(parent)
        self.remote, self._local, self._queue = remote, local, queue
        self._main = MainThread(self)
        self._askers: JobQueue | None = None
        self._markers: JobQueue | None = None
        self._mine: set[int] = set()  # transfers that are followed
        self.marks = RemoteMarks(self._marking, remote, self)
        remote.news.changed.append(self._follow)

    # ------------------------------------------------------------------------------------------- threads
    def asking(self) -> Asking:
        """Return what a question to peers works with."""
        if self._askers is None:
            self._askers = JobQueue(self._main.post, ASKERS)
        return Asking(self._askers, self._main.post, self.remote.neighbours, self._local)

    def _marking(self) -> JobQueue:
        if self._markers is None:
            self._markers = JobQueue(self._main.post, MARKERS)
        return self._markers

    def shut(self) -> None:
        """Ask nobody any more."""
        if self.remote.prompt is not None:
            self.remote.prompt.close()
        self.marks.end()
        for queue in (self._askers, self._markers):
            if queue is not None:
                queue.close()

    # ------------------------------------------------------------------------------------------- places
    def join(self, browser: StudyBrowser) -> None:
        """Put the peers into a browser."""
        browser.remote.opened.connect(lambda studies, beside: self.open(studies, "", beside=beside))
        browser.remote_series.opened.connect(lambda study, uid: self.open((study,), uid, beside=False))
        browser.remote.fetch_wanted.connect(self.fetch)
        browser.remote.priors_wanted.connect(lambda patient: self.look_for_priors(patient, browser))
        self.remote.news.arrived.append(lambda _: browser.refresh() if browser.isVisible() else None)
        browser.remote.stood.connect(lambda _: self.marks.heard(_answering(browser.remote.model.standings)))
        self.marks.changed.connect(lambda name: browser.head.set_mark(name, self.marks.of(name)))
        self.set_peers(self.remote.neighbours.peers, browser)

    def set_peers(self, peers: Sequence[Peer], browser: StudyBrowser) -> None:
        """Offer these peers."""
        self.remote.neighbours.peers = tuple(peers)
        names = [peer.name for peer in peers]
        sources: list[StudySource] = [browser.sources[0]]
        sources += [RemoteStudies(name, (name,)) for name in names]
        if names:
            own = [NAME] if self._local is not None else []
            sources.append(RemoteStudies(EVERYWHERE, (*own, *names)))
        browser.set_sources(sources)
        for name in names:
            browser.head.set_mark(name, self.marks.of(name))

    def look_for_priors(self, patient: PatientRecord, browser: StudyBrowser) -> None:
        """Look on all peers and here for the studies of a patient, by ID and issuer."""
        if not patient.patient_id.strip():
            self.failed.emit(NO_ID)
        elif not self.remote.neighbours.peers:
            self.failed.emit(NO_PEERS)
        else:
            if browser.source.name != EVERYWHERE:
                browser.head.select(len(browser.sources) - 1)
            browser.filter.look_for(patient)
            browser.remote.ask(browser.filter.asked)
            browser.list.setFocus()

    # ------------------------------------------------------------------------------------- getting images
    def open(self, studies: Sequence[RemoteStudy], series: str, *, beside: bool) -> None:
        """Fetch what is not here of studies, and have them opened."""
        self._order(studies, series, lambda ordered: self.ordered.emit(studies, ordered, series, beside))

    def fetch(self, studies: Sequence[RemoteStudy]) -> None:
        """Fetch what is not here of studies."""
        self._order(studies, "", lambda _: None)

    def _order(self, studies: Sequence[RemoteStudy], series: str, done: Callable[[Ordered], object]) -> None:
        transfers, local = self.remote.transfers, self._local

        def work(_: Job) -> Ordered:
            return _ordered(studies, series, transfers, local)

        def take(ordered: Ordered) -> None:
            self._mine |= set(ordered.transfers)
            done(ordered)
            self._follow()

        self._queue.submit(
            work, priority=Priority.VISIBLE, done=take, failed=lambda error: self.failed.emit(_words(error))
        )

    def _follow(self) -> None:
        """Tell of the fetches that were asked for here."""
        if self.remote.transfers is None or not self._mine:
            return
        for row in self.remote.transfers.rows():
            if row.id not in self._mine:
                continue
            if row.state in ENDED or row.state is State.PAUSED:
                self._mine.discard(row.id)
                self.fetched.emit(row)
            else:
                self.fetching.emit(row)


def _answering(standings: Sequence[Standing]) -> set[str]:
    """Return the places that have answered a search."""
    return {one.name for one in standings if one.ending in {Ending.ALL, Ending.FIRST}}


def _ordered(
    studies: Sequence[RemoteStudy], series: str, transfers: Transfers | None, local: LocalStudies | None
) -> Ordered:
    """Look what is here of studies, and have the rest fetched; in a job thread. Raises ViewerError."""
    if local is None:
        raise ViewerError(NO_PLACE)
    with local.store.reading() as connection:
        found = present(connection, [study.key.study_instance_uid for study in studies])
    here = tuple(found.get(study.key.study_instance_uid, NOT_HERE) for study in studies)
    numbers, peers = [], []
    for study, now in zip(studies, here, strict=True):
        if now.complete(study.told) or not study.peers:
            continue
        if transfers is None or local.store.read_only:
            raise ViewerError(NO_PLACE)
        peer, *others = (one.name for one in study.peers)
        wanted = Wanted(study.key.study_instance_uid, first_series=series)
        numbers.append(transfers.add_retrieve(peer, wanted, title_of(study), others, study.told or 0))
        peers.append(peer)
    return Ordered(here, tuple(numbers), tuple(dict.fromkeys(peers)))


def title_of(study: RemoteStudy) -> str:
    """Return what a person calls a study in the list of transfers."""
    record = study.record
    parts = (person_name(record.patient.patient_name), printable(record.study_description))
    return "  ".join(part for part in parts if part) or printable(record.study_instance_uid)


def progress_words(row: TransferRow) -> str:
    """Return how far a fetch is."""
    if row.state is State.WAITING:
        return f"Waiting for {printable(row.peer)} …"
    of = f" of {row.total:,}" if row.total is not None else ""
    return f"Fetching from {printable(row.peer)}: {row.done:,}{of} images"


def end_words(row: TransferRow) -> str:
    """Return how a fetch ended."""
    if row.state is State.COMPLETE:
        return f"Complete: {counted(row.done, 'image', 'images')} from {printable(row.peer)}."
    if row.state is State.CANCELLED:
        return "Fetching was cancelled; what came is kept."
    return row.sentence


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, ViewerError) else "That did not work: a fault of the program."
