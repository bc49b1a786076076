"""Fetching by C-GET over several associations, and by C-MOVE to our own door."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from viewer.network.dimse import get as c_get
from viewer.network.dimse.association import Association
from viewer.network.dimse.contexts import GET, MOST_CONTEXTS, MOVE, NATIVE, numbered
from viewer.network.dimse.find import find
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.move import move_on
from viewer.network.dimse.negotiation import Proposal
from viewer.network.dimse.status import NOT_SENT
from viewer.network.dimse.target import Target
from viewer.network.failure import Cause, NetworkError
from viewer.network.listening.move_here import explained, nothing_came
from viewer.network.match import Match
from viewer.network.peer import Received
from viewer.network.query import Query
from viewer.network.retrieving.retrieve_plan import Batch
from viewer.network.retrieving.retrieve_round import Round
from viewer.network.services import Destination

STRAGGLERS = 2.0  # s without an arrival after which nothing more is expected of a C-MOVE that has ended
_LOOK = 0.02  # s
_MOST_CLASSES = (MOST_CONTEXTS - len(GET)) // len(NATIVE)


def patient_of(round_: Round, association: Association, models: Mapping[bool, str]) -> str:
    """Return the Patient ID where a peer has the patient root alone, else "". Raises NetworkError."""
    if association.context(models[False]) is not None or association.context(models[True]) is None:
        return ""
    study = round_.aim.wanted.study_instance_uid
    found: list[Match] = []
    find(association.access, Query(study_instance_uid=study), found.append, round_.cancelled)
    patients = {match.study.patient.patient_id for match in found} - {""}
    if len(patients) != 1:
        words = "retrieves by the Patient ID alone (patient root), and does not tell whose the study is."
        raise association.access.failure(words, Cause.NO_CONTEXT)
    return patients.pop()


def request(round_: Round, batch: Batch, patient_id: str = "") -> Target:
    """Return a batch as C-GET and C-MOVE ask for it."""
    return Target(
        round_.aim.wanted.study_instance_uid,
        batch.series_instance_uid,
        tuple(item.sop_instance_uid for item in batch.items),
        patient_id=patient_id,
        sop_classes=round_.aim.plan.sop_classes,
        transfer_syntaxes=NATIVE if round_.native else (),
    )


# ------------------------------------------------------------------------------------------------- C-GET
def by_get(round_: Round, batches: Sequence[Batch]) -> None:
    """Fetch batches by C-GET, over as many associations as the peer is set to.

    Raises NetworkError when it was cancelled or the disk is full; other failures are the round's.
    """
    waiting = deque(batches)
    round_.at_once(min(round_.aim.peer.associations, len(batches)), lambda: _Getting(round_, waiting).run())


class _Getting:
    """One association after the other that fetches batches until none waits."""

    def __init__(self, round_: Round, waiting: deque[Batch]) -> None:
        self._round, self._waiting = round_, waiting
        self._native = round_.native
        self._batch: Batch | None = None
        self._patient_id = ""  # where the peer needs it

    def run(self) -> None:
        """Fetch until no batch waits. Raises NetworkError."""
        access = self._round.aim.services.access(self._round.aim.peer)
        while self._waiting:
            proposal = c_get.proposal_for(self._request(Batch("")))
            try:
                with associate(access, proposal, self._round.cancelled) as association:
                    self._drain(association)
            except NetworkError as error:
                if error.status != NOT_SENT or self._native:
                    raise
                self._native = True  # some use the first context of a class for all of its objects
                if self._batch is not None:
                    self._waiting.appendleft(self._batch)

    def _drain(self, association: Association) -> None:
        self._patient_id = self._patient_id or patient_of(self._round, association, GET)
        while True:
            try:
                self._batch = self._waiting.popleft()
            except IndexError:
                return
            try:
                self._fetch(association, self._batch)
            except NetworkError as error:
                if error.cause is not Cause.STATUS or (error.status == NOT_SENT and not self._native):
                    raise
                self._round.refused_batch(self._batch, error)  # the others may come

    def _fetch(self, association: Association, batch: Batch) -> None:
        round_ = self._round
        found = c_get.get_on(association, self._request(batch), round_.aim.folder, round_.take)
        round_.refuse(found.refused)
        if not found.failed and not found.words:
            return
        got = set(found.received)
        missing = found.failed or tuple(item.sop_instance_uid for item in batch.items)
        words = found.words or "it gives no reason"
        round_.failed(
            [uid for uid in missing if uid not in got], f"{round_.aim.peer.name} could not send it: {words}"
        )

    def _request(self, batch: Batch) -> Target:
        found = request(self._round, batch, self._patient_id)
        return replace(
            found,
            sop_classes=found.sop_classes[:_MOST_CLASSES],
            transfer_syntaxes=NATIVE if self._native else (),
        )


# ------------------------------------------------------------------------------------------------ C-MOVE
def by_move(round_: Round, batches: Sequence[Batch]) -> None:
    """Have batches sent to our own door by C-MOVE.

    Raises NetworkError when it was cancelled; other failures are the round's.
    """
    round_.at_once(1, lambda: _move(round_, batches))


def _move(round_: Round, batches: Sequence[Batch]) -> None:
    services, peer = round_.aim.services, round_.aim.peer
    destination = services.destination
    if destination is None or not destination.ae_title:
        raise NetworkError(
            f"{peer.name} sends images to our own door only (C-MOVE), and that is closed: open it.",
            Cause.NO_CONTEXT,
        )
    proposal = Proposal(numbered([(MOVE[root], NATIVE) for root in (False, True)]))
    with associate(services.access(peer), proposal, round_.cancelled) as association:
        patient_id = patient_of(round_, association, MOVE)
        for batch in batches:
            try:
                _move_batch(round_, association, destination, request(round_, batch, patient_id))
            except NetworkError as error:
                if error.cause is not Cause.STATUS or not round_.count:
                    raise
                round_.refused_batch(batch, error)  # the others may come


def _move_batch(round_: Round, association: Association, destination: Destination, wanted: Target) -> None:
    arrivals = _Arrivals(round_)
    uids = wanted.sop_instance_uids
    peer, since = round_.aim.peer, time.time()
    with destination.watching(round_.aim.wanted.study_instance_uid, uids, arrivals.take):
        try:
            moved = move_on(association, wanted, destination.ae_title, lambda _: None)
        except NetworkError as error:
            if error.cause is not Cause.STATUS:
                raise
            raise explained(peer, destination, since, error) from None
        arrivals.wait(len(uids) or moved.completed or 0)
    missing = [uid for uid in uids if uid not in arrivals.uids]
    if missing and moved.words:
        round_.failed(missing, f"{peer.name} could not send it: {moved.words}")
    elif missing:
        round_.failed(missing, f"{peer.name} says that it was sent, and it did not arrive")
    if not arrivals.uids and (moved.completed or moved.failures or uids):
        raise NetworkError(nothing_came(peer, destination, since), Cause.STATUS, moved.status)


class _Arrivals:
    """What arrives at our own door of one C-MOVE."""

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self.uids: set[str] = set()

    def take(self, several: Sequence[Received]) -> None:
        """Count what arrived."""
        with self._lock:
            self.uids |= {received.sop_instance_uid for received in several}
            self._last = time.monotonic()
        self._round.arrived(several)

    def wait(self, expected: int) -> None:
        """Wait for what is still on its way when the peer says that it has ended."""
        self._last = time.monotonic()
        while len(self.uids) < expected and time.monotonic() - self._last < STRAGGLERS:
            if self._round.cancelled():
                return
            time.sleep(_LOOK)
