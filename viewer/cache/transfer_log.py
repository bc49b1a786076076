"""The list of transfers in work.db, so that it outlives the program."""

import time
from dataclasses import dataclass

from viewer.cache.store import Store


@dataclass(frozen=True, slots=True)
class LoggedTransfer:
    """One transfer as it was written down last."""

    id: int
    job: str  # JSON: what was asked for
    state: str
    report: str  # JSON: how far it is and what is missing


def add(store: Store, job: str, state: str) -> int:
    """Write down a new transfer and return its number. Raises ViewerError."""
    now = time.time()
    with store.writing() as connection:
        found = connection.execute(
            "INSERT INTO work.transfer (job, state, created_at, changed_at) VALUES (?, ?, ?, ?)",
            (job, state, now, now),
        )
        return int(found.lastrowid or 0)


def change(store: Store, number: int, state: str, report: str) -> None:
    """Write down how far a transfer is. Raises ViewerError."""
    with store.writing() as connection:
        connection.execute(
            "UPDATE work.transfer SET state = ?, report = ?, changed_at = ? WHERE id = ?",
            (state, report, time.time(), number),
        )


def remove(store: Store, number: int) -> None:
    """Forget a transfer. Raises ViewerError."""
    with store.writing() as connection:
        connection.execute("DELETE FROM work.transfer WHERE id = ?", (number,))


def listed(store: Store) -> list[LoggedTransfer]:
    """Return all transfers, oldest first. Raises ViewerError."""
    with store.reading() as connection:
        rows = connection.execute("SELECT id, job, state, report FROM work.transfer ORDER BY id").fetchall()
    return [LoggedTransfer(*row) for row in rows]
