"""What our own door is doing, and who has called."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody who called."""

    when: float  # s since 1970
    caller: str  # AE title
    address: str
    refused: str  # why it was not let in, in words; "" when it was


@dataclass(frozen=True, slots=True)
class ListenerStatus:
    """What the door is doing."""

    ae_title: str
    host: str  # "" for all addresses
    port: int = 0  # 0 while it does not listen
    sentence: str = ""  # why it does not listen though it should
    associations: int = 0  # now
    received: int = 0  # objects that are safe
    refused: int = 0  # objects that could not be kept
    bytes: int = 0
    restarts: int = 0  # how often the process died and was started again
    calls: tuple[Call, ...] = ()  # the last ones, newest last

    @property
    def listening(self) -> bool:
        """Tell whether others can call."""
        return self.port > 0
