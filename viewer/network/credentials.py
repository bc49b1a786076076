"""Secrets of peers: in the keyring of the operating system, or in memory, never in a file of ours."""

import base64
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError

from viewer.dicom.text import printable
from viewer.network.failure import Cause, NetworkError
from viewer.network.origin import origin_of
from viewer.network.peer import Peer

SERVICE = "Negatoscope"
# The stores of operating systems; others that can be installed beside them keep secrets in plain files.
_STORES = ("SecretService", "kwallet", "libsecret", "macOS", "Windows")

Ask = Callable[[Peer], "str | None"]  # asks the user for the secret of a peer; None: not given


@dataclass(frozen=True, slots=True)
class Basic:
    """A user name and a password (RFC 7617)."""

    user: str
    password: str = field(repr=False)

    @property
    def header(self) -> str:
        """Return the value of Authorization."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token (RFC 6750)."""

    token: str = field(repr=False)

    @property
    def header(self) -> str:
        """Return the value of Authorization. Raises NetworkError when it is no token."""
        if not self.token or not all("!" <= letter <= "~" for letter in self.token):
            raise NetworkError("The token is none: it holds spaces or other letters.", Cause.CREDENTIALS)
        return f"Bearer {self.token}"


Secret = Basic | Bearer


def system_keyring() -> KeyringBackend | None:
    """Return the keyring of the operating system, None when there is none, as without a desktop."""
    try:
        found = keyring.get_keyring()
        candidates: list[KeyringBackend] = [
            found,
            *getattr(found, "backends", ()),
        ]  # a chain of several asks each in turn
    except (KeyringError, RuntimeError, OSError):
        return None
    for each in candidates:
        package, _, module = type(each).__module__.rpartition(".")
        if package == "keyring.backends" and module in _STORES:
            return each
    return None


def refused(_peer: Peer) -> None:
    """Answer a question for a secret where nobody can be asked."""
    return


class Secrets:
    """The secrets of peers: each of a server and a user, so that a changed address never gets an old one."""

    def __init__(self, ask: Ask = refused, store: KeyringBackend | None = None) -> None:
        self._ask = ask
        self._store = store
        self._session: dict[tuple[str, str], str] = {}

    @property
    def lasting(self) -> bool:
        """Tell whether secrets outlive the program."""
        return self._store is not None

    def web(self, peer: Peer) -> Secret | None:
        """Return what to show at a peer's DICOMweb door: a password of its `user`, a token without one.

        The user is asked for a password that is not known. None: the door is tried without. Raises
        NetworkError when there is a user and no password.
        """
        place = str(origin_of(peer.web))
        text = self._known(place, peer.user)
        if not peer.user:
            return Bearer(text) if text else None
        return Basic(peer.user, text if text is not None else self._asked(peer, place))

    def dimse(self, peer: Peer) -> str:
        """Return the passcode of a peer's `user` (PS3.7 D.3.3.7), "" when none is kept."""
        return self._known(_dimse_place(peer), peer.user) or ""

    def keep(self, peer: Peer, secret: str, *, web: bool = True) -> bool:
        """Keep a secret of a peer; return whether it outlives the program."""
        place = str(origin_of(peer.web)) if web else _dimse_place(peer)
        return self._keep(place, peer.user, secret)

    def forget(self, peer: Peer) -> None:
        """Drop what is kept of a peer, as after its password was refused."""
        places = [_dimse_place(peer), *([str(origin_of(peer.web))] if peer.web else [])]
        for place in places:
            self._drop(place, peer.user)

    def _drop(self, place: str, user: str) -> None:
        self._session.pop((place, user), None)
        if self._store is not None:
            with contextlib.suppress(KeyringError, RuntimeError, OSError):  # none there, or it stays locked
                self._store.delete_password(SERVICE, _entry(place, user))

    def forget_refused(self, peer: Peer, error: NetworkError) -> bool:
        """Drop a password that a DICOMweb door said no to; return whether there was one."""
        if error.cause is not Cause.CREDENTIALS or error.status != HTTPStatus.UNAUTHORIZED or not peer.user:
            return False
        place = str(origin_of(peer.web))
        known = self._known(place, peer.user) is not None
        self._drop(place, peer.user)
        return known

    def _asked(self, peer: Peer, place: str) -> str:
        answer = self._ask(peer)
        if answer is None:
            raise NetworkError(
                f"{printable(peer.name)}: the password of {printable(peer.user)} is needed.",
                Cause.CREDENTIALS,
            )
        self._session[place, peer.user] = answer
        return answer

    def _known(self, place: str, user: str) -> str | None:
        key = (place, user)
        if key not in self._session and self._store is not None:
            try:
                found = self._store.get_password(SERVICE, _entry(place, user))
            except (
                KeyringError,
                RuntimeError,
                OSError,
            ):  # locked, and the user did not open it: ask for ours
                found = None
            if found is not None:
                self._session[key] = found
        return self._session.get(key)

    def _keep(self, place: str, user: str, secret: str) -> bool:
        self._session[place, user] = secret
        if self._store is None:
            return False
        try:
            self._store.set_password(SERVICE, _entry(place, user), secret)
        except (KeyringError, RuntimeError, OSError):
            return False
        return True


def _dimse_place(peer: Peer) -> str:
    return f"dicom://{peer.host.lower()}:{peer.port}/{peer.ae_title}"


def _entry(place: str, user: str) -> str:
    """Return what an entry of the keyring is called; people see it there."""
    return f"{user} at {place}" if user else f"token for {place}"
