"""The network doctor: what works with a peer and what does not, step by step, each in one sentence.

Every step goes the way that the program itself goes, so what is found to work will work.
"""

import ipaddress
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import TypeVar

from viewer.dicom.text import printable
from viewer.network.access import Access, Cancelled, never
from viewer.network.dimse.certificate import shake_hands
from viewer.network.dimse.contexts import (
    FIND,
    GET,
    MOVE,
    NATIVE,
    USUAL_SOP_CLASSES,
    VERIFICATION,
    numbered,
)
from viewer.network.dimse.echo import echo
from viewer.network.dimse.find import find
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.move import move
from viewer.network.dimse.negotiation import Proposal, Terms
from viewer.network.dimse.target import Target
from viewer.network.dimse.transport import connect
from viewer.network.examining import doctor_advice as advice
from viewer.network.examining.doctor_report import Report, State, Step
from viewer.network.failure import Cause, NetworkError
from viewer.network.listener_settings import ListenerSettings
from viewer.network.match import Match
from viewer.network.peer import Peer
from viewer.network.query import Level, Query
from viewer.network.resolving import address_in, resolved, unresolved
from viewer.network.services import Services

NAME, CONNECTION, ENCRYPTION = "Name of the computer", "Connection", "Encryption"
ASSOCIATION, ECHO, FINDING = "DICOM association", "Test (C-ECHO)", "Search (C-FIND)"
RETRIEVAL, SENDING, WEB = "Ways to retrieve", "Sending to us (C-MOVE)", "DICOMweb"
_DIMSE = (NAME, CONNECTION, ENCRYPTION, ASSOCIATION, ECHO, FINDING, RETRIEVAL, SENDING)
STRAGGLING = 5.0  # s that an image may take to arrive after the peer said that it was sent
RECENT = 30  # days in which an image to try with is looked for
STOPPED = "The check was stopped."

OnStep = Callable[[Step], None]
_T = TypeVar("_T")


def plan(peer: Peer) -> tuple[str, ...]:
    """Return the names of the steps that a peer is examined in, in order."""
    return (*(_DIMSE if peer.host or not peer.web else ()), *((WEB,) if peer.web else ()))


def examine(
    peer: Peer,
    services: Services,
    on_step: OnStep,
    cancelled: Cancelled = never,
    *,
    may_move: bool = False,
    listener: ListenerSettings | None = None,
) -> Report:
    """Try a peer step by step and tell of each as it ends; never raises for what the peer does.

    With `may_move` one image is sent here and kept, if the listener is open: that needs the user's consent.
    """
    examination = _Examination(peer, services, cancelled, listener or ListenerSettings())
    examination.may_move = may_move
    steps = []
    for name in plan(peer):
        step = examination.step(name)
        steps.append(step)
        on_step(step)
    return Report(peer, tuple(steps), advice.admin_text(peer, examination.door))


class _SkippedError(Exception):
    """A step that makes no sense here; the words say why."""


