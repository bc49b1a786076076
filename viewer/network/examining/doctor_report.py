"""What the examination of a peer found: steps with a sentence each, as values and as text to hand on."""

from dataclasses import dataclass
from enum import Enum

from viewer.dicom.text import printable
from viewer.network.peer import Peer

_WIDTH = 60  # characters of the rule under a title


class State(Enum):
    """How a step ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was tried, how it ended, and one sentence with the cause and what to do next."""

    name: str
    state: State
    sentence: str
    status: str = ""  # of DIMSE or HTTP, or what the protocol says instead: for those who run the peer
    milliseconds: float | None = None  # None when it was not tried

    @property
    def line(self) -> str:
        """Return the step as a line of text."""
        took = "" if self.milliseconds is None else f" ({self.milliseconds:,.0f} ms)"
        status = f" [{self.status}]" if self.status else ""
        return f"{self.state.value:<8}{self.name}{took}: {self.sentence}{status}"


@dataclass(frozen=True, slots=True)
class Report:
    """All steps of one peer, and what whoever runs it may have to enter."""

    peer: Peer
    steps: tuple[Step, ...]
    admin: str  # text to be copied to the administrator of the peer

    @property
    def works(self) -> bool:
        """Tell whether nothing failed and something was tried."""
        states = {step.state for step in self.steps}
        return State.FAILED not in states and State.OK in states

    @property
    def failed(self) -> Step | None:
        """Return the first step that failed."""
        return next((step for step in self.steps if step.state is State.FAILED), None)

    @property
    def text(self) -> str:
        """Return everything as text; it holds no secret."""
        title = f"Check of {described(self.peer)}"
        return "\n".join(
            [title, "-" * min(len(title), _WIDTH), *(step.line for step in self.steps), "", self.admin]
        )


def described(peer: Peer) -> str:
    """Return a peer with its doors on one line, without its user."""
    doors = []
    if peer.host:
        secured = " over TLS" if peer.tls else ""
        doors.append(f"{printable(peer.ae_title)} at {printable(peer.host)}:{peer.port}{secured}")
    if peer.web:
        doors.append(printable(peer.web))
    return f"{printable(peer.name)} ({', '.join(doors)})" if doors else printable(peer.name)
