"""C-FIND: what a peer holds (PS3.4 C.4.1).

A failure is raised and never looks like an empty answer. Queries are hierarchical: what is asked at a lower
level without the unique keys of those above is asked level by level, because few peers take it at once.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from viewer.network.access import Access, Cancelled, never
from viewer.network.dimse import status
from viewer.network.dimse.association import Association
from viewer.network.dimse.command import C_FIND, MEDIUM, Field, has_data_set, number, request, text
from viewer.network.dimse.contexts import FIND, NATIVE, numbered
from viewer.network.dimse.handshake import associate
from viewer.network.dimse.identifier import CHARACTER_SETS, Answer, encode_keys, fits
from viewer.network.dimse.keys import identity, keys_of, match_of
from viewer.network.dimse.matching import belongs, name_pattern, skeleton
from viewer.network.dimse.negotiation import Proposal
from viewer.network.failure import Cause, NetworkError
from viewer.network.match import Match
from viewer.network.query import Level, Query
from viewer.network.spelling import relaxed

LIMIT = 500  # rows; nobody reads more
_MOST_ANSWERS = 10_000  # that are looked through for them, from peers that compare less than they should
_GRACE = 1.0  # s that a peer has to heed a C-CANCEL

OnMatch = Callable[[Match], None]


@dataclass(frozen=True, slots=True)
class Found:
    """How a query ended."""

    matches: int
    complete: bool  # False when there are more than the limit


def proposal_for(*, patient_root: bool) -> Proposal:
    """Return what to propose for queries: some peers have the patient root alone."""
    roots = (True,) if patient_root else (False, True)
    return Proposal(numbered([(FIND[root], NATIVE) for root in roots]))


def find(
    access: Access, query: Query, on_match: OnMatch, cancelled: Cancelled = never, limit: int = LIMIT
) -> Found:
    """Ask a peer what it holds, and tell of each match as it comes. Raises NetworkError."""
    with associate(access, proposal_for(patient_root=query.patient_root), cancelled) as association:
        return find_on(association, query, on_match, limit)


def find_on(association: Association, query: Query, on_match: OnMatch, limit: int = LIMIT) -> Found:
    """Ask the peer of an association, which is closed afterwards when `complete` is False.

    Raises NetworkError.
    """
    if not query.patient_root and association.context(FIND[False]) is None:
        query = replace(query, patient_root=association.context(FIND[True]) is not None)
    if association.context(FIND[query.patient_root]) is None:
        root = "patient" if query.patient_root else "study"
        words = f"offers no queries of the {root} root model (C-FIND)."
        raise association.access.failure(words, Cause.NO_CONTEXT)
    search = _Search(association, on_match, limit)
    complete = search.walk(query, None)
    return Found(search.matches, complete)


class _Search:
    """One query, at all the levels that it takes."""

    def __init__(self, association: Association, on_match: OnMatch, limit: int) -> None:
        self._association, self._on_match, self._limit = association, on_match, limit
        self._seen: set[object] = set()
        self._cut = False  # there were more answers than are looked through
        self.matches = 0

    def walk(self, query: Query, above: Match | None) -> bool:
        """Ask at the level of the query, or first above it; return whether all matches were told."""
        missing = _missing_above(query)
        if missing is None:
            return self._ask(query, above)
        found: list[Match] = []
        outer = _Search(self._association, found.append, self._limit)
        if not outer.walk(replace(query, level=missing), above):
            return False
        return all(self.walk(_below(query, match), match) for match in found)

    def _ask(self, query: Query, above: Match | None) -> bool:
        """Ask in one spelling after the other until something matches, and for other accents.

        Return whether all was told.
        """
        refused: NetworkError | None = None
        understood = False
        before = self.matches
        for name, character_set in _spellings(query):
            try:
                whole = self._ask_so(query, above, name, character_set)
            except NetworkError as error:
                if error.cause is not Cause.STATUS:
                    raise
                refused = refused or error  # perhaps of the character set: others follow
                continue
            understood = True
            if not whole:
                return False
            if self.matches > before:
                break
        if refused and not understood:
            raise refused
        return self._ask_for_accents(query, above, before)

    def _ask_for_accents(self, query: Query, above: Match | None, before: int) -> bool:
        """Ask for the same name with other accents, or none: further when there was nothing before."""
        for place, spellings in enumerate(_accents(query)):
            if place and self.matches > before:
                break
            if not self._ask_each(query, above, spellings):
                return False
        return True

    def _ask_each(self, query: Query, above: Match | None, names: Iterable[str]) -> bool:
        """Ask for one name after the other; return whether all was told.

        The peer has answered before: what it cannot bear is not asked further.
        """
        for name in names:
            try:
                if not self._ask_so(query, above, name, ""):
                    return False
            except NetworkError as error:
                if error.cause is not Cause.STATUS:
                    raise
                break
        return True

    def _ask_so(self, query: Query, above: Match | None, name: str, character_set: str) -> bool:
        for modality in query.modalities or ("",):
            keys = keys_of(query, name=name, modality=modality)
            for match in self._answers(query, keys, character_set, above):
                key = identity(match, query.level)
                if key in self._seen or not belongs(match, query):
                    continue
                if self.matches == self._limit:
                    return False
                self._seen.add(key)
                self.matches += 1
                self._on_match(match)
        return not self._cut

    def _answers(
        self, query: Query, keys: dict[int, str], character_set: str, above: Match | None
    ) -> Iterator[Match]:
        """Ask once, and yield what comes; when the caller has enough, the peer is told and left."""
        association = self._association
        context = association.context(FIND[query.patient_root])
        if context is None:
            raise association.access.failure("offers no queries (C-FIND).", Cause.NO_CONTEXT)
        sent = association.next_message_id(context)
        asked = request(C_FIND, sent, context.abstract_syntax, data_set=True, more={Field.PRIORITY: MEDIUM})
        association.send(context, asked, encode_keys(keys, context.transfer_syntaxes[0], character_set))
        left = False
        try:
            for _ in range(_MOST_ANSWERS):
                answer = _next(association, sent)
                if answer is None:
                    return
                left = True  # unless the caller comes back for the next one
                yield match_of(answer, query, above)
                left = False
            left = self._cut = True
        finally:
            if left:
                _leave(association, sent)


def _next(association: Association, sent: int) -> Answer | None:
    """Return the next answer, None after the last. Raises NetworkError for a status that says no."""
    association.check_cancelled()
    answer = association.answer(sent)
    found = association.keys(answer) if has_data_set(answer.command) else Answer({})
    code = number(answer.command, Field.STATUS)
    kind = status.kind(code)
    if kind is status.Kind.PENDING:
        return found
    if kind is status.Kind.SUCCESS:
        return None
    words = status.words(code, text(answer.command, Field.ERROR_COMMENT))
    raise association.access.failure(f"refuses the query: {words}.", Cause.STATUS, code)


def _leave(association: Association, sent: int) -> None:
    """Tell a peer that enough is enough, and leave it when it goes on nevertheless: some do."""
    until = time.monotonic() + _GRACE
    try:
        association.last_wait(_GRACE)
        association.cancel()
        while time.monotonic() < until:
            if _next(association, sent) is None:
                break
    except NetworkError:
        pass
    association.abort()


def _missing_above(query: Query) -> Level | None:
    """Return the lowest level that must be asked first, because its unique key is not known."""
    if query.level is Level.IMAGE and not _single(query.series_instance_uid):
        return Level.SERIES
    known = _single(query.study_instance_uid)
    if query.level in {Level.SERIES, Level.IMAGE} and not known:
        return Level.STUDY
    if query.patient_root and query.level is Level.STUDY and not known and not _single(query.patient_id):
        return Level.PATIENT
    return None


def _single(key: str) -> bool:
    return bool(key) and not set(key) & set("*?\\")


def _below(query: Query, match: Match) -> Query:
    """Return a query within a match."""
    study, series = match.study.study_instance_uid, match.series.series_instance_uid if match.series else ""
    return replace(
        query,
        patient_id=match.study.patient.patient_id or query.patient_id,
        study_instance_uid=study or query.study_instance_uid,
        series_instance_uid=series or query.series_instance_uid,
    )


def _spellings(query: Query) -> Iterator[tuple[str, str]]:
    """Yield the name and the character set to ask in, the next when a peer finds nothing with the last.

    Peers compare bytes, or letters, or letters of one case; and some only in their own character set.
    """
    name = name_pattern(query.patient_name) if query.level in {Level.PATIENT, Level.STUDY} else ""
    texts = name + query.patient_id + query.accession_number + query.study_description
    cases = tuple(dict.fromkeys((name, name.upper(), name.title())))
    if texts.isascii():
        yield from ((each, "") for each in cases)
        return
    for character_set in CHARACTER_SETS:
        if fits(texts, character_set):
            yield name, character_set
    yield from ((each, CHARACTER_SETS[0]) for each in cases[1:])
    yield from ((each, CHARACTER_SETS[0]) for each in dict.fromkeys(map(skeleton, cases)))


def _accents(query: Query) -> Iterator[tuple[str, ...]]:
    """Yield names to ask for, in each case of letters, that have wildcards where an accent may be."""
    name = name_pattern(query.patient_name) if query.level in {Level.PATIENT, Level.STUDY} else ""
    cases = (name, name.upper(), name.title())
    for several in zip(*map(relaxed, cases), strict=False):
        yield tuple(dict.fromkeys(several))