class _Examination:
    """What is known so far of one peer. A step returns its sentence, or raises what speaks against it."""

    def __init__(
        self, peer: Peer, services: Services, cancelled: Cancelled, listener: ListenerSettings
    ) -> None:
        self.door = advice.Door(listener.ae_title, "", listener.port)
        self.may_move = False
        self._peer, self._services, self._cancelled, self._listener = peer, services, cancelled, listener
        self._access = Access(peer)  # without what opens it, until that is known
        self._terms: Terms | None = None
        self._match: Match | None = None
        self._broken = ""  # the step without which those after it make no sense
        self._deeds: dict[str, Callable[[], str]] = {
            NAME: self._name,
            CONNECTION: self._connection,
            ENCRYPTION: self._encryption,
            ASSOCIATION: self._association,
            ECHO: self._echo,
            FINDING: self._finding,
            RETRIEVAL: self._retrieval,
            SENDING: self._sending,
            WEB: self._web,
        }

    def step(self, name: str) -> Step:
        """Do one step."""
        start = time.perf_counter()
        try:
            self._check_sense(name)
            sentence = self._deeds[name]()
        except _SkippedError as error:
            return Step(name, State.SKIPPED, str(error))
        except NetworkError as error:
            if error.cause is Cause.CANCELLED:
                return Step(name, State.SKIPPED, STOPPED)
            if name in _DIMSE[:4]:
                self._broken = name
            status = advice.protocol_words(error, web=name == WEB)
            return Step(name, State.FAILED, str(error), status, _since(start))
        return Step(name, State.OK, sentence, milliseconds=_since(start))

    def _check_sense(self, name: str) -> None:
        if self._cancelled():
            raise _SkippedError(STOPPED)
        if self._broken and name != WEB:
            raise _SkippedError(f"Not tried, because “{self._broken}” failed.")

    # ------------------------------------------------------------------------------------ the way to the peer
    def _name(self) -> str:
        peer = self._peer
        if not peer.host:
            raise self._access.failure(
                "has no computer to connect to: enter its name or address.", Cause.NAME
            )
        try:
            found = resolved(peer.host, peer.port, self._cancelled)
        except (ConnectionAbortedError, TimeoutError) as error:
            raise unresolved(self._access, error) from None
        except OSError:
            raise NetworkError(
                f"No computer called {printable(peer.host)} is known here. Check the name for a typing error,"
                " or enter its address in numbers.",
                Cause.NAME,
            ) from None
        self.door = advice.door_to(peer, self._listener)
        if _is_address(peer.host):
            return f"{peer.host} is an address: there is no name to look up."
        return f"{printable(peer.host)} is {advice.listed(list(dict.fromkeys(map(address_in, found))))}."

    def _connection(self) -> str:
        connect(Access(self._peer), self._cancelled).close()
        return f"Port {self._peer.port} of {printable(self._peer.host)} is open."

    def _encryption(self) -> str:
        if self._peer.tls is None:
            self._access = self._services.access(self._peer)
            raise _SkippedError("TLS is not set for this peer: whoever is on the way can read what is sent.")
        self._access = self._services.access(self._peer)
        version, certificate = shake_hands(self._access, self._cancelled)
        return f"Secured with {version}. Its certificate is {certificate}."

    # -------------------------------------------------------------------------------------- what it offers us
    def _association(self) -> str:
        wanted = [(uid, NATIVE) for uids in advice.SERVICES.values() for uid in uids]
        roles = USUAL_SOP_CLASSES[:2]
        contexts = numbered([*wanted, *((uid, NATIVE) for uid in roles)])
        proposal = Proposal(contexts, as_scp=roles)
        terms = self._terms = self._serviced("", lambda: self._agreed(proposal))
        peer = self._peer
        yes, no = advice.accepted(terms)
        less = f", but not {advice.listed(no)}" if no else ""
        offers = f"offers {advice.listed(yes)}{less}"
        return f"{peer.ae_title} takes our calls as {peer.calling_ae_title} and {offers}."

    def _agreed(self, proposal: Proposal) -> Terms:
        with associate(self._access, proposal, self._cancelled) as association:
            return association.terms

    def _echo(self) -> str:
        if VERIFICATION not in self._offered:
            raise _SkippedError("It does not offer to be tested (C-ECHO), which nothing else needs.")
        seconds = self._serviced("the test", lambda: echo(self._access, self._cancelled))
        return f"It answered within {max(seconds * 1000, 1):,.0f} ms."

    def _finding(self) -> str:
        if not self._offers(FIND):
            raise self._access.failure(
                f"offers no search (C-FIND) to {self._peer.calling_ae_title}: ask whoever runs it to allow"
                " it.",
                Cause.NO_CONTEXT,
            )
        today = f"{date.today():%Y%m%d}"  # noqa: DTZ011  the reader's day
        self._match = self._serviced("to search", lambda: self._found(Query(date_from=today, date_to=today)))
        return f"It answers; it holds {'a study' if self._match else 'no study'} of today."

    def _retrieval(self) -> str:
        get, move_ = self._offers(GET), self._offers(MOVE)
        roles = self._terms is not None and bool(self._terms.as_scp)
        if get and roles:
            more = ", and C-MOVE, to the port where we listen" if move_ else "; C-MOVE is not offered"
            return f"Images can come by C-GET, on the connection on which we ask{more}."
        why = "C-GET is offered, but not the role that it needs" if get else "C-GET is not offered"
        if move_:
            return f"Images can come by C-MOVE alone, to the port where we listen; {why}."
        if self._peer.web:
            return f"Images can come over DICOMweb alone; {why}, and neither is C-MOVE."
        raise self._access.failure(
            f"gives no images to {self._peer.calling_ae_title}: {why}, nor is C-MOVE. Ask whoever runs it to"
            " allow one of them.",
            Cause.NO_CONTEXT,
        )

    @property
    def _offered(self) -> frozenset[str]:
        contexts = self._terms.contexts.values() if self._terms else ()
        return frozenset(context.abstract_syntax for context in contexts)

    def _offers(self, models: Mapping[bool, str]) -> bool:
        return not self._offered.isdisjoint(models.values())

    def _serviced(self, service: str, work: Callable[[], _T]) -> _T:
        """Do something; a failure of a `service` on an association that stood says what that means."""
        try:
            return work()
        except NetworkError as error:
            words = advice.explained(self._access, error, service)
            raise NetworkError(words, error.cause, error.status) from None

    def _found(self, query: Query) -> Match | None:
        """Return the first match of a query."""
        matches: list[Match] = []
        find(self._access, query, matches.append, self._cancelled, limit=1)
        return matches[0] if matches else None

    # ------------------------------------------------------------------------------------ the way back to us
    def _sending(self) -> str:
        destination = self._services.destination
        if not self._offers(MOVE):
            raise _SkippedError("It offers no C-MOVE.")
        if destination is None or not destination.ae_title:
            raise _SkippedError(
                "Not tried, because this computer does not receive images: switch that on, and have whoever"
                f" runs {printable(self._peer.name)} enter {self.door}."
            )
        if not self.may_move:
            raise _SkippedError(
                "Not tried, since it takes one image to be sent here. For C-MOVE,"
                f" {printable(self._peer.name)} must know us as {self.door}."
            )
        wanted = self._one_image()
        arrived, since = threading.Event(), time.time()
        with destination.watching(
            wanted.study_instance_uid, wanted.sop_instance_uids, lambda _: arrived.set()
        ):
            try:
                move(self._access, wanted, destination.ae_title, lambda _: None, self._cancelled)
            except NetworkError as error:
                refused = advice.turned_away(destination, since)
                words = advice.moved_nothing(self._access, error, self.door, refused)
                raise NetworkError(words, error.cause, error.status) from None
            self._wait_for(arrived)
        return f"One image came here, to {destination.ae_title}, port {self.door.port}."

    def _wait_for(self, arrived: threading.Event) -> None:
        until = time.monotonic() + STRAGGLING
        while not arrived.wait(0.1):
            if self._cancelled():
                raise _SkippedError(STOPPED)
            if time.monotonic() > until:
                raise NetworkError(advice.came_nowhere(self._peer, self.door), Cause.STATUS, 0)

    def _one_image(self) -> Target:
        """Return one image that the peer holds, of today or of the last days."""
        today = date.today()  # noqa: DTZ011  the reader's day
        since = f"{today - timedelta(days=RECENT):%Y%m%d}"
        study = self._match or self._found(Query(date_from=since)) or self._found(Query(date_to=since))
        if study is not None:
            uid = study.study.study_instance_uid
            series = self._found(Query(Level.SERIES, study_instance_uid=uid))
            if series is not None and series.series is not None:
                number = series.series.series_instance_uid
                asked = Query(Level.IMAGE, study_instance_uid=uid, series_instance_uid=number)
                image = self._found(asked)
                if image is not None:
                    patient = study.study.patient.patient_id
                    return Target(uid, number, (image.sop_instance_uid,), patient)
        raise _SkippedError("It holds no image to try with.")

    # --------------------------------------------------------------------------------------------- DICOMweb
    def _web(self) -> str:
        try:
            with self._services.web(self._peer, self._cancelled) as web:
                rows = web.json(("studies",), [("limit", "1")])
        except NetworkError as error:
            raise NetworkError(advice.web_failure(error), error.cause, error.status) from None
        secured = "" if web.origin.scheme == "https" else " The connection is not encrypted."
        return f"QIDO-RS answers; it holds {'studies' if rows else 'no studies'} for us.{secured}"


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
