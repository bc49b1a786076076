"""What is to be sent to whom, and what became of it (work.db): queued, sent, committed or failed."""

import json
import time
from collections.abc import Mapping, Sequence
from enum import Enum

from viewer.cache.store import Store


class Posted(Enum):
    """How far an object is on its way to a peer."""

    QUEUED = "queued"
    SENT = "sent"  # the peer took it
    COMMITTED = "committed"  # the peer promised to keep it
    FAILED = "failed"


def queue(store: Store, peer: str, uids: Sequence[str]) -> None:
    """Write down that objects are to be sent; what was sent already stays so. Raises ViewerError."""
    now = time.time()
    with store.writing() as connection:
        connection.executemany(
            "INSERT INTO work.outbox (peer, sop_instance_uid, state, changed_at) VALUES (?, ?, 'queued', ?)"
            " ON CONFLICT (peer, sop_instance_uid) DO UPDATE SET state = 'queued', reason = '',"
            " changed_at = excluded.changed_at WHERE state = 'failed'",
            [(peer, uid, now) for uid in uids],
        )


def again(store: Store, peer: str, uids: Sequence[str]) -> None:
    """Have objects sent again, whatever became of them before. Raises ViewerError."""
    mark(store, peer, Posted.QUEUED, dict.fromkeys(uids, ""))


def mark(store: Store, peer: str, state: Posted, reasons: Mapping[str, str]) -> None:
    """Write down what became of objects: their SOP Instance UIDs, and why. Raises ViewerError."""
    now = time.time()
    with store.writing() as connection:
        connection.executemany(
            "INSERT INTO work.outbox (peer, sop_instance_uid, state, reason, changed_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (peer, sop_instance_uid) DO UPDATE SET"
            " state = excluded.state, reason = excluded.reason, changed_at = excluded.changed_at",
            [(peer, uid, state.value, reason, now) for uid, reason in reasons.items()],
        )


def posted(store: Store, peer: str, uids: Sequence[str]) -> dict[str, tuple[Posted, str]]:
    """Return how far objects that were queued are, and why, by UID. Raises ViewerError."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT sop_instance_uid, state, reason FROM work.outbox"
            " WHERE peer = ? AND sop_instance_uid IN (SELECT value FROM json_each(?))",
            (peer, json.dumps(list(uids))),
        ).fetchall()
    return {uid: (Posted(state), reason) for uid, state, reason in rows}
