"""What a peer says that there is of what is wanted: the objects themselves, at the image level.

Its counts are a first guess only: peers leave them out, and they grow stale.
"""

from collections.abc import Sequence
from dataclasses import replace

from viewer.dicom.text import printable
from viewer.network.access import Cancelled
from viewer.network.dimse.association import Association
from viewer.network.dimse.find import find_on, proposal_for
from viewer.network.dimse.handshake import associate
from viewer.network.failure import Cause, NetworkError
from viewer.network.match import Match
from viewer.network.peer import Method, Peer
from viewer.network.query import Level, Query
from viewer.network.retrieving.retrieve_plan import Item, Plan, Wanted, chosen, items_of
from viewer.network.services import Services
from viewer.network.web.qido import search

MOST_LISTED = 10_000  # answers to one query that are looked at: of a longer list the end is not known
_MOST_SERIES = 10_000


def listing(peer: Peer, wanted: Wanted, services: Services, cancelled: Cancelled) -> Plan:
    """Return what a peer lists of what is wanted, by QIDO-RS or C-FIND. Raises NetworkError."""
    dimse = bool(peer.ae_title and peer.host)
    plan, note = None, ""
    if peer.web and (peer.method in {Method.AUTO, Method.WEB} or not dimse):
        try:
            plan = _by_web(peer, wanted, services, cancelled)
        except NetworkError as error:
            if not dimse or error.cause is Cause.CANCELLED:
                raise
            note = f"It was asked by C-FIND what there is, because QIDO-RS failed: {error}"
    if plan is None:
        plan = _by_dimse(peer, wanted, services, cancelled)
    if not plan.items and not plan.unlisted:
        raise NetworkError(
            f"{printable(peer.name)} does not have what is wanted: search again.",
            Cause.STATUS,
        )
    return replace(plan, notes=((note,) if note else ()) + plan.notes)


def _by_dimse(peer: Peer, wanted: Wanted, services: Services, cancelled: Cancelled) -> Plan:
    """Ask by C-FIND; a connection that breaks is made again once.

    When it breaks again it is the question that the peer cannot bear, and the rest is not listed.
    """
    access, proposal = services.access(peer), proposal_for(patient_root=False)
    try:
        with associate(access, proposal, cancelled) as association:
            return _Listing(association, wanted).plan()
    except NetworkError as error:
        if error.cause not in {Cause.CLOSED, Cause.SILENT, Cause.PROTOCOL}:
            raise
    with associate(access, proposal, cancelled) as association:
        return _Listing(association, wanted, lenient=True).plan()


def _by_web(peer: Peer, wanted: Wanted, services: Services, cancelled: Cancelled) -> Plan:
    series = wanted.series_instance_uids
    query = Query(
        Level.IMAGE,
        study_instance_uid=wanted.study_instance_uid,
        series_instance_uid=series[0] if len(series) == 1 else "",
    )
    matches: list[Match] = []
    studies: list[Match] = []
    with services.web(peer, cancelled) as web:
        search(web, query, matches.append)
        if wanted.whole_study:
            search(web, Query(study_instance_uid=wanted.study_instance_uid), studies.append)
    items = with_unknown(chosen(items_of(matches), wanted), wanted)
    told = max((match.instances or 0 for match in studies), default=0)
    notes = _disagreement(peer, told, len(items))
    return Plan(items, notes=notes, sop_classes=_classes(items))


def _disagreement(peer: Peer, told: int, listed: int) -> tuple[str, ...]:
    if told <= listed:
        return ()
    name = printable(peer.name)
    return (f"{name} counts {told:,} objects in the study and lists {listed:,}: its count may be old.",)


def with_unknown(items: Sequence[Item], wanted: Wanted) -> tuple[Item, ...]:
    """Return objects and those that are wanted by name though the peer does not list them."""
    listed = {item.sop_instance_uid for item in items}
    series = wanted.series_instance_uids[0] if len(wanted.series_instance_uids) == 1 else ""
    more = dict.fromkeys(uid for uid in wanted.sop_instance_uids if uid not in listed)
    return (*items, *(Item(uid, series) for uid in more))


def _classes(items: Sequence[Item]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.sop_class_uid for item in items if item.sop_class_uid))


class _Listing:
    """Asks by C-FIND, series by series, on one association."""

    def __init__(self, association: Association, wanted: Wanted, *, lenient: bool = False) -> None:
        self._association, self._wanted, self._lenient = association, wanted, lenient
        self._name = printable(association.access.peer.name)
        self._items: list[Item] = []
        self._unlisted: list[str] = []
        self._counts: list[int | None] = []  # of what is not listed
        self._notes: list[str] = []
        self._silenced = ""  # why the peer cannot be asked any more

    def plan(self) -> Plan:
        try:
            series = self._series()
        except NetworkError as error:
            if error.cause is not Cause.STATUS:
                raise
            return self._without_series(error)
        for uid, count in series.items():
            self._list(uid, count)
        items = with_unknown(chosen(self._items, self._wanted), self._wanted)
        counts = [count for count in self._counts if count is not None]
        guess = sum(counts) if len(counts) == len(self._counts) else None
        return Plan(items, tuple(self._unlisted), guess, tuple(self._notes), _classes(items))

    def _series(self) -> dict[str, int | None]:
        """Return the series that are wanted, and the peer's counts. Raises NetworkError."""
        matches: list[Match] = []
        query = Query(Level.SERIES, study_instance_uid=self._wanted.study_instance_uid)
        find_on(self._association, query, matches.append, _MOST_SERIES)
        found = {match.series.series_instance_uid: match.instances for match in matches if match.series}
        wanted = self._wanted.series_instance_uids
        if not wanted:
            return found
        if found and not set(wanted) & set(found):
            raise self._association.access.failure("does not have what is wanted.", Cause.NAME)
        return {uid: found.get(uid) for uid in wanted}

    def _list(self, series: str, count: int | None) -> None:
        """Ask what is in a series."""
        matches: list[Match] = []
        query = Query(
            Level.IMAGE,
            study_instance_uid=self._wanted.study_instance_uid,
            series_instance_uid=series,
        )
        reason = self._silenced
        if not reason:
            try:
                find_on(self._association, query, matches.append, MOST_LISTED)
            except NetworkError as error:
                status = error.cause is Cause.STATUS
                if error.cause is Cause.CANCELLED or not (status or self._lenient):
                    raise
                reason = str(error)
                self._silenced = "" if status else reason
        items = items_of(matches)
        if not reason and items and len(items) < MOST_LISTED:
            self._items += items
            if count is not None and count > len(items):
                self._notes.append(
                    f"{self._name} counts {count:,} objects in a series and lists {len(items):,}: its count"
                    " may be old."
                )
            return
        self._unlisted.append(series)
        self._counts.append(count)
        words = reason or f"{self._name} does not list what is in a series."
        if words not in self._notes:
            self._notes.append(words)

    def _without_series(self, error: NetworkError) -> Plan:
        """Return the plan for a peer that answers about studies alone."""
        matches: list[Match] = []
        query = Query(study_instance_uid=self._wanted.study_instance_uid)
        find_on(self._association, query, matches.append)
        if not matches:
            return Plan()
        if self._wanted.sop_instance_uids:
            return Plan(with_unknown((), self._wanted), notes=(str(error),))
        whole = self._wanted.whole_study
        return Plan(
            unlisted=self._wanted.series_instance_uids or ("",),
            guess=matches[0].instances if whole else None,
            notes=(str(error),),
            sop_classes=matches[0].sop_classes,
        )
