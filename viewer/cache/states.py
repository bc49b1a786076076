"""How an instance of the cache is doing."""

from enum import IntEnum


class State(IntEnum):
    """What is known of the file of an instance; the number is what index.db holds."""

    WHOLE = 0  # as far as anybody knows
    MISSING = 1  # its file is gone, or a file in place has changed since it was read
    DAMAGED = 2  # its bytes are not those that were kept
    EVICTING = 3  # on its way out: its file may be gone already; a new copy makes it whole again
