"""Fetching by WADO-RS: one stream a series of which nothing is here, else object by object."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import repeat

from viewer.network.failure import Cause, NetworkError
from viewer.network.retrieving.retrieve_plan import Batch, Item, from_the_middle
from viewer.network.retrieving.retrieve_round import Round
from viewer.network.web import wado
from viewer.network.web.dicomweb import DicomWeb

AT_ONCE = 2  # streams
_SINGLES = 20  # objects that one thread asks for before it looks what else there is
_GONE = frozenset({404, 410})  # HTTP statuses of an object that is not there


@dataclass(frozen=True, slots=True)
class _Task:
    """A series, or some of its objects one by one."""

    series: str
    expected: frozenset[str] | None = None  # of a series; None for all there is
    singles: tuple[str, ...] = ()


def by_web(round_: Round, left: Sequence[Item], unlisted: Sequence[str]) -> None:
    """Fetch objects and whole series by WADO-RS, two streams at once.

    Raises NetworkError when it was cancelled or the disk is full; other failures are the round's.
    """
    waiting = deque(_tasks(round_, left, unlisted))
    round_.at_once(min(AT_ONCE, len(waiting)), lambda: _work(round_, waiting))


def _tasks(round_: Round, left: Sequence[Item], unlisted: Sequence[str]) -> list[_Task]:
    sizes: dict[str, int] = {}
    for item in round_.aim.plan.items:
        sizes[item.series_instance_uid] = sizes.get(item.series_instance_uid, 0) + 1
    by_series: dict[str, list[Item]] = {}
    for item in left:
        by_series.setdefault(item.series_instance_uid, []).append(item)
    first = round_.aim.wanted.first_series
    found: list[_Task] = []
    for series in sorted(by_series, key=lambda uid: uid != first):
        uids = [item.sop_instance_uid for item in from_the_middle(by_series[series])]
        whole = series and len(uids) == sizes[series] and not round_.aim.wanted.sop_instance_uids
        if whole and len(uids) > 1:
            found.append(_Task(series, frozenset(uids)))
        else:
            parts = (uids[place : place + _SINGLES] for place in range(0, len(uids), _SINGLES))
            found += [_Task(series, singles=tuple(part)) for part in parts]
    return found + [_Task(series) for series in unlisted]


def _work(round_: Round, waiting: deque[_Task]) -> None:
    """Do tasks until none waits. Raises NetworkError."""
    with round_.aim.services.web(round_.aim.peer, round_.cancelled) as web:
        while True:
            try:
                task = waiting.popleft()
            except IndexError:
                return
            if task.singles:
                _fetch_singles(round_, web, task)
            else:
                _fetch_series(round_, web, task)


def _fetch_series(round_: Round, web: DicomWeb, task: _Task) -> None:
    try:
        _fetch(round_, web, wado.Resource(round_.aim.wanted.study_instance_uid, task.series), task.expected)
    except NetworkError as error:
        if error.cause is not Cause.STATUS:
            raise
        items = tuple(map(Item, task.expected or (), repeat(task.series)))
        round_.refused_batch(Batch(task.series, items), error)  # the others may come


def _fetch_singles(round_: Round, web: DicomWeb, task: _Task) -> None:
    study = round_.aim.wanted.study_instance_uid
    for uid in task.singles:
        try:
            _fetch(round_, web, wado.Resource(study, task.series, uid), frozenset({uid}))
        except NetworkError as error:
            if error.cause is not Cause.STATUS or error.status not in _GONE:
                raise
            round_.failed([uid], str(error))


def _fetch(round_: Round, web: DicomWeb, wanted: wado.Resource, expected: Collection[str] | None) -> None:
    found = wado.retrieve(web, wanted, round_.aim.folder, round_.take, expected=expected)
    if found.refused:
        name, count = round_.aim.peer.name, len(found.refused)
        round_.note(f"Security: {name} sent {count:,} parts that were refused: {found.refused[0]}.")
