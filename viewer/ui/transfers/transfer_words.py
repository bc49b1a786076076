"""What the list of transfers says of one, and what can be done with it."""

from collections.abc import Sequence
from enum import Enum

from viewer.dicom.text import printable
from viewer.jobs.transfer import ENDED, Kind, State, TransferRow
from viewer.ui.study_words import counted, size

MINUTE, HOUR = 60, 3600  # s
TROUBLES = frozenset({State.SHORT, State.FAILED})
WORKING = frozenset({State.RUNNING, State.WAITING})
CLEARED = frozenset({State.COMPLETE, State.CANCELLED})  # what is missing stays until somebody removes it


class Deed(Enum):
    """What can be done with a transfer."""

    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    FIRST = "first"
    CANCEL = "cancel"
    REMOVE = "remove"


_STATES = {
    Kind.RETRIEVE: {
        State.WAITING: "Waiting",
        State.RUNNING: "Fetching",
        State.PAUSED: "Paused",
        State.COMPLETE: "Complete",
        State.FAILED: "Failed",
        State.CANCELLED: "Cancelled",
    },
    Kind.SEND: {
        State.WAITING: "Queued",
        State.RUNNING: "Sending",
        State.PAUSED: "Paused",
        State.COMPLETE: "Sent",
        State.FAILED: "Not sent",
        State.CANCELLED: "Cancelled",
    },
}
_DEEDS = {
    State.WAITING: (Deed.PAUSE, Deed.FIRST, Deed.CANCEL),
    State.RUNNING: (Deed.PAUSE, Deed.CANCEL),
    State.PAUSED: (Deed.RESUME, Deed.CANCEL),
    State.COMPLETE: (Deed.REMOVE,),
    State.SHORT: (Deed.RETRY, Deed.REMOVE),
    State.FAILED: (Deed.RETRY, Deed.REMOVE),
    State.CANCELLED: (Deed.RETRY, Deed.REMOVE),
}
_WORDS = {
    Deed.PAUSE: "Pause",
    Deed.RESUME: "Resume",
    Deed.RETRY: "Try again",
    Deed.FIRST: "Do first",
    Deed.CANCEL: "Cancel",
    Deed.REMOVE: "Remove",
}
KEYS = {
    Deed.PAUSE: "Space",
    Deed.RESUME: "Space",
    Deed.RETRY: "Enter",
    Deed.FIRST: "F",
    Deed.CANCEL: "Del",
    Deed.REMOVE: "Del",
}
TIPS = {
    Deed.PAUSE: "Stops until it is resumed; what came stays",
    Deed.RESUME: "Goes on where it stopped",
    Deed.RETRY: "Only for what is missing",
    Deed.FIRST: "Before everything else that waits",
    Deed.CANCEL: "Ends it; what came stays",
    Deed.REMOVE: "Takes it off the list; images stay",
}


def deeds(row: TransferRow) -> tuple[Deed, ...]:
    """Return what can be done with a transfer, the first thing first."""
    return _DEEDS[row.state]


def deed_words(deed: Deed, row: TransferRow) -> str:
    """Return what a button for something says."""
    if deed is Deed.RETRY and row.state is State.SHORT:
        return "Fetch the rest" if row.kind is Kind.RETRIEVE else "Send the rest"
    return _WORDS[deed]


def title(row: TransferRow) -> str:
    """Return what is transferred."""
    return printable(row.title) or "Without a name"


def way(row: TransferRow) -> str:
    """Return which way objects go."""
    peer = printable(row.peer)
    return f"from {peer}" if row.kind is Kind.RETRIEVE else f"to {peer}"


def state(row: TransferRow) -> str:
    """Return where a transfer stands: "Fetching, 10 s left", "1,238 of 1,240: 2 missing"."""
    if row.state is State.SHORT:
        lost = "missing" if row.kind is Kind.RETRIEVE else "not sent"
        if row.total is None or not row.short:
            return "Short"
        return f"{row.done:,} of {row.total:,}: {row.short:,} {lost}"
    if row.state is State.COMPLETE and row.kind is Kind.SEND and row.kept:
        return "Sent, kept there" if row.kept >= row.done else f"Sent, {row.kept:,} kept there"
    words = _STATES[row.kind][row.state]
    if row.state is State.RUNNING and row.seconds_left is not None:
        return f"{words}, {left(row.seconds_left)}"
    return words


