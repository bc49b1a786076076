"""Changes of the peers that are set, as functions of settings; and what becomes of a password."""

from dataclasses import replace

from viewer.errors import ViewerError
from viewer.network.credentials import Secrets
from viewer.network.peer import Peer
from viewer.settings import Settings
from viewer.ui.plain_text import single_line


def with_saved(settings: Settings, before: str, peer: Peer) -> Settings:
    """Return settings with a peer in the place of the one called `before`; at the end where there is none.

    One that may send is let in by our own door, too. Raises ViewerError when another has its name.
    """
    others = [each for each in settings.peers if each.name != before]
    if peer.name.casefold() in {each.name.casefold() for each in others}:
        raise ViewerError(f"There is another peer called {single_line(peer.name)}.")
    peers = [peer if each.name == before else each for each in settings.peers]
    if peer not in peers:
        peers.append(peer)
    callers = [peer.name if name == before else name for name in settings.listener.peers]
    if peer.may_send and peer.name not in callers:
        callers.append(peer.name)
    return replace(settings, peers=tuple(peers), listener=replace(settings.listener, peers=tuple(callers)))


def without(settings: Settings, name: str) -> Settings:
    """Return settings without a peer, which is no longer let in either."""
    callers = tuple(each for each in settings.listener.peers if each != name)
    peers = tuple(each for each in settings.peers if each.name != name)
    return replace(settings, peers=peers, listener=replace(settings.listener, peers=callers))


def with_back(settings: Settings, peer: Peer, place: int, *, may_call: bool) -> Settings:
    """Return settings with a deleted peer in its place. Raises ViewerError when another has its name now."""
    if peer.name.casefold() in {each.name.casefold() for each in settings.peers}:
        raise ViewerError(f"There is another peer called {single_line(peer.name)} by now.")
    peers = (*settings.peers[:place], peer, *settings.peers[place:])
    callers = (*settings.listener.peers, *([peer.name] if may_call else []))
    return replace(settings, peers=peers, listener=replace(settings.listener, peers=callers))


def kept(secrets: Secrets, peer: Peer, password: str) -> str:
    """Keep a password for each door of a peer; return what became of it, "" when there is none."""
    if not password:
        return ""
    doors = [web for web, is_there in ((True, peer.web), (False, peer.host)) if is_there]
    lasting = [secrets.keep(peer, password, web=web) for web in doors]
    if all(lasting):
        return "its password is in the keyring of this system."
    return "its password is kept until the program ends, since the keyring of this system does not take it."


def trial(peer: Peer, password: str) -> Secrets:
    """Return secrets for one check with a password that is not saved; they are kept nowhere."""
    secrets = Secrets()
    kept(secrets, peer, password)
    return secrets
