"""Who is let in and what they may do, as rules without a connection."""

from collections.abc import Collection
from dataclasses import dataclass

from viewer.dicom.uids import EXPLICIT_BIG, TRANSFER_SYNTAXES
from viewer.network.dimse.command import Command, Field, text
from viewer.network.dimse.contexts import NATIVE, STORAGE_COMMITMENT, VERIFICATION, Context
from viewer.network.dimse.negotiation import Rejection, Request
from viewer.network.listening.listener_config import Caller, ListenerConfig, is_own

_STANDARD = "1.2.840.10008."  # what the standard names, services among it
_STORED = (  # of those, what is stored (PS3.4 B.5, GG.3); private classes are all stored
    "1.2.840.10008.5.1.4.1.1.",
    "1.2.840.10008.5.1.4.34.7",
    "1.2.840.10008.5.1.4.34.10",
    "1.2.840.10008.5.1.4.38.1",
    "1.2.840.10008.5.1.4.39.1",
    "1.2.840.10008.5.1.4.43.1",
    "1.2.840.10008.5.1.4.44.1",
    "1.2.840.10008.5.1.4.45.1",
)
# Source and reason of an A-ASSOCIATE-RJ (PS3.8 table 9-21).
_CALLED = Rejection(permanent=True, source=1, reason=7)
_CALLING = Rejection(permanent=True, source=1, reason=3)
_FULL = Rejection(permanent=False, source=3, reason=2)


@dataclass(frozen=True, slots=True)
class Expected:
    """What we have asked for by C-MOVE."""

    studies: frozenset[str] = frozenset()  # all of them
    uids: frozenset[str] = frozenset()  # SOP Instance UIDs


class Gate:
    """The rules of one configuration."""

    def __init__(self, config: ListenerConfig) -> None:
        self._config = config
        # Until somebody is named, this computer may call, to test the door; it may not send unasked.
        self._callers = config.callers or (Caller("this computer", addresses=("127.0.0.1", "::1")),)

    def lets_in(self, address: str) -> bool:
        """Tell whether anybody of an IP address may call."""
        return any(_is_at(each, address) for each in self._callers)

    def caller(self, title: str, address: str) -> Caller | None:
        """Return who an AE title of an address is; None for nobody that may call."""
        found = [each for each in self._callers if each.ae_title in {"", title} and _is_at(each, address)]
        return max(found, key=lambda each: (each.may_send, bool(each.ae_title)), default=None)

    def refusal(self, request: Request, address: str, associations: int) -> tuple[Rejection, str] | None:
        """Return why an association is refused, to the caller and in words; None when it is not."""
        if request.called_ae_title.strip() != self._config.ae_title:
            return _CALLED, "it called another AE title than ours"
        if self.caller(request.calling_ae_title.strip(), address) is None:
            return _CALLING, "it is not one of the peers that may call"
        if associations >= self._config.limits.associations:
            return _FULL, "there are as many associations as we take"
        return None

    def originates_with_us(self, command: Command) -> bool:
        """Tell whether a C-STORE says that it is of a C-MOVE of ours, or says nothing about it."""
        return text(command, Field.ORIGINATOR_AE) in {"", *self._config.own_ae_titles}


def choose(context: Context) -> str:
    """Return the transfer syntax in which we take a proposed context, "" when we do not take it.

    Of several the first is taken: the caller's favourite, and often what the object is.
    """
    abstract, offered = context.abstract_syntax, context.transfer_syntaxes
    if abstract in {VERIFICATION, STORAGE_COMMITMENT}:
        return _first(offered, NATIVE)
    if abstract.startswith(_STANDARD) and not abstract.startswith(_STORED):
        return ""
    little = _first(offered, [uid for uid in TRANSFER_SYNTAXES if uid != EXPLICIT_BIG])
    return little or _first(offered, (EXPLICIT_BIG,))


def _first(offered: Collection[str], taken: Collection[str]) -> str:
    return next((uid for uid in offered if uid in taken), "")


def _is_at(caller: Caller, address: str) -> bool:
    if is_own(address):
        return any(map(is_own, caller.addresses))
    return address in caller.addresses