def amounts(row: TransferRow) -> str:
    """Return "120 of 240   12 MB   3.1 MB/s"; of one that has ended, what came."""
    if row.state is State.WAITING and not row.done:
        return ""
    many = counted(row.done, "object", "objects")
    parts = [many if row.total is None or row.state is State.COMPLETE else f"{row.done:,} of {row.total:,}"]
    parts += [size(row.bytes)] if row.bytes else []
    if row.state is State.RUNNING:
        parts += [f"{size(round(row.bytes_per_second))}/s"] if row.bytes_per_second else []
    return "   ".join(parts)


def left(seconds: float) -> str:
    """Return "8 s left", "3 min left", "2 h 10 min left"."""
    whole = max(round(seconds), 1)
    if whole < 2 * MINUTE:
        return f"{whole} s left"
    if whole < HOUR:
        return f"{round(whole / MINUTE)} min left"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min left"


def said(row: TransferRow) -> str:
    """Return the last line of a row: how far it is or, where there is something to know, that."""
    return row.sentence if row.sentence and row.state is not State.RUNNING else amounts(row)


def part(row: TransferRow) -> float:
    """Return how much is done, from 0 to 1."""
    if row.state is State.COMPLETE:
        return 1.0
    return min(row.done / row.total, 1.0) if row.total else 0.0


def tip(row: TransferRow) -> str:
    """Return everything that a row says, uncut."""
    lines = (title(row), f"{state(row)}, {way(row)}", amounts(row), row.sentence)
    return "\n".join(line for line in lines if line)


def spoken(row: TransferRow) -> str:
    """Return the row as a screen reader says it."""
    return ", ".join(line for line in (title(row), way(row), state(row), said(row)) if line)


def summary(rows: Sequence[TransferRow]) -> str:
    """Return "2 transfers running, 1 short"; "" where nothing is under way and nothing is missing.

    What waits or is paused is told of where nothing runs: the list says all, and there is little room.
    """
    order = (
        (State.RUNNING, "running"),
        (State.WAITING, "waiting"),
        (State.PAUSED, "paused"),
        (State.SHORT, "short"),
        (State.FAILED, "failed"),
    )
    parts: list[str] = []
    for which, words in order:
        count = sum(row.state is which for row in rows)
        if count and (which in TROUBLES or not parts):
            number = f"{count:,}" if parts else counted(count, "transfer", "transfers")
            parts.append(f"{number} {words}")
    return ", ".join(parts)


def closing(rows: Sequence[TransferRow]) -> str:
    """Return what is said of what is under way when the window closes; "" where nothing is."""
    count = sum(row.state in WORKING for row in rows)
    what = "transfer goes" if count == 1 else "transfers go"
    return f"{count:,} {what} on at the next start" if count else ""


def going_on(rows: Sequence[TransferRow]) -> str:
    """Return what is said at a start of what goes on; "" where nothing does."""
    count = sum(row.state in WORKING for row in rows)
    what = "transfer goes" if count == 1 else "transfers go"
    return f"{count:,} {what} on from last time." if count else ""


def trouble(row: TransferRow) -> str:
    """Return the sentence about a transfer that ended short or failed, or that waits for a person."""
    waits = row.state is State.PAUSED and bool(row.sentence)
    if row.state not in TROUBLES and not waits:
        return ""
    return f"{title(row)}: {row.sentence or state(row)}"


def text(row: TransferRow) -> str:
    """Return all that is known of a transfer, for the clipboard: a line for each object that is missing."""
    lines = [tip(row), *(f"{one.sop_instance_uid}\t{one.reason}" for one in row.missing)]
    return "\n".join(lines)


def is_ended(row: TransferRow) -> bool:
    """Tell whether nothing is done any more for a transfer."""
    return row.state in ENDED
